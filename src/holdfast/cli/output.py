"""What the command line prints, and what an error means as an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.table import Table

from holdfast.kit.errors import (
    AgentUnavailable,
    Conflict,
    HoldfastError,
    InvalidInput,
    Misconfigured,
    NotFound,
    StoreUnavailable,
    WrongStep,
)

EXIT_CODES: dict[type[HoldfastError], int] = {
    InvalidInput: 2,
    Misconfigured: 3,
    NotFound: 4,
    Conflict: 5,
    WrongStep: 5,
    StoreUnavailable: 6,
    AgentUnavailable: 6,
}
"""The exit code of each error; 1 is any other failure, 130 an interruption."""

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Print an expected error as one line, and end with its exit code."""
    try:
        yield
    except HoldfastError as error:
        err.print(f"error: {error}", markup=False, style="red" if sys.stderr.isatty() else None)
        code = next((c for kind, c in EXIT_CODES.items() if isinstance(error, kind)), 1)
        raise typer.Exit(code) from error


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; plain tab-separated lines when the output is not a terminal."""
    if not out.is_terminal:
        for row in (columns, *rows):
            typer.echo("\t".join(str(value) for value in row))
        return
    shown = Table(*columns, header_style="bold", box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*(str(value) for value in row))
    out.print(shown)
