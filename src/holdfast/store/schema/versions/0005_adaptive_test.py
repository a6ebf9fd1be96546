"""The adaptive test: pools of questions with versions, tests, responses, proficiencies."""

from holdfast.store.schema.scripts import carry_out_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    carry_out_beside(__file__)
