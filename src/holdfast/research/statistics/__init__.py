"""Pure statistics of two arms: arrays in, frozen results out.

No input or output, no clock; chance is an argument (a NumPy ``Generator``, or draws). Where a number would
mean nothing, a function raises ``Meaningless`` with the reason; no result ever holds NaN or infinity.
Differences are the first arm minus the second. Formulas, sources and measured coverage: docs/statistics.md.
Not here: what is analysed, which plan, how it is reported (``analysis``, ``plan``, ``report``).
"""
