"""From students' files to tables, CSV and Excel: time and memory beside the older script, on the same files.

``python -m benchmarks research-export [--seed PATH] [--sizes 2000 20000] [--constant 100000] [--rounds 1]``.
The older script is cut out of the document it stands in (``--seed``) and run unchanged; it needs pandas and
openpyxl. What each does with the same files:

- the script: reads them, six tables and a comparison of the arms as a workbook of seven sheets, five of the
  tables as CSV, a t test with Cohen's d in a text report;
- Holdfast, with names and texts as the script has them: the same tables (with more columns) and the
  comparison in a workbook of nine sheets with formats, notes and filters, all six tables as CSV, the t tests
  (Student's as the script has it, Welch's beside it) and Cohen's d in a text. More than the script: types and
  ranges of every value are checked, broken files put aside, every table is kept as Parquet, a codebook is
  written, and every file is read back (CSV value by value; of each sheet the checksum, the number of rows,
  the first and the last 200 rows). Not in it on either side: figures; and of Holdfast, the whole analysis
  and its report.

Each runs in a process of its own, its start included. CPU is that of the process and all its children; the
peak of memory is the largest sum over all its processes, 20 times a second (PSS: what processes share is
counted once). Figures that must hold at the largest size: ten times faster, a quarter of the memory; and on
``--constant`` files at most 1.3 times the memory of the largest size (the list of students grows, the rows
do not). Wall times mean something on a machine that does nothing else: the script uses one processor,
Holdfast all there are.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from holdfast.research.codebook import BY_NAME
from holdfast.research.collecting import collect
from holdfast.research.dataset import Dataset
from holdfast.research.deidentification import StudyKey
from holdfast.research.export.data_files import Wish, write_data_files
from holdfast.research.sources.files import StudentFiles
from holdfast.research.sources.options import Options
from holdfast.research.statistics.means import seed_d, student, welch

SEED = Path(__file__).resolve().parents[2] / "shared" / "seeds" / "0-simulation-persistence.md"
TIMES, SHARE, CONSTANT = 10.0, 0.25, 1.3
MB = 1024 * 1024
_SCRIPT = re.compile(r"\*\*File:\*\* `scripts/extract_student_data\.py`\s+```python\n(.*?)```", re.DOTALL)
_WORDS = [
    "the",
    "airway",
    "breathing",
    "oxygen",
    "dose",
    "then",
    "because",
    "pressure",
    "pulse",
    "falls",
    "again",
    "gave",
    "wait",
    "slow",
    "first",
]
SEEDS_TABLES = (
    "students_overview", "performance_metrics", "scenario_performance", "critical_actions_timeline",
    "challenge_points_usage", "aar_transcripts",
)  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="research-export")
    parser.add_argument("--seed", type=Path, default=SEED)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--constant", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=["theirs", "ours"])
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        return _run(Path(folder), given)


def _run(folder: Path, given: argparse.Namespace) -> int:
    good, largest = True, None
    for students in given.sizes:
        files = _made(folder, students)
        theirs = None if given.only == "ours" else _theirs(folder, files, given)
        ours = None if given.only == "theirs" else _ours(folder, files, given.rounds)
        _tell(students, "script", theirs)
        _tell(students, "holdfast", ours)
        largest = ours or largest
        if theirs and ours:
            faster, share = theirs.wall_s / ours.wall_s, ours.peak_mb / theirs.peak_mb
            less = theirs.cpu_s / ours.cpu_s
            print(f"{students:>7,}  {faster:.1f} x faster, {less:.1f} x less CPU, {share:.2f} of the memory")
            good = students != max(given.sizes) or (faster >= TIMES and share <= SHARE)
    if given.constant and largest:
        files = _made(folder, given.constant)
        many = _ours(folder, files, 1)
        _tell(given.constant, "holdfast", many)
        print(f"{given.constant:>7,}  {many.peak_mb / largest.peak_mb:.2f} times the memory of {students:,}")
        good = good and many.peak_mb <= CONSTANT * largest.peak_mb
    return 0 if good else 1


def _tell(students: int, who: str, cost: Cost | None) -> None:
    if cost:
        print(
            f"{students:>7,}  {who:<9} {cost.wall_s:8.1f} s   CPU {cost.cpu_s:8.1f} s"
            f"   peak {cost.peak_mb:7.0f} MB",
            flush=True,
        )


def _theirs(folder: Path, files: Path, given: argparse.Namespace) -> Cost:
    place = folder / "theirs" / "scripts"
    place.mkdir(parents=True, exist_ok=True)
    if not given.seed.exists():
        raise SystemExit(f"the older script is cut out of {given.seed.name}, which is not there: --seed PATH")
    found = _SCRIPT.search(given.seed.read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit(f"the script does not stand in {given.seed}")
    (place / "extract_student_data.py").write_text(found[1], encoding="utf-8")
    data = folder / "theirs" / "data"
    data.mkdir(exist_ok=True)
    link = data / "students"
    link.unlink(missing_ok=True)
    link.symlink_to(files)
    command = [sys.executable, "extract_student_data.py"]
    return _median(lambda: _cost(command, place), given.rounds)


def _ours(folder: Path, files: Path, rounds: int) -> Cost:
    def once() -> Cost:
        with tempfile.TemporaryDirectory(dir=folder) as out:
            return _cost([sys.executable, __file__, str(files), out], Path.cwd())

    return _median(once, rounds)


def _median(once: Callable[[], Cost], rounds: int) -> Cost:
    costs = [once() for _ in range(rounds)]
    return Cost(
        statistics.median(c.wall_s for c in costs),
        statistics.median(c.cpu_s for c in costs),
        max(c.peak_mb for c in costs),
    )


def _cost(command: Sequence[str], directory: Path) -> Cost:
    """Run a command; its wall time, CPU and peak memory with all its children."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak))
    watcher.start()
    _, told = process.communicate()
    wall = time.monotonic() - began
    watcher.join()
    if process.returncode:
        raise SystemExit(told.decode()[-2000:])
    return Cost(wall, _children_cpu(), peak[0])


