"""A bundle appears whole or not at all, and never over another one."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from holdfast.kit.errors import Conflict, InvalidInput
from holdfast.research.export.staging import staged

MAKE = """
import sys, time
from pathlib import Path
from holdfast.research.export.staging import staged
with staged(Path(sys.argv[1])) as work:
    (work / "half.csv").write_text("a,b")
    print("there", flush=True)
    time.sleep(60)
"""


def _fill(work, text="one"):
    (work / "manifest.json").write_text(text)
    (work / "csv").mkdir()
    (work / "csv" / "a.csv").write_text(text)


def _make(place, text="one", **more):
    with staged(place, **more) as work:
        _fill(work, text)


def _make_twice(place):
    with staged(place) as late:
        _fill(late, "late")
        _make(place, "early")


def _fail(place):
    with staged(place) as work:
        _fill(work)
        raise RuntimeError


def test_a_bundle_takes_its_place_when_it_is_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with staged(Path("deep/er/bundle")) as work:
        _fill(work)
        assert not (tmp_path / "deep/er/bundle").exists()
    assert (tmp_path / "deep/er/bundle/csv/a.csv").read_text() == "one"
    assert sorted(path.name for path in (tmp_path / "deep/er").iterdir()) == ["bundle"]


def test_an_error_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError):
        _fail(tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_what_stands_there_is_not_overwritten(tmp_path):
    _make(tmp_path / "bundle")
    with pytest.raises(Conflict, match="--replace"), staged(tmp_path / "bundle"):
        raise AssertionError("it must not begin")
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path):
        with pytest.raises(Conflict, match="no bundle"), staged(place, replace=True):
            raise AssertionError("it must not begin")
    assert (tmp_path / "bundle/manifest.json").read_text() == "one"


def test_an_empty_directory_is_a_place(tmp_path):
    (tmp_path / "bundle").mkdir()
    with staged(tmp_path / "bundle") as work:
        _fill(work)
    assert (tmp_path / "bundle/manifest.json").exists()


def test_replacing_swaps_the_whole_bundle(tmp_path):
    with staged(tmp_path / "bundle") as work:
        _fill(work)
        (work / "only_in_the_first").touch()
    with staged(tmp_path / "bundle", replace=True) as work:
        _fill(work, "two")
        assert (tmp_path / "bundle/manifest.json").read_text() == "one"
    assert (tmp_path / "bundle/csv/a.csv").read_text() == "two"
    assert sorted(path.name for path in (tmp_path / "bundle").iterdir()) == ["csv", "manifest.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_of_two_at_once_the_first_to_end_stays(tmp_path):
    with pytest.raises(Conflict, match="meanwhile"):
        _make_twice(tmp_path / "bundle")
    assert (tmp_path / "bundle/manifest.json").read_text() == "early"
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_what_a_killed_run_left_goes_with_the_next_and_what_is_under_way_stays(tmp_path):
    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", MAKE, str(tmp_path / "bundle")], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "there\n"
        return process

    killed, alive = start(), start()
    killed.kill()
    assert killed.wait(10) == -signal.SIGKILL
    assert not (tmp_path / "bundle").exists()
    assert len(list(tmp_path.glob(".bundle.*.partial"))) == 2
    with staged(tmp_path / "bundle") as work:
        assert len(list(tmp_path.glob(".bundle.*.partial"))) == 2  # the living one's and this
        _fill(work)
    assert len(list(tmp_path.glob(".bundle.*.partial"))) == 1
    for process in (killed, alive):
        process.kill()
        process.communicate()


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(InvalidInput, match="Not a directory|File exists"),
        staged(tmp_path / "file" / "bundle"),
    ):
        raise AssertionError("it must not begin")
