"""Skill assessment: inputs, their features, assessments with evidence; usage outside a session.

The statements stand in the ``.sql`` file beside this one, so that an operator can read them.
"""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0003"


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for statement in script.split(";\n\n"):
        op.execute(statement.strip().removesuffix(";").replace(":", "\\:"))
