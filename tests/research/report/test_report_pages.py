"""The report of a made-up study: the same content three ways, right, whole, and the same bytes each time."""

import html
import re

import pytest

from fixtures.made_study import made_dataset
from holdfast.research.analysis.analysing import carried_out
from holdfast.research.figures.drawing import draw_figures
from holdfast.research.plan.default import default_plan
from holdfast.research.report.as_text import WIDTH, as_text
from holdfast.research.report.content import Grid, Paragraph, unmarked
from holdfast.research.report.writing import write_report
from holdfast.research.report.writing_up import write_up

PLAN = default_plan(("A", "B"), {"A": True, "B": False}, title="A <b>study</b> of $x^2$ & *stars*")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("report")
    dataset = made_dataset(place / "parquet", 24)
    analysis = carried_out(dataset, PLAN)
    figures = draw_figures(analysis.results, dataset, place / "figures")
    write_report(analysis.results, dataset, place, figures=figures, draws=analysis.draws_table())
    return place, dataset, analysis.results, figures


def test_the_text_has_the_seeds_sections_in_80_columns(made):
    text = (made[0] / "ab_testing_report.txt").read_text("utf-8")
    assert max(map(len, text.splitlines())) <= WIDTH
    titles = re.findall(r"^\d+\. [A-Z].*$", text, re.MULTILINE)
    assert titles[:4] == [
        "1. GROUP COMPARISON SUMMARY",
        "2. STATISTICAL SIGNIFICANCE TEST",
        "3. EFFECT SIZE ANALYSIS",
        "4. CONCLUSIONS",
    ]
    assert not re.search(r"p = 0?\.0000*\b(?!\d)|p = nan|\bnan\b|\binf\b", text, re.IGNORECASE)


def test_the_primary_result_is_told_as_the_apa_asks(made):
    text = " ".join((made[0] / "ab_testing_report.txt").read_text("utf-8").split())
    welch = made[2].primary.confirmatory
    p = f"{welch.p:.3f}".removeprefix("0")
    assert f"Welch's t({welch.df:.1f}) = {welch.statistic:.2f}, p = {p}, Hedges' g" in text
    assert "95 % CI [" in text
    assert "Found 27 = loaded 24 + quarantined 1 + duplicate 0 + excluded 2; the sum agrees" in text
    assert "No plan was registered: every analysis here is exploratory." in text


def test_the_page_is_one_file_without_script_or_network(made):
    page = (made[0] / "report.html").read_text("utf-8")
    assert "<script" not in page.lower()
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert "A &lt;b&gt;study&lt;/b&gt; of $x^2$ &amp; *stars*" in page
    images = re.findall(r'<img src="data:image/\S+" alt="([^"]*)"', page)
    assert len(images) == len(made[3].saved) and all(len(alt) > 30 for alt in images)


def test_text_and_page_say_the_same(made):
    document = write_up(made[2], made[3])
    text = " ".join(as_text(document).split())
    page = html.unescape(re.sub(r"<[^>]+>", "", (made[0] / "report.html").read_text("utf-8")))
    page = " ".join(page.replace("\u2212", "-").split())
    said = [one for section in document.sections for one in section.blocks if isinstance(one, Paragraph)]
    assert len(said) > 15
    for paragraph in said:
        words = " ".join(unmarked(paragraph.text).replace("\u2212", "-").split())
        assert words in text
        assert words in page


def test_the_pdf_is_tagged_and_carries_no_time_but_the_snapshots(made):
    pdf = (made[0] / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-") and b"/StructTreeRoot" in pdf
    assert set(re.findall(rb"/CreationDate ?\(D:(\d{8})", pdf)) == {b"20261031"}


def test_the_same_study_gives_the_same_bytes(made, tmp_path):
    place, dataset, results, figures = made  # figures drawn twice are compared in a bundle's stages
    write_report(results, dataset, tmp_path, figures=figures)
    for path in sorted(tmp_path.rglob("*.*")):
        same = path.read_bytes() == (place / path.relative_to(tmp_path)).read_bytes()
        assert same, path.relative_to(tmp_path)


def test_too_few_students_are_described_and_nothing_is_concluded(tmp_path):
    dataset = made_dataset(tmp_path / "parquet", 6)
    results = carried_out(dataset, PLAN).results
    text = " ".join(as_text(write_up(results, _none())).split())
    assert "fewer than 5 are described, not tested" in text
    assert "neither that there is one nor that there is none" in text


def test_one_arm_gives_a_report_that_refuses_with_its_reason(tmp_path):
    dataset = made_dataset(tmp_path / "parquet", 12, arms=("A",))
    results = carried_out(dataset, PLAN).results
    text = " ".join(as_text(write_up(results, _none())).split())
    assert "Only one arm has values" in text
    assert "Described: Group B (without challenge points) has no value" in text


def test_equivalence_is_told_with_its_interval_and_both_tests(made):
    first, *rest = PLAN.outcomes
    plan = PLAN.model_copy(update={"outcomes": (first.model_copy(update={"margin": 5.0}), *rest)})
    results = carried_out(made[1], plan).results
    tost = next(one for one in results.primary.populations[0].statistics if one.name == "tost")
    ends = f"[{tost.low:.3f}, {tost.high:.3f}]"
    verdict = "within" if tost.low > -5 and tost.high < 5 else "not within"
    sides = " and ".join(f"{tost.extra[name]:.3f}"[1:] for name in ("p_lower", "p_upper"))
    cell = f"90 % CI {ends}, {verdict} ±5.00; one-sided p {sides}"
    assert "".join(cell.split()) in _unbroken(write_up(results, _none()))


def _unbroken(document):
    """The cells of all tables without blanks, since a table breaks its lines."""
    cells = (
        cell
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Grid)
        for row in block.rows
        for cell in row
    )
    return "|".join("".join(unmarked(cell).replace("\u2212", "-").split()) for cell in cells)


def _none():
    from holdfast.research.figures.drawing import Figures

    return Figures((), (("Difference between the arms", "one arm only"),))
