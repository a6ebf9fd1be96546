"""The state of a simulation run as text under an id of its own, and a column that nobody filled goes."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    carry_out_beside(__file__)
