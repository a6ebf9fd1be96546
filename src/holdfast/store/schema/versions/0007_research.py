"""Registered analysis plans and looks, which only grow, and baseline covariates."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    carry_out_beside(__file__)
