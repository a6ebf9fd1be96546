"""Which item comes next: criteria, the search over a bank, content, enemies, exposure, randomness.

Constraints decide what is eligible, a criterion orders what is eligible, and a recorded draw chooses among
the best. Not here: the order of a session's steps (`engine`), and counters (the service keeps them).
"""
