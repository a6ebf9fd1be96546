"""The report as one HTML file that needs nothing else: no script, no network, figures inside."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from holdfast.research.report.content import Document, plain

LARGEST_SVG = 400_000
"""Bytes; a figure of more points is put in as PNG, which a browser draws at once."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def as_html(document: Document, files: Mapping[str, Mapping[str, Path]]) -> str:
    """The whole report; `files` are the figures' paths by name and format."""
    shown = {name: _source(paths) for name, paths in files.items()}
    return _TEMPLATES.get_template("report.html").render(report=plain(document), source=shown)


def _source(paths: Mapping[str, Path]) -> str:
    kind, mime = ("svg", "image/svg+xml")
    if paths["svg"].stat().st_size > LARGEST_SVG:
        kind, mime = ("png", "image/png")
    return f"data:{mime};base64,{base64.b64encode(paths[kind].read_bytes()).decode('ascii')}"
