"""Workshop: a student works through numbered steps, alone, and the workshop's client reports progress.

Makes the second seed real. Pure rules: `definition` (what a workshop is: steps, names, completion
rule), `progress` (what a report does to a step and to the session), `configuration` (what a session
may be set up with). `service` keeps it, `routes` serves it, `cleaning` ends what has expired.
"""
