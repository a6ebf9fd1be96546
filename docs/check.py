"""Is the documentation true today? Part of ``make check``; with ``--write`` it writes what is generated.

Checks that every link inside the repository leads somewhere, that the table of settings is the one
in the code, that every command has its place in the manual, and that the published JSON Schema and
the list of routes are current.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import typer
from typer.main import get_command

from holdfast.app.settings import Settings
from holdfast.cli.main import app

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


def settings_table() -> str:
    """The table of all settings."""
    lines = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for field in Settings.model_fields.values():
        default = "" if field.default is None or field.default == "" else f"`{field.default}`"
        lines.append(f"| `{field.alias}` | {default} | {field.description} |")
    return "\n".join(lines)


def commands() -> list[str]:
    """Every command of the command line, as it is typed."""
    found: list[str] = []

    def walk(command: object, path: str) -> None:
        children = getattr(command, "commands", {})
        if not children:
            found.append(path)
        for name, child in children.items():
            walk(child, f"{path} {name}")

    walk(get_command(app), "holdfast")
    return found


def broken_links() -> list[str]:
    """Links in Markdown files that lead nowhere inside the repository."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    found = [(page, target) for page in pages for target in _targets(page)]
    return [
        f"{page.relative_to(ROOT)}: {target} leads nowhere"
        for page, target in found
        if not _leads(page, target)
    ]


def _targets(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))


def _leads(page: Path, target: str) -> bool:
    return "://" in target or target.startswith("mailto:") or (page.parent / target).exists()


def problems() -> list[str]:
    """Everything that is not true."""
    found = broken_links()
    configuration = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    if settings_table() not in configuration:
        found.append(
            "docs/configuration.md: the table of settings is not current (python docs/check.py --write)"
        )
    manual = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    found += [f"docs/commands.md: {name} is missing" for name in commands() if f"`{name}" not in manual]
    return found


def write() -> None:
    """Write the generated parts."""
    page = ROOT / "docs/configuration.md"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{settings_table()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    for line in problems():
        typer.echo(line, err=True)
    sys.exit(1 if problems() else 0)
