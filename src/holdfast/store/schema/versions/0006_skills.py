"""Skill assessment: inputs, their features, assessments with evidence; usage outside a session."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    carry_out_beside(__file__)
