"""Is the documentation true today? Part of ``make check``; with ``--write`` it writes what is generated.

Checks that every link inside the repository leads somewhere, that the table of settings is the one
in the code, that every command has its place in the manual, that commands, options and targets of the
Makefile which a page tells a reader to type exist, that the table of routes and their roles is the
application's, and that the published JSON Schema is current.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from holdfast.app.server import create_app
from holdfast.app.services import build
from holdfast.app.settings import Settings
from holdfast.cli.main import app
from holdfast.programs.simulation.scenario.publishing import schema_text
from holdfast.web.security import api_routes, declared_roles

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"
ROUTE = re.compile(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/\S+)` \| ([a-z, ]+) \|", re.MULTILINE)
TYPED = re.compile(r"(?:^|[\s`($])(?:\.venv/bin/)?(holdfast (?:[a-z]|--)[^`\n|#)]*)", re.MULTILINE)
TARGET = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)


def pages() -> list[Path]:
    """Every Markdown page."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def settings_table() -> str:
    """The table of all settings."""
    lines = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for field in Settings.model_fields.values():
        default = "" if field.default is None or field.default == "" else f"`{field.default}`"
        lines.append(f"| `{field.alias}` | {default} | {field.description} |")
    return "\n".join(lines)


def commands() -> dict[str, set[str]]:
    """Every command of the command line, as it is typed, with its options."""
    found: dict[str, set[str]] = {}

    def walk(command: Any, path: str) -> None:
        names = command.list_commands(None) if hasattr(command, "list_commands") else ()
        children = {name: command.get_command(None, name) for name in names}
        options = {
            name for parameter in command.params for name in [*parameter.opts, *parameter.secondary_opts]
        }
        if not children or path == "holdfast":
            found[path] = options | {"--help"}
        for name, child in children.items():
            walk(child, f"{path} {name}")

    walk(get_command(app), "holdfast")
    return found


def routes() -> dict[str, frozenset[str]]:
    """Every described route of the application, such as ``GET /api/health``, with its roles."""
    settings = Settings(
        _env_file=None, HOLDFAST_SECRET="-" * 40, HOLDFAST_ENCRYPTION_KEY="0" * 64, AGENT="scripted"
    )  # type: ignore[call-arg]
    application = create_app(build(settings, "postgresql://nowhere/none", "redis://nowhere"))
    return {
        f"{method} {route.path}": frozenset(role.value for role in declared_roles(route))
        for route in api_routes(application.routes)
        if route.include_in_schema
        for method in route.methods
    }


def broken_links() -> Iterator[str]:
    """Links in Markdown files that lead nowhere inside the repository."""
    for page in pages():
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            inside = "://" not in target and not target.startswith("mailto:")
            if inside and not (page.parent / target).exists():
                yield f"{page.relative_to(ROOT)}: {target} leads nowhere"


def unknown_commands() -> Iterator[str]:
    """Commands, options and make targets on a page that do not exist."""
    known = commands()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in pages():
        text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT)
        yield from (f"{name}: make {t} is no target" for t in sorted(set(TARGET.findall(text)) - targets))
        for typed in TYPED.findall(text):
            # The longest command that the line begins with; `cohort create|list` stands for both.
            words = re.split(r"[\s|]+", typed.strip())
            best = max(
                (c for c in known if words[: len(c.split())] == c.split()), key=len, default="holdfast"
            )
            options = {option.split("=")[0] for option in words if option.startswith("--")}
            if best == "holdfast" and len(words) > 1 and not words[1].startswith("--"):
                groups = {command.split()[1] for command in known if " " in command}
                if words[1] not in groups:
                    yield f"{name}: there is no command {typed.strip()!r}"
                continue
            yield from (f"{name}: {best} has no {option}" for option in sorted(options - known[best]))


def wrong_routes() -> Iterator[str]:
    """Routes that the guide does not describe, describes with other roles, or invents."""
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    told = {f"{method} {path}": frozenset(roles.split(", ")) for method, path, roles in ROUTE.findall(text)}
    real = routes()
    for name in sorted(told.keys() | real.keys()):
        if told.get(name) != real.get(name):
            yield f"docs/api.md: {name} is told as {_words(told.get(name))}, it is {_words(real.get(name))}"


def _words(roles: frozenset[str] | None) -> str:
    return "nothing" if roles is None else ", ".join(sorted(roles))


def problems() -> Iterator[str]:
    """Everything that is not true."""
    yield from broken_links()
    yield from unknown_commands()
    yield from wrong_routes()
    if settings_table() not in (ROOT / "docs/configuration.md").read_text(encoding="utf-8"):
        yield "docs/configuration.md: the table of settings is not current (python docs/check.py --write)"
    if schema_text() != (ROOT / "docs/scenario.schema.json").read_text(encoding="utf-8"):
        yield "docs/scenario.schema.json is not current (python docs/check.py --write)"
    manual = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    yield from (f"docs/commands.md: {c} is missing" for c in commands() if f"`{c}" not in manual)


def write() -> None:
    """Write the generated parts."""
    page = ROOT / "docs/configuration.md"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{settings_table()}\n{END}{after}", encoding="utf-8")
    (ROOT / "docs/scenario.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    if "--write" in sys.argv:
        write()
    found = list(problems())
    for line in found:
        typer.echo(line, err=True)
    sys.exit(1 if found else 0)
