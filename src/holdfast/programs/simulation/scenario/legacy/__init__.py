"""Import of the older JSON blueprints (v2.0 and v3.0) into the scenario format.

Reads whatever shape a blueprint has (`ledger` keeps account of every value), builds the parts of a
scenario and reports field by field what could only be approximated, was left out or filled in.
Nothing here is needed to play a scenario.
"""

from holdfast.programs.simulation.scenario.legacy.conversion import Conversion, convert, convert_text
from holdfast.programs.simulation.scenario.legacy.ledger import Note
from holdfast.programs.simulation.scenario.legacy.reading import read_blueprint
from holdfast.programs.simulation.scenario.legacy.report import render_report

__all__ = ["Conversion", "Note", "convert", "convert_text", "read_blueprint", "render_report"]
