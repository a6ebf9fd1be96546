"""The analysis that is planned: what a study will be judged by, said before its outcomes are known.

``model`` says what a plan holds, ``document`` reads and writes ``plan.toml``, ``named`` knows the outcomes
that have a definition of their own, ``default`` proposes a plan, ``registering`` keeps plans and looks in
the database and never changes them, ``covariates`` imports what was measured before, ``power`` plans the
number of students. Nothing here computes a result.
"""
