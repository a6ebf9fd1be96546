"""What every program stands on: students, cohorts, enrolments, sessions, journal, messages, access.

Here belongs what all five programs share. What only one of them knows belongs to that program.
"""
