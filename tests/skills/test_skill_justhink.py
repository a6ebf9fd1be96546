"""The converter: everybody's turns for each child, the child's own acts, the team's results for both."""

from __future__ import annotations

import pytest

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.justhink import convert, game_lines, transcript_lines

LOG = "team_no\tattempt_no\tturn_no\tevent_no\ttime\tsubject\tverb\tobject\n"
TALK = "team_no\tutterance_no\tstart\tend\tinterlocutor\tutterance\n"


def log(*acts: tuple[float, str, str, str]) -> str:
    return LOG + "".join(f"7\t1\t1\t1\t{at}\t{who}\t{verb}\t{what}\n" for at, who, verb, what in acts)


def test_a_childs_acts_and_the_teams_results():
    lines = game_lines(
        log(
            (0.1, "R", "says", 'so, "start'),
            (5.0, "A", "adds", "Basel-Bern (0-3)"),
            (6.0, "B", "presses", "help (enabled)"),
            (7.0, "A", "presses", "submit (disabled)"),
            (20.0, "A", "presses", "submit (enabled)"),
            (24.0, "B", "presses", "submit (enabled)"),
            (25.0, "T", "submits", "cost=44 (opt_cost=22)"),
            (30.0, "A", "removes", "Basel-Bern (0-3)"),
            (40.0, "B", "loads", "[(0, 3)]"),
            (50.0, "T", "submits", "cost=22 (opt_cost=22)"),
        )
    )
    kinds = {line["student"]: [event["type"] for event in line["events"]] for line in lines}
    assert kinds == {
        "justhink-07-A": [
            *("task_started", "action", "led"),
            *("task_failed", "task_retried", "action_undone", "task_completed"),
        ],
        "justhink-07-B": [
            *("task_started", "help_requested", "collaborated"),
            *("task_failed", "task_retried", "strategy_changed", "task_completed"),
        ],
    }
    failed = lines[0]["events"][3]
    assert failed["data"] == {
        "detail": "submits cost=44 (opt_cost=22)",
        "task": "cheapest network",
        "quality": 0.5,
    }
    assert lines[0]["ends_s"] == 50


def test_a_transcript_for_each_child_that_speaks():
    content = TALK + "7\t0\t1.5\t2.0\tA\tokay .\n7\t1\t2.0\t1.9\tI\tgo\n"
    lines = transcript_lines(content)
    assert [(line["student"], line["speaker"]) for line in lines] == [("justhink-07-A", "A")]
    assert lines[0]["turns"][1] == {"speaker": "I", "text": "go", "begins_s": 2.0, "ends_s": 2.0}


@pytest.mark.parametrize(
    "content", [LOG.replace("verb", "word"), log((-1.0, "A", "adds", "x")), TALK + "x\t0\t1\t2\tA\to\n", ""]
)
def test_another_file_is_refused(content):
    with pytest.raises(InvalidInput):
        game_lines(content)


def test_a_folder_is_converted_and_a_strange_file_named(tmp_path):
    (tmp_path / "transcripts").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "transcripts" / "team.csv").write_text(TALK + "7\t0\t1\t2\tA\tokay .\n")
    (tmp_path / "logs" / "team.csv").write_text(log((5.0, "B", "adds", "Basel-Bern (0-3)")))
    found = [(line["kind"], line["student"]) for line in convert(tmp_path)]
    assert found == [("transcript", "justhink-07-A"), ("game_session", "justhink-07-B")]
    (tmp_path / "logs" / "zoo.csv").write_text("a,b\n")
    with pytest.raises(InvalidInput, match=r"logs/zoo\.csv"):
        list(convert(tmp_path))
