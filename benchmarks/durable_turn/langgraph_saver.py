"""LangGraph with its PostgreSQL checkpointer: a graph of two nodes, the state in its channels.

Set up as its documentation says for production: a psycopg pool in autocommit with prepared statements,
and the default durability of a graph.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, TypedDict
from uuid import uuid4

os.environ["LANGSMITH_TRACING"] = "false"  # read at import: the benchmark talks to nobody

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from benchmarks.durable_turn.workload import work


class _State(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    patient: dict[str, Any]
    turn: int


def _student(state: _State) -> _State:
    return {"messages": [HumanMessage(work(state["turn"]).question)]}


def _agent(state: _State) -> _State:
    now = work(state["turn"])
    return {"messages": [AIMessage(now.reply)], "patient": now.state}


class LangGraph:
    """One invocation of the graph per turn."""

    name = "LangGraph"
    what = "LangGraph's AsyncPostgresSaver: student node, agent node, one invocation per turn"

    async def open(self, url: str, at_once: int) -> None:
        """Make the tables and the connections."""
        options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
        self._pool = AsyncConnectionPool(url, min_size=at_once, max_size=at_once, kwargs=options, open=False)
        await self._pool.open(wait=True)
        saver = AsyncPostgresSaver(self._pool)
        await saver.setup()
        graph = StateGraph(_State)
        graph.add_node("student", _student)
        graph.add_node("agent", _agent)
        graph.add_edge(START, "student")
        graph.add_edge("student", "agent")
        graph.add_edge("agent", END)
        self._graph = graph.compile(checkpointer=saver)

    async def session(self) -> str:
        """A new session that takes turns."""
        return str(uuid4())

    async def turn(self, session: str, number: int) -> None:
        """One turn, durable when this returns."""
        config: RunnableConfig = {"configurable": {"thread_id": session}}
        await self._graph.ainvoke({"turn": number}, config)

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()
