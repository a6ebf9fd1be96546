"""The codebook twice: a page for people, and Psych-DS ``dataset_description.json`` for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import orjson

from holdfast.core.codebook import Kind, Table, Variable


@dataclass(frozen=True, slots=True)
class Described:
    """One table as it stands in a bundle: what it is, and how many rows it has."""

    table: Table
    rows: int


WORDS = {
    Kind.IDENTIFIER: "identifier",
    Kind.DIRECT: "direct identifier",
    Kind.CATEGORY: "category",
    Kind.TEXT: "text",
    Kind.FREE_TEXT: "free text",
    Kind.INTEGER: "whole number",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "yes or no",
    Kind.MOMENT: "time (UTC)",
}


def dataset_description(tables: Sequence[Described], facts: Mapping[str, str]) -> bytes:
    """``dataset_description.json`` as Psych-DS 1 wants it.

    Args:
        tables: in the order of the bundle.
        facts: ``name``, ``description``, ``version`` of the dataset, ``created`` (the snapshot's time).
    """
    document = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": facts["name"],
        "description": facts["description"],
        "schemaVersion": "Psych-DS 1.0.0",
        "version": facts["version"],
        "dateCreated": facts["created"],
        "variableMeasured": [
            _property(described, variable) for described in tables for variable in described.table.variables
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _property(described: Described, variable: Variable) -> dict[str, Any]:
    table = described.table
    found: dict[str, Any] = {
        "@type": "PropertyValue",
        "name": variable.name,
        "identifier": f"{table.name}.{variable.name}",
        "description": variable.label,
        "measurementTechnique": f"{WORDS[variable.kind]}, {variable.level.value}",
    }
    if variable.unit:
        found["unitText"] = variable.unit
    if variable.low is not None:
        found["minValue"] = variable.low
    if variable.high is not None:
        found["maxValue"] = variable.high
    if variable.values:
        found["valueReference"] = [
            {"@type": "PropertyValue", "value": code, "name": meaning}
            for code, meaning in variable.values.items()
        ]
    if variable.missing:
        found["additionalProperty"] = {
            "@type": "PropertyValue",
            "name": "missing value",
            "value": variable.missing,
        }
    return found


def page(tables: Sequence[Described], facts: Mapping[str, str]) -> str:
    """``codebook.html``: one file without anything outside it."""
    contents = "".join(
        f'<li><a href="#{escape(each.table.name)}">{escape(each.table.name)}</a>'
        f" <span>{each.rows:,} rows</span></li>"
        for each in tables
    )
    sections = "".join(_section(each) for each in tables)
    title = escape(facts["name"])
    return _PAGE.format(
        title=title,
        description=escape(facts["description"]),
        created=escape(facts["created"]),
        style=_STYLE,
        contents=contents,
        sections=sections,
    )


def _section(described: Described) -> str:
    table = described.table
    rows = "".join(_row(variable, key=variable.name in table.key) for variable in table.variables)
    return (
        f'<section id="{escape(table.name)}"><h2>{escape(table.name)}</h2>'
        f"<p>One row is {escape(table.one_row_is)}. {described.rows:,} rows,"
        f" {len(table.variables)} variables. Sheet: {escape(table.sheet)}.</p>"
        '<div class="wide"><table><thead><tr><th scope="col">Variable</th><th scope="col">Meaning</th>'
        '<th scope="col">Holds</th><th scope="col">Range and codes</th><th scope="col">When empty</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div></section>"
    )


def _row(variable: Variable, *, key: bool) -> str:
    holds = WORDS[variable.kind] + (f", in {variable.unit}" if variable.unit else "")
    codes = "".join(
        f"<dt>{escape(code)}</dt><dd>{escape(meaning)}</dd>" for code, meaning in variable.values.items()
    )
    range_ = escape(range_of(variable)) + (f"<dl>{codes}</dl>" if codes else "")
    mark = ' <abbr title="part of the key that names a row">key</abbr>' if key else ""
    return (
        f'<tr><th scope="row"><code>{escape(variable.name)}</code>{mark}</th>'
        f"<td>{escape(variable.label)}</td><td>{escape(holds)}</td><td>{range_}</td><td>{escape(variable.missing)}</td></tr>"
    )


def range_of(variable: Variable) -> str:
    """The possible values of a number in words; empty when nothing is said."""
    low, high = variable.low, variable.high
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"at least {low:g}"
    return "" if high is None else f"at most {high:g}"


_STYLE = """
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5a6675;--line:#d7dee6;--paper:#fff;
--band:#f4f7fa;--link:#1f5f99}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf1;--soft:#9aa7b5;--line:#33404d;--paper:#12181f;
--band:#1a222b;--link:#7fb6e6}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:2.5rem 1.25rem 5rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5rem}h2{font-size:1.25rem;margin:3rem 0 .25rem}
p{margin:.25rem 0 .75rem;color:var(--soft)}a{color:var(--link)}
ol{columns:18rem;padding-left:1.4rem;margin:1.25rem 0}ol span{color:var(--soft);font-size:.85rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem;border-bottom:1px solid var(--line)}
thead th{border-bottom:2px solid var(--line);font-weight:600;white-space:nowrap}
tbody tr:nth-child(even){background:var(--band)}tbody th{font-weight:400}
code{font:600 .88rem ui-monospace,Menlo,Consolas,monospace}
abbr{font-size:.72rem;border:1px solid var(--line);border-radius:.25rem;padding:0 .3rem;text-decoration:none;
color:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:0 .6rem;margin:0}
dt{font:.85rem ui-monospace,Menlo,Consolas,monospace}dd{margin:0;color:var(--soft)}
@media print{section{break-inside:avoid-page}body{font-size:10pt}}
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>Codebook: {title}</title><style>{style}</style></head>
<body><main><h1>{title}: codebook</h1><p>{description}</p><p>State of the data: {created}.</p>
<nav aria-label="Tables"><ol>{contents}</ol></nav>{sections}</main></body></html>
"""
