"""The report as a PDF, set by Typst from a wheel: tagged for screen readers, the same bytes each time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst

from holdfast.research.report.content import Document, plain

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_STANDARD = "ua-1"
"""PDF/UA-1: headings, tables and figures are marked up, every figure has its words."""


def as_pdf(document: Document, files: Mapping[str, Mapping[str, Path]], moment: datetime | None) -> bytes:
    """The whole report on A4.

    Fonts are those inside Typst and Matplotlib, never the machine's, so that the pages do not depend
    on it. `moment` becomes the creation date; without one it is the beginning of 1970.
    """
    content = plain(document)
    content["images"] = {name: paths["svg"].read_text("utf-8") for name, paths in files.items()}
    compile_pages: Any = typst.compile
    made: bytes = compile_pages(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=[str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(content, ensure_ascii=False)},
        pdf_standards=_STANDARD,
        timestamp=moment or datetime(1970, 1, 1, tzinfo=UTC),
    )
    return made
