"""The common ground (students to journal) and the simulation program."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0001"
down_revision = None


def upgrade() -> None:
    carry_out_beside(__file__)
