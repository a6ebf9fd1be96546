"""The practice program, and fingerprints of erased identities."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    carry_out_beside(__file__)
