"""Migrations whose statements stand in a ``.sql`` file beside them, so that an operator can read them."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def carry_out_beside(migration: str) -> None:
    """Carry out the statements of the ``.sql`` file that lies beside a migration.

    Args:
        migration: the migration's ``__file__``. In its script each statement but the last ends with a
            semicolon before an empty line, and no statement holds such a place.
    """
    script = Path(migration).with_suffix(".sql").read_text(encoding="utf-8")
    for statement in script.split(";\n\n"):
        # SQLAlchemy would take what follows a colon for the name of a parameter.
        op.execute(statement.strip().removesuffix(";").replace(":", "\\:"))
