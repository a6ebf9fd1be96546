"""Eighteen patterns that may show across the runs of a session, grouped by what they are about.

Each is a small function of the snapshots; ``analysis`` runs them all and chooses what to talk about.
``pattern`` is their common form. A pattern that has nothing to go by is not detected; none ever fails.
"""

from holdfast.programs.simulation.review.patterns.analysis import PatternAnalysis, analyse
from holdfast.programs.simulation.review.patterns.pattern import Category, Pattern, Severity

__all__ = ["Category", "Pattern", "PatternAnalysis", "Severity", "analyse"]
