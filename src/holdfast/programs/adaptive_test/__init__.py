"""Adaptive test: item banks, computerised adaptive tests whose sessions survive, proficiency per concept.

Makes the third seed real. Pure rules: `psychometrics` (ability, selection, stopping, calibration,
simulation), `question` (what a question may be), `banks` (files), `grading`. `pools` keeps questions
and their versions, `service` and `routes` keep tests and serve them.
"""
