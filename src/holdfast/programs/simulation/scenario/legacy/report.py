"""The report of an import, for people: what was taken over and, field by field, what was not."""

from __future__ import annotations

from textwrap import fill

from holdfast.programs.simulation.scenario.legacy.conversion import Conversion
from holdfast.programs.simulation.scenario.legacy.ledger import Note

_HEADS = {
    "not_expressed": "Not expressed (left out)",
    "approximated": "Approximated (in the scenario, but not as it was)",
    "defaulted": "Defaulted (absent in the file, filled in)",
}
_WIDTH = 100


def render_report(conversion: Conversion) -> str:
    """The report as plain text: totals, then every note by kind, in the order of the old file."""
    scenario = conversion.scenario
    totals = ", ".join(
        f"{len(things)} {name}"
        for name, things in (
            ("states", scenario.states),
            ("transitions", scenario.transitions),
            ("treatments", scenario.treatments),
            ("findings", scenario.findings),
            ("checklist items", scenario.checklist),
            ("decision points", scenario.decision_points),
            ("challenge points", scenario.challenge_points),
        )
    )
    lines = [
        f"{scenario.metadata.title} ({scenario.id}, version {scenario.version})",
        fill(f"Made: {totals}.", _WIDTH),
    ]
    lines.append(f"Values taken over: {len(conversion.mapped)}. Notes: {len(conversion.notes)}.")
    for outcome, head in _HEADS.items():
        notes = [note for note in conversion.notes if note.outcome == outcome]
        if notes:
            lines += ["", f"{head}: {len(notes)}"]
            lines += [
                line for message, fields in _by_message(notes).items() for line in _told(message, fields)
            ]
    return "\n".join(lines) + "\n"


def _by_message(notes: list[Note]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for note in notes:
        fields.setdefault(note.message, []).append(note.field)
    return fields


def _told(message: str, fields: list[str]) -> list[str]:
    return [
        fill(message, _WIDTH, initial_indent="- ", subsequent_indent="  "),
        *(f"    {field}" for field in fields),
    ]
