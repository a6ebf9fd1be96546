"""Patient simulation: coach, scenarios played against a rule engine, after-action review.

Makes part 1 of the first seed real. Pure rules: `scenario` (the document), `engine` (what happens
to the patient), `interpreter` (free text to actions), `coach`, `review` (after-action review and
its patterns), `scoring`. `service` and `routes` keep it and serve it.
"""
