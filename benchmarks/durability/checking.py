"""The books against the database: what was lost, doubled, torn, skipped or made up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from benchmarks.durability.books import Acknowledged, Books, Sent, digest
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.verifying import verify_session
from holdfast.store.database import Database
from holdfast.store.statements import Connection, Row

DETAILS = 20

_MESSAGES = """SELECT seq, role, content, reply_to FROM holdfast.messages
WHERE session_id = $1 ORDER BY seq"""
_DOSES = """SELECT dose FROM holdfast.simulation_actions
WHERE session_id = $1 AND message_seq IS NULL AND dose IS NOT NULL"""
_ANSWERS = "SELECT key, answer FROM holdfast.idempotency_keys WHERE owner = $1 AND key = ANY($2)"
_HALF = """SELECT count(*) FROM holdfast.messages m WHERE role = 'user' AND NOT EXISTS (
SELECT 1 FROM holdfast.messages r WHERE r.session_id = m.session_id AND r.reply_to = m.seq)"""


@dataclass(slots=True)
class Findings:
    """What the comparison found; everything but `turns` and `sessions` should be 0.

    Attributes:
        turns: acknowledged turns that were compared.
        lost: acknowledged turns that are not stored as they were acknowledged.
        duplicated: stored more often than once.
        torn: sessions whose parts disagree.
        gaps: sessions whose stored turns are no prefix of those sent.
        ghosts: stored turns that nobody sent, or that were refused.
    """

    turns: int = 0
    sessions: int = 0
    lost: int = 0
    duplicated: int = 0
    torn: int = 0
    gaps: int = 0
    ghosts: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.duplicated or self.torn or self.gaps or self.ghosts)

    def summary(self) -> str:
        """For people."""
        names = ("lost", "duplicated", "torn", "gaps", "ghosts")
        return ", ".join(f"{name} {getattr(self, name)}" for name in names)

    def add(self, other: Findings) -> None:
        """Add what another comparison, of another moment, found."""
        for name in ("turns", "sessions", "lost", "duplicated", "torn", "gaps", "ghosts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.details += other.details[: DETAILS - len(self.details)]

    def note(self, detail: str) -> None:
        """Keep an example for the report."""
        if len(self.details) < DETAILS:
            self.details.append(detail)


async def check(database: Database, books: Books, sessions: Collection[str] | None = None) -> Findings:
    """Compare the books with the database, while the students may go on.

    Args:
        database: where the turns should be.
        books: what was sent and acknowledged; read in the order that makes the comparison safe.
        sessions: only these; none for all.
    """
    found, catalog = Findings(), Catalog(lifetime_s=3600)
    acknowledged: dict[str, list[Acknowledged]] = defaultdict(list)
    for turn in books.acknowledged():
        acknowledged[turn.session].append(turn)
    wanted = list(books.sent) if sessions is None else list(sessions)
    for session in wanted:
        await _check_session(database, catalog, session, acknowledged[session], books.sent[session], found)
    return found


async def _check_session(
    database: Database,
    catalog: Catalog,
    session: str,
    acknowledged: Sequence[Acknowledged],
    sent: Sequence[Sent],
    found: Findings,
) -> None:
    async with database.snapshot() as connection:
        messages = await connection.fetch(_MESSAGES, session)
        doses = [str(row["dose"]) for row in await connection.fetch(_DOSES, session)]
        answers = await _answers(connection, acknowledged)
        torn = await verify_session(connection, catalog, session)
    found.turns += len(acknowledged)
    found.sessions += 1
    _compare_acknowledged(session, acknowledged, messages, doses, answers, found)
    _compare_sent(session, sent, messages, doses, found)
    if torn:
        found.torn += 1
        found.note(f"torn {session}: {torn[0].where}: {torn[0].what}")


async def _answers(connection: Connection, acknowledged: Sequence[Acknowledged]) -> dict[str, Any]:
    keys = [turn.key for turn in acknowledged if turn.kind != "message"]
    if not keys:
        return {}
    owner = f"student:{UUID(acknowledged[0].student)}"
    rows = await connection.fetch(_ANSWERS, owner, keys)
    return {row["key"]: row["answer"] for row in rows}


def _compare_acknowledged(
    session: str,
    acknowledged: Iterable[Acknowledged],
    messages: Sequence[Row],
    doses: Sequence[str],
    answers: dict[str, Any],
    found: Findings,
) -> None:
    said = {row["seq"]: digest(row["content"]) for row in messages if row["role"] == "user"}
    replies = {row["seq"]: (row["reply_to"], digest(row["content"])) for row in messages}
    for turn in acknowledged:
        if turn.kind == "message":
            kept = said.get(turn.seq) == turn.said
            kept = kept and replies.get(turn.reply_seq) == (turn.seq, turn.reply)
        else:
            kept = turn.key in answers and digest(answers[turn.key]) == turn.reply
            kept = kept and (turn.kind != "action" or turn.said in doses)
        if not kept:
            found.lost += 1
            found.note(f"lost {session}: {turn}")


def _compare_sent(
    session: str, sent: Sequence[Sent], messages: Sequence[Row], doses: Sequence[str], found: Findings
) -> None:
    texts = [digest(row["content"]) for row in messages if row["role"] == "user"]
    for stored, kind in ((texts, "message"), (doses, "action")):
        for what, copies in Counter(stored).items():
            found.duplicated += copies - 1
            if copies > 1:
                found.note(f"{copies} times in {session}: {kind} {what}")
        known = {turn.said for turn in sent if turn.kind == kind and not turn.refused}
        ghosts = set(stored) - known
        found.ghosts += len(ghosts)
        if ghosts:
            found.note(f"nobody sent, in {session}: {kind} {sorted(ghosts)[:3]}")
    order = [turn.said for turn in sent if turn.kind == "message" and not turn.refused]
    if list(dict.fromkeys(texts)) != order[: len(set(texts))]:
        found.gaps += 1
        found.note(f"no prefix: {session}")


async def half_done(database: Database) -> int:
    """How many stored messages have no reply: turns that were interrupted in their middle."""
    async with database.connection() as connection:
        return int(await connection.fetchval(_HALF))
