"""Measurements and long rounds: what the design promises in numbers, each against a peer or a control.

`python -m benchmarks` runs all of them, `python -m benchmarks NAME …` one. They need real processes and
minutes; their short forms are tests under ``tests/acceptance``.
"""
