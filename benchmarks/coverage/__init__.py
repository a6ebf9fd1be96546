"""How often the intervals hold and the tests err, by simulation. Figures go into docs/statistics.md."""
