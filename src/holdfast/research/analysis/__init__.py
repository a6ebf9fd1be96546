"""The analysis that was done: from a dataset and a plan to results, in which every number says its source.

``results`` are the shapes, ``analysing`` the way from a dataset to them; everything between is one part
of the report each. The formulas stand in ``research.statistics``; nothing here draws, prints or writes.
"""
