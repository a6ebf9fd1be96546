"""Language practice: results of finished sessions, statistics over them, and a warm-up for the next.

Makes the fourth seed real. Pure rules: `phrases` (words as they are counted), `spacing` (when a word
is due again), `milestones` (what was reached). `service` and `routes` keep results and serve them;
`sharing`, `comparison`, `following` and `own_data` are what a student may do with them besides.
"""
