"""``manifest.json``: what is in a bundle, where it came from, and what its files weigh and hash to."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from holdfast import __version__
from holdfast.kit.errors import InvalidInput
from holdfast.research.export.staging import MANIFEST

FORMAT = "holdfast-bundle/1"
LIBRARIES = ("numpy", "scipy", "polars", "pyreadstat", "rustpy-xlsxwriter", "matplotlib")
_CHUNK = 1 << 20


def versions() -> dict[str, str]:
    """The software that made a bundle; the same versions make the same bytes."""
    return {
        "holdfast": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def sha256(path: Path) -> str:
    """The hash of a file, in hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            found.update(part)
    return found.hexdigest()


def files_in(bundle: Path) -> list[Path]:
    """Every file of a bundle but the manifest, sorted by name."""
    return sorted(path for path in bundle.rglob("*") if path.is_file() and path != bundle / MANIFEST)


def write_manifest(bundle: Path, facts: Mapping[str, Any], rows: Mapping[str, int]) -> None:
    """Write the manifest of a bundle whose files all stand.

    Args:
        bundle: the directory.
        facts: all but the files: what was found, versions, seed, notices, ...
        rows: rows of a file by its name within the bundle, where that means something.
    """
    files = {}
    for path in files_in(bundle):
        name = path.relative_to(bundle).as_posix()
        files[name] = {"bytes": path.stat().st_size, "sha256": sha256(path)}
        if name in rows:
            files[name]["rows"] = rows[name]
    document = {"format": FORMAT, **facts, "files": files}
    (bundle / MANIFEST).write_bytes(
        orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )


def read_manifest(bundle: Path) -> dict[str, Any]:
    """The manifest of a bundle.

    Raises:
        InvalidInput: there is none, or of another form.
    """
    try:
        document = orjson.loads((bundle / MANIFEST).read_bytes())
    except OSError as error:
        raise InvalidInput(f"is no bundle: {MANIFEST} cannot be read", field=str(bundle)) from error
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{MANIFEST} is no JSON", field=str(bundle)) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InvalidInput(f"{MANIFEST} is not of the form {FORMAT}", field=str(bundle))
    return document


def differences(bundle: Path) -> Iterable[str]:
    """What in a bundle is not as its manifest says, a line each; nothing when all is.

    Raises:
        InvalidInput: there is no manifest.
    """
    told = read_manifest(bundle)["files"]
    there = {path.relative_to(bundle).as_posix(): path for path in files_in(bundle)}
    yield from (f"{name}: is missing" for name in sorted(told.keys() - there.keys()))
    yield from (f"{name}: is not in the manifest" for name in sorted(there.keys() - told.keys()))
    for name in sorted(told.keys() & there.keys()):
        if sha256(there[name]) != told[name]["sha256"]:
            yield f"{name}: was changed"