_cpu_before = 0.0


def _children_cpu() -> float:
    global _cpu_before
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = used.ru_utime + used.ru_stime
    spent, _cpu_before = total - _cpu_before, total
    return spent


def _watch(process: subprocess.Popen[bytes], peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_memory_kb(pid) for pid in _family(process.pid)) / 1024)
        time.sleep(0.05)


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return found


def _memory_kb(pid: int) -> int:
    """The memory that a process has to itself, and its part of what it shares (PSS)."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


# --- files --------------------------------------------------------------------------------------------


def _made(folder: Path, students: int) -> Path:
    place = folder / f"students_{students}"
    place.mkdir()
    for number in range(students):
        student = _student(random.Random(number), number)
        (place / f"{student['studentId']}.json").write_text(json.dumps(student, indent=1), encoding="utf-8")
    size = sum(path.stat().st_size for path in place.iterdir()) / students
    print(f"{students:>7,}  files of {size / 1024:.1f} KB", flush=True)
    return place


def _student(draw: random.Random, number: int) -> dict[str, object]:
    start = datetime(2025, 11, 19, 9, tzinfo=UTC) + timedelta(minutes=number)
    at = lambda s: (start + timedelta(seconds=s)).isoformat()  # noqa: E731
    counts = {name: draw.randint(0, 6) for name in ("optimal", "acceptable", "suboptimal", "dangerous")}
    scenarios = [
        {
            "scenarioId": f"{name}_patient_v2.0_final", "scenarioTitle": f"Patient {name}",
            "duration": f"{draw.randint(10, 20)} minutes {draw.randint(0, 59)} seconds",
            "finalState": draw.choice(["improving", "stable", "deteriorating"]),
            "finalVitals": {"heartRate": draw.randint(60, 130), "respiratoryRate": draw.randint(12, 30),
                            "spO2": draw.randint(85, 100), "bloodPressure": "120/80"},
        }
        for name in ("asthma", "stemi", "tbi")
    ]  # fmt: skip
    actions = [
        {"action": "treatment_given", "name": draw.choice(["oxygen", "salbutamol", "aspirin"]),
         "timestamp": at(60 * k), "details": {"dose": draw.randint(1, 15), "unit": "mg", "route": "oral"}}
        for k in range(20)
    ]  # fmt: skip
    challenges = [
        {"text": " ".join(draw.choices(_WORDS, k=12)), "timestamp": at(400 * k), "context": "treatment"}
        for k in range(3)
    ]
    review = [
        {"role": ("user", "assistant")[k % 2], "content": " ".join(draw.choices(_WORDS, k=30)),
         "timestamp": at(4000 + k)}
        for k in range(18)
    ]  # fmt: skip
    total = sum(counts.values())
    points = 100 * counts["optimal"] + 75 * counts["acceptable"] + 50 * counts["suboptimal"]
    return {
        "studentId": f"student_{number:06d}_x", "studentName": f"Name{number} Surname{number % 977}",
        "studentEmail": f"student{number}@example.com", "group": "AB"[number % 2],
        "sessionId": f"session_{number}",
        "timestamps": {"registered": at(0), "sessionStarted": at(300), "sessionCompleted": at(4500),
                       "totalElapsed": "70 minutes 30 seconds"},
        "performance": {"overallScore": round(points / total, 1) if total else None, "breakdown": counts,
                        "totalCDPs": total, "interpretation": "Good performance"},
        "scenarios": scenarios, "criticalActions": actions, "challengePoints": challenges,
        "aarTranscript": review,
        "metadata": {"scenariosCompleted": 3, "totalMessages": 60, "challengePointsEnabled": number % 2 == 0,
                     "sessionComplete": True, "medicationErrors": []},
    }  # fmt: skip


# --- what is measured ---------------------------------------------------------------------------------


def _export(files: Path, out: Path) -> None:
    """What Holdfast does: the dataset, then the older script's tables in its formats, each read back."""
    options = Options(StudyKey(b"a key of a benchmark", "benchmark"), identified=True)
    dataset = asyncio.run(collect(StudentFiles(files), out / "parquet", options))
    facts = {"name": "benchmark", "description": "made up", "version": "1", "created": "2025-11-19"}
    wish = Wish(dataset.intake.snapshot, frozenset({"csv", "excel"}), facts, ())
    tables = [BY_NAME[name] for name in SEEDS_TABLES]
    write_data_files(out, tables, None, wish, lambda *_: None)
    _write_tests(dataset, out / "ab_testing_report.txt")


def _write_tests(dataset: Dataset, path: Path) -> None:
    """What the script tests, and the test that should be used."""
    scores = dataset.read("performance_metrics").select("ab_group", "overall_score").drop_nulls()
    first, second = (scores.filter(ab_group=arm)["overall_score"].to_numpy() for arm in ("A", "B"))
    tests = student(first, second), welch(first, second)
    lines = [f"{test.method}: t = {test.t}, df = {test.df}, p = {test.p}" for test in tests]
    path.write_text("\n".join([*lines, f"d = {seed_d(first, second)}", ""]), encoding="utf-8")


if __name__ == "__main__":
    _export(Path(sys.argv[1]), Path(sys.argv[2]))
