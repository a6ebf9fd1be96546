"""What everything may use: errors, clock, ids, randomness, paging.

No word of the field (no student, no patient) and no I/O.
"""
