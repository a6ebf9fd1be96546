"""Figures of a study, for print: what each shows, how it looks, and how it becomes files.

Drawn with Matplotlib's Agg backend, without a display and without randomness of their own. Every
figure states its n and its intervals; one whose data are missing or too few is left out with a
reason. The seed's ``visualize_data.py`` (part 2, step 3) is what they replace. Nothing here computes
a number of the report: tests and effect sizes come from ``analysis``.
"""
