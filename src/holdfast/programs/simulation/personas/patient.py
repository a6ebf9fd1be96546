"""The persona at the scene: one agent that speaks for the patient, the bystanders, partner and monitor.

Made for every message, so everything but the four arguments is worked out when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from holdfast.agents.speech import Line, Proposal, Tool
from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine.facts import Action, FindingRevealed, Occurrence
from holdfast.programs.simulation.engine.run_state import RunState
from holdfast.programs.simulation.personas.briefing import brief
from holdfast.programs.simulation.personas.exchange import Exchange
from holdfast.programs.simulation.personas.forbidden import forbidden_of
from holdfast.programs.simulation.personas.telling import finding, reply
from holdfast.programs.simulation.scenario.model import Scenario

REVEAL = "reveal_finding"


class RevealFinding(BaseModel):
    """What the model states to have something examined."""

    model_config = ConfigDict(extra="forbid")

    finding: str = Field(min_length=1, max_length=80, description="the id of one finding of the list")


@dataclass(frozen=True, slots=True)
class PatientPersona:
    """The patient and the people at the scene after one message; see `Persona`."""

    scenario: Scenario
    state: RunState
    occurred: Sequence[Occurrence]
    said: str
    earlier: Sequence[Line]

    @property
    def name(self) -> str:
        """The patient's name; the instructions say who else speaks."""
        return f"{self.scenario.patient.name}, and whoever else is at the scene"

    @property
    def instructions(self) -> str:
        """Who they are, how they are now and what happened in this turn; nothing of the student's text."""
        return brief(Exchange.of(self.scenario, self.state, self.occurred, said=""))

    @property
    def history(self) -> Sequence[Line]:
        """What was said before, then the student's message."""
        return (*self.earlier, Line("student", self.said))

    @property
    def tools(self) -> Sequence[Tool]:
        """To have something examined that the message asked for and the rules did not catch."""
        hidden = self._hidden()
        if not hidden:
            return ()
        names = "; ".join(f"{key} ({self.scenario.findings[key].name})" for key in hidden)
        description = (
            "Learn what an examination or question shows that the student's last message asks for in its own "
            f"words. Only for what that message asks for; never to offer or hint. Ids: {names}."
        )
        return (Tool(REVEAL, description, RevealFinding),)

    @property
    def forbidden(self) -> Sequence[str]:
        """The diagnosis and the words of the blueprint."""
        return forbidden_of(self.scenario)

    def script(self) -> str:
        """What happened in this turn and who answers, in the scenario's own words."""
        return reply(Exchange.of(self.scenario, self.state, self.occurred, self.said))

    def answer_tool(self, proposal: Proposal) -> str:
        """What the finding shows now, as the engine will reveal it.

        Raises:
            InvalidInput: there is no such tool, or no such finding left in this turn.
        """
        wanted = proposal.arguments.get("finding")
        if proposal.tool != REVEAL or wanted not in self._hidden():
            raise InvalidInput("There is no such finding to reveal in this turn.", field="finding")
        looked = (Action("assessment", str(wanted)),)
        _, occurred = engine.act(self.scenario, self.state, looked, self.state.elapsed_s)
        return "\n".join(finding(fact) for fact in occurred if isinstance(fact, FindingRevealed))

    def _hidden(self) -> tuple[str, ...]:
        """The findings that this turn has not revealed; none once the run is over."""
        if self.state.outcome is not None:
            return ()
        shown = {fact.finding for fact in self.occurred if isinstance(fact, FindingRevealed)}
        return tuple(key for key in self.scenario.findings if key not in shown)
