"""Exports of research data that were asked for over HTTP, and how far they are."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    carry_out_beside(__file__)
