"""The adaptive test: items chosen by what is known of the student, on sessions that survive everything.

After the seed `2-adaptive-test-redis.md`. The rules that choose items, estimate ability and end a test are
pure and stand in `psychometrics`; sessions, storage and HTTP stand beside it.
"""
