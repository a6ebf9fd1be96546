"""A figure as files: PNG at 300 dpi, PDF and SVG with their fonts inside, the same bytes each time."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

from holdfast.research.figures.piece import Drawn

FORMATS = ("png", "pdf", "svg")


def save(piece: Drawn, directory: Path) -> dict[str, Path]:
    """Write the figure in every format; the path of each.

    No file holds a date: a figure of the same data has the same bytes on the same versions.
    """
    paths = {}
    with warnings.catch_warnings():
        # A title in a script that the font lacks is drawn as boxes; the table beside it has the words.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        for kind in FORMATS:
            paths[kind] = directory / f"{piece.name}.{kind}"
            piece.figure.savefig(paths[kind], format=kind, metadata=_metadata(kind, piece))
            # The first drawing placed everything; placing it again would take most of the time.
            piece.figure.set_layout_engine("none")
    return paths


def _metadata(kind: str, piece: Drawn) -> Mapping[str, str | None]:
    if kind == "png":
        return {"Title": piece.title, "Description": piece.alt}
    if kind == "pdf":
        return {"Title": piece.title, "Subject": piece.alt, "CreationDate": None}
    return {"Title": piece.title, "Description": piece.alt, "Date": None}
