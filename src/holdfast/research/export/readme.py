"""``README.txt`` of a bundle: what it is, how many there were, how each program reads it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from holdfast.research.export.codebook_files import Described
from holdfast.research.export.notices import Notice

_FILES = {
    "README.txt": "this page",
    "manifest.json": "counts, versions, seed, hash of the plan, SHA-256 of every file",
    "codebook": "codebook.html for people, dataset_description.json (Psych-DS) for programs",
    "parquet": "the dataset with its types; every other file of data is made from it",
    "csv": "the same tables as CSV",
    "student_data_analysis.xlsx": "the same tables as sheets, the arms side by side, the tests, the codebook",
    "spss": "the same tables with labels, .sav",
    "stata": "the same tables with labels, .dta",
    "plan.toml": "what was planned",
    "results.json": "every number that was found, with every digit",
    "report_numbers.csv": "the numbers that the scripts have to reach",
    "resampling_draws.csv": "what permutations and bootstraps drew",
    "ab_testing_report.txt": "the report as text",
    "report.html": "the report as a page",
    "report.pdf": "the report for print",
    "figures": "each figure as PNG, PDF and SVG",
    "analysis.R": "computes the numbers again from these files, in R",
    "analysis.py": "computes the numbers again from these files, in Python",
}
_ALWAYS = ("README.txt", "manifest.json")

_READING = """A gap means missing, never zero. A score is missing when nothing was scored.
Durations are in seconds, times in UTC.

CSV      UTF-8, comma, CRLF, quotes doubled. Missing is an empty field, an empty text is "".
         A text that a spreadsheet would run as a formula (it begins with = + - @, a tab or a line break)
         has one apostrophe in front; take one apostrophe away to have it as it was. Numbers are untouched.
         R:      read.csv("csv/students_overview.csv", na.strings = "", fileEncoding = "UTF-8")
         Python: polars.read_csv("csv/students_overview.csv")
         The types of the columns stand in the codebook; "007" is a text there.
Excel    Open the workbook, not the CSV. Each header has a note. A text longer than a cell may be goes on
         in the next columns (name_2, name_3, ...). An empty text looks like a missing one.
SPSS     spss/*.sav; a gap in a text is an empty text.
         R: haven::read_sav("spss/performance_metrics.sav")
Stata    stata/*.dta (version 14); a closed category is a number with the code and its meaning as label."""


def readme(
    facts: Mapping[str, Any],
    tables: Sequence[Described],
    notices: Sequence[Notice],
    kind: Sequence[str],
    there: Collection[str],
) -> str:
    """The text.

    Args:
        facts: the manifest's, with ``title``, ``snapshot_time``, ``intake`` among them.
        tables: of the bundle.
        notices: what a format could not hold as it was.
        kind: sentences on who can be recognised in it.
        there: the names that stand in the bundle.
    """
    lines = [str(facts["title"]), "=" * len(str(facts["title"])), ""]
    lines += [f"State of the data: {facts['snapshot_time']}", *kind, ""]
    lines += ["RECORDS", "", *reconciliation(facts["intake"]), ""]
    if "refused" in facts["analysis"]:
        lines += ["ANALYSIS", "", f"There is none: {facts['analysis']['refused']}", ""]
    files = [f"{name:<28}{what}" for name, what in _FILES.items() if name in {*_ALWAYS, *there}]
    lines += ["FILES", "", *files, "", "READING", "", _READING, "", "TABLES", ""]
    width = max((len(each.table.name) for each in tables), default=0)
    lines += [
        f"{each.table.name:<{width}}  {each.rows:>9,} rows; one is {each.table.one_row_is}" for each in tables
    ]
    if notices:
        lines += ["", "WHAT A FORMAT COULD NOT HOLD AS IT WAS", ""]
        lines += [
            f"{one.file}: {one.table}.{one.variable}, {one.count} values: {one.what}" for one in notices
        ]
    lines += ["", "No licence is given here for the data; who shares it says under which it is.", ""]
    return "\n".join(lines)


def reconciliation(intake: Mapping[str, Any]) -> list[str]:
    """Found = loaded + quarantined + duplicates + excluded, in lines."""
    excluded: Mapping[str, int] = intake["excluded"]
    lines = [
        f"found        {intake['found']:>9,}",
        f"loaded       {intake['loaded']:>9,}",
        f"quarantined  {len(intake['quarantined']):>9,}",
        f"duplicates   {len(intake['duplicates']):>9,}",
        f"excluded     {sum(excluded.values()):>9,}",
    ]
    return lines + [f"  {reason}: {count:,}" for reason, count in sorted(excluded.items())]
