"""The class in which a student was taught, which analyses of clustered studies need."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    carry_out_beside(__file__)
