"""What R's haven reads in our SPSS and Stata files: labels of variables and of codes, and every value."""

import csv
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from fixtures.hostile_rows import MOMENT, TABLE, hostile_rows
from holdfast.core.codebook import Kind
from holdfast.research.codebook import BY_NAME
from holdfast.research.column_types import schema_of
from holdfast.research.export.labelled_files import write_labelled

SCRIPT = Path(__file__).with_name("read_with_haven.R")
RSCRIPT = shutil.which("Rscript")


def _has_haven():
    asked = [RSCRIPT, "-e", "quit(status = !requireNamespace('haven', quietly = TRUE))"]
    return RSCRIPT is not None and subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module", autouse=True)
def haven():
    """The gate installs it; who tests without it is told so, and the gate itself does not go on."""
    if not _has_haven():
        assert "CI" not in os.environ, "R's haven is not installed"
        pytest.skip("R's haven is not installed")


def _read(path):
    """Labels by variable, meanings by variable and code, columns by variable."""
    out = path.with_suffix(".facts.csv")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "America/New_York"}
    command = [RSCRIPT, "--vanilla", str(SCRIPT), str(path), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    labels, meanings, columns = {}, {}, {}
    with out.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name, value = row["variable"], row["value"]
            if row["what"] == "label":
                labels[name] = value
            elif row["what"] == "meaning":
                meanings.setdefault(name, {})[row["key"]] = value
            else:
                columns.setdefault(name, []).append(value)
    return labels, meanings, columns


def _numbers(column):
    return [None if value == "" else float(value) for value in column]


@pytest.mark.parametrize("ending", ["sav", "dta"])
def test_haven_reads_labels_and_values(tmp_path, ending):
    rows = hostile_rows()
    path = tmp_path / f"x.{ending}"
    write_labelled(rows.lazy(), TABLE, path, MOMENT)
    labels, meanings, columns = _read(path)
    other = {"with": "with_"}
    assert labels == {other.get(v.name, v.name): v.label for v in TABLE.variables}
    assert columns["text"] == [text or "" for text in rows["text"]]
    assert columns["student_id"] == rows["student_id"].to_list()
    assert _numbers(columns["score"]) == rows["score"].to_list()
    assert _numbers(columns["place"]) == rows["place"].to_list()
    assert _numbers(columns["done"]) == [None if done is None else float(done) for done in rows["done"]]
    moments = [None if s is None else datetime.fromtimestamp(s, UTC) for s in _numbers(columns["at"])]
    step = 2e-6 if ending == "sav" else 1e-3  # numbers of seconds since 1582, of milliseconds since 1960
    assert abs((moments[0] - MOMENT).total_seconds()) <= step
    assert [m is None for m in moments] == rows["at"].is_null().to_list()
    if ending == "sav":
        assert meanings["ab_group"] == TABLE.variables[3].values
        assert meanings["grade"] == TABLE.variables[4].values
        assert columns["ab_group"] == [arm or "" for arm in rows["ab_group"]]
    else:
        assert meanings["ab_group"] == {"1": "A: with challenge points", "2": "B: without"}
        assert _numbers(columns["ab_group"]) == [
            {"A": 1, "B": 2, None: None}[arm] for arm in rows["ab_group"]
        ]
    assert meanings["done"] == {"0": "no", "1": "yes"}


def test_haven_reads_the_labels_of_a_table_of_the_codebook(tmp_path):
    table = BY_NAME["scenario_performance"]
    rows = pl.DataFrame({name: [None] for name in schema_of(table)}, schema=schema_of(table))
    write_labelled(rows.lazy(), table, tmp_path / "x.sav", MOMENT)
    labels, meanings, _ = _read(tmp_path / "x.sav")
    assert labels == {v.name: v.label for v in table.variables}
    assert meanings == {
        v.name: dict(v.values) or {"0": "no", "1": "yes"}
        for v in table.variables
        if v.values or v.kind is Kind.BOOLEAN
    }
