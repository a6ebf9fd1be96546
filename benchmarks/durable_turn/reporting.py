"""The tables of a run, and the file they are kept in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from benchmarks.durable_turn.judging import Check, Results
from benchmarks.durable_turn.measuring import Cell

_FOLDER = Path(__file__).resolve().parents[1] / "results"
_HEAD = ("candidate", "p50 ms", "p99 ms", "turns/s", "slope", "KiB/session", "repeated")
_WIDTHS = (24, 9, 9, 9, 7, 12, 9)


def table(results: Results, cells: Sequence[Cell], repeated: Mapping[tuple[str, str], int]) -> str:
    """One block per cell, one line per candidate."""
    lines = []
    for cell in cells:
        lines += ["", f"{cell.name} ({cell.sessions} sessions)", _line(_HEAD)]
        for name, figures in results.items():
            if cell.name not in figures:
                continue
            one = figures[cell.name]
            kib = f"{one.bytes_per_session / 1024:.0f}"
            times = f"{repeated[name, cell.name]}x"
            numbers = (f"{one.p50_ms:.2f}", f"{one.p99_ms:.2f}", f"{one.per_second:.0f}", f"{one.slope:.2f}")
            lines.append(_line((name, *numbers, kib, times)))
    return "\n".join(lines)


def http_table(http: Mapping[str, Any]) -> str:
    """The turns over HTTP."""
    return (
        f"\nOver HTTP, one server process, 20 at once: {http['per_second']:.0f} turns/s, "
        f"p50 {http['p50_ms']:.1f} ms, p99 {http['p99_ms']:.1f} ms; "
        f"processor per turn: server {http['server_cpu_ms']:.2f} ms, students {http['client_cpu_ms']:.2f} ms"
    )


def profile_table(profiled: Mapping[str, Any]) -> str:
    """Where the server's time goes, per turn, most first."""
    parts: dict[str, float] = profiled["profile"]["parts_s"]
    total = sum(parts.values()) or 1.0
    lines = ["\nWhere the server's time goes (sampled; under the profiler all is somewhat slower)"]
    lines.append(f"{'part':<26}{'ms/turn':>9}{'share':>8}")
    for part, seconds in sorted(parts.items(), key=lambda item: -item[1]):
        lines.append(f"{part:<26}{seconds / profiled['turns'] * 1000:>9.3f}{seconds / total:>8.1%}")
    return "\n".join(lines)


def keep(document: Mapping[str, Any], checks: Sequence[Check]) -> Path:
    """Write everything as JSON; the file's path."""
    _FOLDER.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = _FOLDER / f"durable-turn-{now:%Y%m%dT%H%M%SZ}.json"
    whole = {"at": now.isoformat(), **document, "checks": [check.to_json() for check in checks]}
    path.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2))
    return path


def _line(cells: Sequence[str]) -> str:
    first, *rest = zip(cells, _WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{text:>{width}}" for text, width in rest)
