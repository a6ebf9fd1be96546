"""The coach's pool of questions that comes with the package."""

from __future__ import annotations

from functools import cache
from importlib import resources

from holdfast.programs.simulation.coach import CoachQuestions, load


@cache
def pool() -> CoachQuestions:
    """The shipped questions and texts; read once."""
    file = resources.files("holdfast.programs.simulation").joinpath("coach_questions.yaml")
    return load(file.read_text(encoding="utf-8"))
