"""All figures of a study, one after the other: drawn, saved, described."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from holdfast.research.analysis.results import ITT, Results
from holdfast.research.figures.counting import actions, challenge_points
from holdfast.research.figures.course import vital_signs
from holdfast.research.figures.files import save
from holdfast.research.figures.flow import flow
from holdfast.research.figures.material import Arms, Tables, by_arm, scores
from holdfast.research.figures.outcome import Difference, distribution, estimation, raincloud
from holdfast.research.figures.piece import Drawn, Piece
from holdfast.research.figures.scenarios import difficulty, learning, scenario_scores
from holdfast.research.figures.style import drawing

Progress = Callable[[int, int, str], None]

OUTCOME = "Overall score"


@dataclass(frozen=True, slots=True)
class Saved:
    """A figure on disk, with the words that belong to it."""

    name: str
    title: str
    caption: str
    alt: str
    files: dict[str, Path]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was drawn, and what was left out for which reason: (title, reason)."""

    saved: tuple[Saved, ...]
    left_out: tuple[tuple[str, str], ...]

    def named(self, name: str) -> Saved | None:
        """The figure of this name, or none."""
        return next((one for one in self.saved if one.name == name), None)


def draw_figures(
    results: Results, tables: Tables, directory: Path, progress: Progress | None = None
) -> Figures:
    """Draw every figure of which there is enough data into the directory, as PNG, PDF and SVG.

    The same results and tables give the same bytes on the same versions of the libraries.
    """
    directory.mkdir(parents=True, exist_ok=True)
    saved, left_out = [], []
    attempts = list(_attempts(results, tables))
    for number, (what, attempt) in enumerate(attempts):
        if progress:
            progress(number, len(attempts), what)
        with drawing():
            piece = attempt()
            if isinstance(piece, Drawn):
                files = save(piece, directory)
                saved.append(Saved(piece.name, piece.title, piece.caption, piece.alt, files))
            else:
                left_out.append((piece.title, piece.reason))
    if progress:
        progress(len(attempts), len(attempts), "figures")
    return Figures(tuple(saved), tuple(left_out))


def _attempts(results: Results, tables: Tables) -> Iterator[tuple[str, Callable[[], Piece]]]:
    arms = arms_of(results)
    scored = by_arm(scores(tables, arms), arms)
    played = scenario_scores(tables, arms)
    difference, refusal = difference_of(results)
    yield "flow", lambda: flow(results.flow, _analysed_for(results))
    yield "raincloud", lambda: raincloud(arms, scored, OUTCOME)
    yield "estimation", lambda: estimation(arms, scored, OUTCOME, difference, refusal)
    yield "distribution", lambda: distribution(arms, scored, OUTCOME)
    yield "difficulty", lambda: difficulty(arms, played)
    yield "learning", lambda: learning(arms, played)
    yield "vital signs", lambda: vital_signs(tables, arms)
    yield "actions", lambda: actions(tables, arms)
    yield "challenge points", lambda: challenge_points(tables, arms)


def _analysed_for(results: Results) -> str:
    outcome = results.outcome(results.flow.analysed_for)
    return outcome.label if outcome is not None else results.flow.analysed_for


def arms_of(results: Results) -> Arms:
    """The arms as the analysis names them, control first."""
    codes = tuple(code for code, _ in results.study.arms)
    return Arms(codes, tuple(label or code for code, label in results.study.arms))


def difference_of(results: Results) -> tuple[Difference | None, str]:
    """The Welch difference of the overall score as the analysis found it, or why there is none."""
    outcome = next((one for one in results.outcomes if _is_overall_score(one.populations)), None)
    population = outcome.population(ITT) if outcome else None
    found = population.statistic("welch") if population else None
    if found is None:
        return None, "the plan has no outcome of the overall score by Welch's test"
    numbers = (found.estimate, found.low, found.high, found.extra.get("se"), found.df, found.level)
    if not found.there or any(not isinstance(one, int | float) for one in numbers):
        return None, found.refusal or "the difference has no interval"
    return Difference(*(float(one) for one in numbers if one is not None)), ""


def _is_overall_score(populations: tuple[object, ...]) -> bool:
    origins = [getattr(one, "origin", None) for one in populations]
    return any(
        origin is not None and (origin.table, origin.column) == ("performance_metrics", "overall_score")
        for origin in origins
    )
