"""Item banks in QTI 3: items with one single-choice interaction and one correct response.

A package is a zip of such files; its manifest is not needed to read it. QTI has no place for item
parameters that every tool agrees on, so a package may carry them in ``parameters.csv`` (by `id`). Text is
taken as plain text; images and formulas are refused, because a question without them would be another one.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.banks import csv_bank
from holdfast.programs.adaptive_test.banks.qti_writing import PARAMETERS, render
from holdfast.programs.adaptive_test.banks.record import Record
from holdfast.programs.adaptive_test.question import Problem

LARGEST_ITEM = 4 * 1024 * 1024
LARGEST_PACKAGE = 256 * 1024 * 1024
MOST_ITEMS = 50_000
_NOT_TEXT = {"img", "picture", "object", "audio", "video", "math", "svg", "table", "qti-media-interaction"}
_BLOCKS = {"p", "div", "li", "br", "qti-prompt", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}

__all__ = ["records", "render"]


class _Refused(Exception):
    """An item that is not a single-choice question; the field and why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def records(raw: bytes, name: str) -> tuple[list[Record], dict[str, Any]]:
    """The records of an item file or a package.

    Raises:
        InvalidInput: a package that cannot be read or is far too large.
    """
    if not raw.startswith(b"PK"):
        return [_record(raw, name)], {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            return _of_package(package, name), {}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InvalidInput(f"is no readable zip file: {error}", field=name) from error


def _of_package(package: zipfile.ZipFile, name: str) -> list[Record]:
    infos = [info for info in package.infolist() if not info.is_dir()]
    if len(infos) > MOST_ITEMS or sum(info.file_size for info in infos) > LARGEST_PACKAGE:
        raise InvalidInput("unpacks to far too much", field=name)
    known: dict[str, dict[str, Any]] = {}
    found = []
    for info in infos:
        if info.filename.rsplit("/", 1)[-1] == PARAMETERS:
            known = csv_bank.parameters(package.read(info), f"{name}!{info.filename}")
        elif info.filename.lower().endswith(".xml") and info.file_size <= LARGEST_ITEM:
            content = package.read(info)
            if b"qti-assessment-item" in content:
                found.append(_record(content, f"{name}!{info.filename}"))
    if not found:
        raise InvalidInput("holds no qti-assessment-item", field=name)
    return [Record(r.where, r.values | known.get(r.values.get("id", ""), {}), r.problem) for r in found]


def _record(raw: bytes, where: str) -> Record:
    try:
        root = fromstring(raw, forbid_dtd=True)
        return Record(where, _values(root))
    except _Refused as refused:
        return Record(where, problem=Problem(where, refused.field, refused.message))
    except ParseError as error:
        line, column = error.position
        return Record(
            where, problem=Problem(f"{where} line {line}", "", f"is not well formed (column {column})")
        )
    except RecursionError:
        return Record(where, problem=Problem(where, "", "is nested too deeply"))
    except (DefusedXmlException, ValueError) as error:
        return Record(where, problem=Problem(where, "", f"is refused: {error}"))


def _values(root: Element) -> dict[str, Any]:
    if _name(root) != "qti-assessment-item":
        raise _Refused("", f"the root must be qti-assessment-item, not {_name(root)}")
    interaction = _interaction(root)
    choices = [part for part in interaction.iter() if _name(part) == "qti-simple-choice"]
    by_id = {choice.get("identifier", ""): _text(choice) for choice in choices}
    if len(by_id) != len(choices) or "" in by_id:
        raise _Refused("qti-simple-choice", "every choice needs an identifier of its own")
    correct = _correct(root, interaction.get("response-identifier", ""))
    if correct not in by_id:
        raise _Refused("qti-correct-response", f"{correct!r} is none of the choices")
    body = next((part for part in root.iter() if _name(part) == "qti-item-body"), root)
    values = {
        "id": root.get("identifier", ""),
        "content": _text(body, without=choices),
        "options": list(by_id.values()),
        "correct_answer": by_id[correct],
    }
    if not values["content"]:
        values["content"] = root.get("title", "")
    return values


def _interaction(root: Element) -> Element:
    found = [part for part in root.iter() if _name(part).endswith("-interaction")]
    if len(found) != 1 or _name(found[0]) != "qti-choice-interaction":
        kinds = ", ".join(_name(part) for part in found) or "none"
        raise _Refused("qti-choice-interaction", f"one single-choice interaction is needed, found {kinds}")
    if found[0].get("max-choices", "1") != "1":
        raise _Refused("max-choices", "must be 1: only single choice is understood")
    return found[0]


def _correct(root: Element, response: str) -> str:
    for declaration in root:
        if _name(declaration) == "qti-response-declaration" and declaration.get("identifier") == response:
            if declaration.get("cardinality") != "single":
                raise _Refused("cardinality", "must be single")
            values = [part for part in declaration.iter() if _name(part) == "qti-value"]
            correct = [part for part in declaration if _name(part) == "qti-correct-response"]
            if len(correct) != 1 or len(values) != 1:
                raise _Refused("qti-correct-response", "one correct response is needed")
            return (values[0].text or "").strip()
    raise _Refused("qti-response-declaration", f"there is none for {response!r}")


def _name(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _text(element: Element, without: list[Element] | None = None) -> str:
    """The plain text of an element: blocks on lines of their own, other white space collapsed."""
    parts: list[str] = []
    _collect(element, parts, {id(part) for part in without or ()})
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _collect(element: Element, parts: list[str], skipped: set[int]) -> None:
    name = _name(element)
    if name in _NOT_TEXT:
        raise _Refused(name, "only text is understood; the question would be another one without this")
    edge = "\n" if name in _BLOCKS else ""
    parts += [edge, (element.text or "").replace("\n", " ")]
    for child in element:
        if id(child) not in skipped and not _name(child).startswith(("qti-feedback", "qti-rubric")):
            _collect(child, parts, skipped)
        parts.append((child.tail or "").replace("\n", " "))
    parts.append(edge)
