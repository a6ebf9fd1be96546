"""The measurement behind the adaptive test: models, ability, selection, stopping, simulation, calibration.

Everything here is pure: arrays and values in, values out. No input or output, no clock, no randomness of
its own: a random draw is an argument, so that a choice can be made again from what was stored. Not here:
sessions, tables, HTTP, and anything that knows a student.
"""
