"""A batch of simulated examinees on a bank under the rules of a test, before students meet it.

`lockstep` takes the examinees through the test side by side and makes the choices that the live engine
makes from the same draws; `report` says what came out, `figures` draws it, `sympson_hetter` finds
admission probabilities by repeated simulation. Not here: reading banks and writing files.
"""

from holdfast.programs.adaptive_test.psychometrics.simulation.lockstep import Examinees, Outcome, simulate
from holdfast.programs.adaptive_test.psychometrics.simulation.report import Report, report

__all__ = ["Examinees", "Outcome", "Report", "report", "simulate"]
