"""The workshop program: definitions, profiles, sessions, progress by step, and its recalculation."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    carry_out_beside(__file__)
