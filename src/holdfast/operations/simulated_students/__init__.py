"""Students that nobody is: they enrol, talk, treat and review through the public HTTP interface.

Demonstration, load generator and end-to-end test in one. What belongs here: who they are (`names`,
`skill`), what an expert would do in a scenario (`reading`, `expert`: taken from the scenario itself), what
a student of some ability makes of it (`intentions`, `bedside`, `stranger`) and says (`wording`,
`conversation`, `reflection`), the client that plays it (`connection`, `player`, `crowd`) at some server
(`health`, `own_server`, `cohort`), and what came of it (`summary`). `rehearsal` plays the same students on
the rule engine alone, which is how the size of the effect between the arms was calibrated.

Nothing here writes to a store, and a player uses nothing that a browser could not use.
"""
