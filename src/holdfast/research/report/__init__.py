"""The report of a study: one content, read as plain text, as a web page and as a PDF.

``content`` holds what a report is made of, ``sections`` writes it from the results of an analysis,
and ``as_text``, ``as_html`` and ``as_pdf`` show it; no sentence stands twice. The first four sections are
those of the seed's ``ab_testing_report.txt`` (part 2). ``recomputing`` writes the scripts that reach the
same numbers without Holdfast, ``summary`` the weekly report, which compares no outcomes. Nothing here
computes a statistic.
"""
