"""The after-action review (AAR): what a session shows, and the conversation about it.

``snapshot`` is what is known of one run, ``patterns`` what shows across runs, ``brief`` what is said
about one scenario, ``plan`` the action items, ``conversation`` the phases of the talk, ``wording`` the
scripted facilitator's sentences. Pure: a snapshot is made from rows, the conversation's state is stored.
"""

from holdfast.programs.simulation.review.conversation import Phase, ReviewState, Say, begin, reply
from holdfast.programs.simulation.review.patterns import Pattern, PatternAnalysis, analyse
from holdfast.programs.simulation.review.snapshot import RunSnapshot, Statement, snapshot_of
from holdfast.programs.simulation.review.wording import render

__all__ = [
    "Pattern",
    "PatternAnalysis",
    "Phase",
    "ReviewState",
    "RunSnapshot",
    "Say",
    "Statement",
    "analyse",
    "begin",
    "render",
    "reply",
    "snapshot_of",
]
