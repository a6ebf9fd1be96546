"""What a word or phrase can mean in one scenario."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from holdfast.programs.simulation.interpreter.cues import Cue
from holdfast.programs.simulation.scenario.care import Route


@dataclass(frozen=True, slots=True)
class Sense:
    """The meanings of one phrase.

    Attributes:
        treatments: ids of the scenario's treatments it may mean; several when the phrase is shared.
        drug: canonical name of a drug that the scenario does not list.
        findings: ids of the findings it means, all of them together.
        route: the route it states.
        cue: how it steers the sentence.
        lead: the steering verb that the name of an act or finding begins with.
        opener: a steering word that asks when it stands at the beginning of a clause.
        doses: the treatment is a medication, oxygen or a fluid, so amounts belong to it.
        oxygen: the treatment is oxygen, or the route is a device for oxygen.
        device: the phrase as a whole names a route or device, whatever treatment it stands for.
        treats: it names a treatment, listed or not.
        names: it names a treatment or a finding.
    """

    treatments: tuple[str, ...] = ()
    drug: str = ""
    findings: tuple[str, ...] = ()
    route: Route | None = None
    cue: Cue | None = None
    lead: Cue | None = None
    opener: bool = False
    doses: bool = False
    oxygen: bool = False
    device: bool = False
    treats: bool = field(init=False, default=False)
    names: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        treats = bool(self.treatments or self.drug)
        object.__setattr__(self, "treats", treats)
        object.__setattr__(self, "names", treats or bool(self.findings))

    def joined(self, other: Sense) -> Sense:
        """This sense with what only the other one has; on treatments and findings this one wins."""
        own = self.treats
        return replace(
            self,
            treatments=self.treatments if own else other.treatments,
            drug=self.drug if own else other.drug,
            findings=self.findings or other.findings,
            route=self.route or other.route,
            cue=self.cue or other.cue,
            lead=self.lead or other.lead,
            opener=self.opener or other.opener,
            doses=self.doses if own else other.doses,
            oxygen=self.oxygen or other.oxygen,
            device=self.device or other.device,
        )
