"""What one durable turn costs: Holdfast beside a bare transaction, the seed's design and LangGraph.

All candidates do the same work on the same embedded PostgreSQL with full durability: a student's
message of 200 bytes, a reply of 600 bytes and a changed state of 8 KB per turn. The agent answers at
once, so what is measured is overhead alone. Figures of one run are compared with one another only.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run it; 0 when every figure holds."""
    from benchmarks.durable_turn.run import main as run  # noqa: PLC0415  # the peers load slowly

    return run(argv)
