"""Writing a bank as a QTI 3 package: one item a file, a manifest, and the parameters beside them."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from holdfast.programs.adaptive_test.banks import csv_bank

PARAMETERS = "parameters.csv"
ITEM_NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
MANIFEST_NAMESPACE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
ITEM_TYPE = "imsqti_item_xmlv3p0"
_TEMPLATE = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"
_KEPT = ("id", "concepts", *csv_bank.NUMBERS, "status", "content_area", "enemies")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def render(pool: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    """The bank as a zip package; the same bank gives the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:

        def write(name: str, content: bytes) -> None:
            package.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)

        names = [f"items/item-{number}.xml" for number in range(1, len(rows) + 1)]
        write("imsmanifest.xml", _manifest(names).encode())
        write(PARAMETERS, csv_bank.render(pool, rows, _KEPT))
        for name, row in zip(names, rows, strict=True):
            write(name, _item(row).encode())
    return file.getvalue()


def _manifest(names: list[str]) -> str:
    resources = "\n".join(
        f'    <resource identifier="item-{number}" type="{ITEM_TYPE}" href="{name}">'
        f'<file href="{name}"/></resource>'
        for number, name in enumerate(names, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<manifest xmlns="{MANIFEST_NAMESPACE}" identifier="holdfast-bank">\n'
        "  <metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata>\n"
        f"  <organizations/>\n  <resources>\n{resources}\n  </resources>\n</manifest>\n"
    )


def _item(row: dict[str, Any]) -> str:
    names = [f"choice-{number}" for number in range(1, len(row["options"]) + 1)]
    correct = names[row["options"].index(row["correct_answer"])]
    choices = "\n".join(
        f'      <qti-simple-choice identifier="{name}">{_lines(option)}</qti-simple-choice>'
        for name, option in zip(names, row["options"], strict=True)
    )
    title = quoteattr(row["content"].split("\n")[0][:200])
    paragraphs = "\n".join(f"    <p>{escape(line)}</p>" for line in row["content"].split("\n"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<qti-assessment-item xmlns="{ITEM_NAMESPACE}" identifier={quoteattr(row["id"])} title={title}'
        ' adaptive="false" time-dependent="false" xml:lang="en">\n'
        '  <qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="identifier">\n'
        f"    <qti-correct-response><qti-value>{correct}</qti-value></qti-correct-response>\n"
        "  </qti-response-declaration>\n"
        '  <qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>\n'
        f"  <qti-item-body>\n{paragraphs}\n"
        '    <qti-choice-interaction response-identifier="RESPONSE" max-choices="1">\n'
        f"{choices}\n    </qti-choice-interaction>\n  </qti-item-body>\n"
        f'  <qti-response-processing template="{_TEMPLATE}"/>\n</qti-assessment-item>\n'
    )


def _lines(text: str) -> str:
    return "<br/>".join(escape(line) for line in text.split("\n"))
