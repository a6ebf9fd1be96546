"""Every format gives back what was put in, or says what it could not hold."""

import csv
import hashlib
import zipfile

import polars as pl
import pyreadstat
import pytest
from python_calamine import CalamineWorkbook

from fixtures.hostile_rows import HOSTILE, MOMENT, TABLE, hostile_rows
from holdfast.core.codebook import Kind, Table, Variable
from holdfast.research.column_types import schema_of
from holdfast.research.export import blocks
from holdfast.research.export.csv_files import csv_pieces, scan_csv, write_csv
from holdfast.research.export.labelled_files import prepared, read_labelled, write_labelled
from holdfast.research.export.verification import (
    DoesNotReadBack,
    check_csv,
    check_labelled,
    check_parquet,
    check_workbook,
    fingerprint,
)
from holdfast.research.export.workbook import Sheet, write_workbook

NAMES = list(schema_of(TABLE))


def _book(path, frame, table=TABLE, **more):
    return write_workbook([Sheet(table, frame.lazy())], path, MOMENT, **more)


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _texts(rows):
    return rows["text"].to_list()


@pytest.mark.parametrize("at_once", [3, blocks.ROWS])
def test_csv_gives_back_every_text_and_keeps_missing_and_empty_apart(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(blocks, "ROWS", at_once)
    rows = hostile_rows()
    write_csv(rows.lazy(), TABLE, tmp_path / "x.csv")
    assert scan_csv(tmp_path / "x.csv", TABLE).collect().equals(rows, null_equal=True)
    check_csv(tmp_path / "x.csv", TABLE, fingerprint(rows.lazy(), NAMES))


def test_csv_is_read_by_others_and_holds_nothing_that_a_spreadsheet_runs(tmp_path):
    write_csv(hostile_rows().lazy(), TABLE, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file, strict=True)
    assert header == NAMES
    risky = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d")
    assert [line for line in lines for cell in (line[0], line[2], line[8]) if cell.startswith(risky)] == []
    found = [line[2] for line in lines[: len(HOSTILE)]]
    assert [text.removeprefix("'") if text != "'quoted'" else text for text in found] == HOSTILE
    assert [line[5] for line in lines][:5] == ["0.1", "100.0", "", "0.3333333333333333", "1e-7"]
    assert lines[0][7] == "2026-01-02T03:04:05.678901Z"


@pytest.mark.parametrize("at_once", [1, 40, 10_000])
def test_csv_comes_in_pieces_of_whole_rows(tmp_path, at_once):
    rows = hostile_rows()
    write_csv(rows.lazy(), TABLE, tmp_path / "x.csv")
    pieces = list(csv_pieces(tmp_path / "x.csv", at_once))
    assert (tmp_path / "x.csv").read_bytes() == ",".join(NAMES).encode() + b"\r\n" + b"".join(pieces)
    assert pl.concat([scan_csv(piece, TABLE).collect() for piece in pieces]).equals(rows, null_equal=True)


def test_csv_of_a_table_without_rows_has_its_header(tmp_path):
    write_csv(hostile_rows([]).lazy(), TABLE, tmp_path / "x.csv", bom=True)
    assert (tmp_path / "x.csv").read_bytes() == b"\xef\xbb\xbf" + ",".join(NAMES).encode() + b"\r\n"
    check_csv(tmp_path / "x.csv", TABLE, fingerprint(hostile_rows([]).lazy(), NAMES))


def test_the_workbook_gives_back_every_text_and_has_no_formula(tmp_path):
    rows = hostile_rows()
    written, notices = _book(tmp_path / "x.xlsx", rows)
    check_workbook(tmp_path / "x.xlsx", written)
    assert notices == []
    header, *lines = CalamineWorkbook.from_path(tmp_path / "x.xlsx").get_sheet_by_index(0).to_python()
    assert header == NAMES
    assert [line[2] for line in lines] == [*HOSTILE, "", ""]
    assert [line[5] or None for line in lines] == rows["score"].to_list()
    assert lines[0][7].replace(tzinfo=MOMENT.tzinfo) - MOMENT < (MOMENT - MOMENT).resolution * 1000
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b'ySplit="1"' in sheet
        assert b'state="frozen"' in sheet
        assert b"nothing was scored" in archive.read("xl/comments1.xml")


@pytest.mark.parametrize("at_once", [3, blocks.ROWS])
def test_the_workbook_is_the_same_bytes_whenever_it_is_made(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(blocks, "ROWS", at_once)
    for name in ("a.xlsx", "b.xlsx"):
        written, _ = _book(tmp_path / name, hostile_rows().reverse())  # it begins with gaps
        check_workbook(tmp_path / name, written)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert archive.testzip() is None
        assert b"2026-01-02T03:04:05Z" in archive.read("docProps/core.xml")
    assert _sha256(tmp_path / "a.xlsx") == _sha256(tmp_path / "b.xlsx")


def test_a_text_that_is_too_long_for_a_cell_goes_on_in_the_next_columns(tmp_path):
    texts = ["short", "x" * 40_000, "\U0001f600" * 17_000, "y" * 32_767, None]
    written, notices = _book(tmp_path / "x.xlsx", hostile_rows(texts))
    check_workbook(tmp_path / "x.xlsx", written)
    header, *lines = CalamineWorkbook.from_path(tmp_path / "x.xlsx").get_sheet_by_index(0).to_python()
    places = [header.index(name) for name in ("text", "text_2", "text_3")]
    joined = ["".join(line[place] for place in places) for line in lines]
    assert joined == [*texts[:4], ""]
    assert (
        max(len(cell.encode("utf-16-le")) // 2 for line in lines for cell in line if isinstance(cell, str))
        <= 32_767
    )
    assert [(one.variable, one.count) for one in notices] == [("text", 2)]
    assert "text_2, text_3" in notices[0].what


def test_rows_beyond_the_last_of_a_sheet_go_on_in_another(tmp_path):
    rows = hostile_rows()
    written, _ = _book(tmp_path / "x.xlsx", rows, row_limit=10)
    check_workbook(tmp_path / "x.xlsx", written)
    book = CalamineWorkbook.from_path(tmp_path / "x.xlsx")
    assert book.sheet_names == ["Hostile Rows", "Hostile Rows (2)", "Hostile Rows (3)"]
    places = [line[1] for name in book.sheet_names for line in book.get_sheet_by_name(name).to_python()[1:]]
    assert places == rows["place"].to_list()


def test_numbers_and_times_that_excel_cannot_hold_are_written_as_text_and_told(tmp_path):
    table = Table(
        "t", "T", "a row", ("n",), (Variable("n", Kind.INTEGER, "N"), Variable("m", Kind.MOMENT, "M"))
    )
    rows = pl.DataFrame(
        {"n": [2**60 + 1, 1], "m": [MOMENT.replace(year=1850), None]}, schema=schema_of(table)
    )
    written, notices = _book(tmp_path / "x.xlsx", rows, table)
    check_workbook(tmp_path / "x.xlsx", written)
    assert [(one.variable, one.count) for one in notices] == [("n", 1), ("m", 1)]
    lines = CalamineWorkbook.from_path(tmp_path / "x.xlsx").get_sheet_by_index(0).to_python()
    assert lines[1] == [str(2**60 + 1), "1850-01-02T03:04:05.678901Z"]


@pytest.mark.parametrize("count", [0, None])
@pytest.mark.parametrize("ending", ["sav", "dta"])
def test_spss_and_stata_give_back_values_labels_and_measures(tmp_path, ending, count):
    rows = hostile_rows([] if count == 0 else None)
    path = tmp_path / f"x.{ending}"
    check_labelled(path, write_labelled(rows.lazy(), TABLE, path, MOMENT))
    found, meta = read_labelled(path)
    assert meta.number_rows == rows.height
    assert meta.column_names_to_labels["score"] == "Score"
    assert meta.column_names_to_labels["with_"] == "A name that SPSS and Stata keep for themselves"
    assert meta.creation_time.replace(second=0, tzinfo=MOMENT.tzinfo) == MOMENT.replace(
        second=0, microsecond=0
    )
    assert meta.variable_value_labels["done"] == {0: "no", 1: "yes"}
    if ending == "sav":
        assert meta.variable_value_labels["ab_group"] == {"A": "with challenge points", "B": "without"}
        assert [meta.variable_measure[n] for n in ("ab_group", "grade", "score")] == [
            "nominal",
            "ordinal",
            "scale",
        ]
    else:
        assert meta.variable_value_labels["ab_group"] == {1: "A: with challenge points", 2: "B: without"}
    if rows.height:
        assert [text or "" for text in _texts(found)] == [text or "" for text in _texts(rows)]
        assert found["score"].to_list() == rows["score"].to_list()


def test_spss_and_stata_are_the_same_bytes_whenever_they_are_made(tmp_path):
    for ending in ("sav", "dta"):
        for name in ("a", "b"):
            write_labelled(hostile_rows().lazy(), TABLE, tmp_path / f"{name}.{ending}", MOMENT)
        # The library writes the present time; a year in which nothing was measured shows that it is gone.
        made = (tmp_path / f"a.{ending}").read_bytes()
        assert made == (tmp_path / f"b.{ending}").read_bytes()
        assert b"02 Jan 20" in made[:400] or b"02 Jan 26" in made[:400]


def test_spss_cuts_with_a_mark_what_is_too_long_and_stata_keeps_it(tmp_path):
    rows = hostile_rows(["x" * 40_000, "\u00e9" * 16_384, "short"])
    sav = write_labelled(rows.lazy(), TABLE, tmp_path / "x.sav", MOMENT)
    check_labelled(tmp_path / "x.sav", sav)
    texts = _texts(read_labelled(tmp_path / "x.sav")[0])
    assert [len(text.encode()) for text in texts] == [32_767, 32_766, 5]
    assert texts[0].endswith("x [cut]")
    assert texts[1].endswith("\u00e9 [cut]")
    assert [(one.variable, one.count) for one in sav.notices] == [("text", 2)]
    write_labelled(rows.lazy(), TABLE, tmp_path / "x.dta", MOMENT)
    assert _texts(read_labelled(tmp_path / "x.dta")[0]) == _texts(rows)


def test_in_stata_a_category_with_codes_that_nobody_declared_stays_text():
    frame = hostile_rows(["a", "b"]).with_columns(ab_group=pl.Series(["A", "C"]))
    made = prepared(frame, TABLE, "dta", "x.dta")
    assert made.frame["ab_group"].to_list() == ["A", "C"]
    assert "ab_group" not in made.values


def _spoil_csv(path):
    path.write_text(
        path.read_text(encoding="utf-8").replace("100.0", "99.0", 1), encoding="utf-8", newline=""
    )


def _shorten_csv(path):
    lines = path.read_bytes().rsplit(b"\r\n", 2)
    path.write_bytes(lines[0] + b"\r\n")


@pytest.mark.parametrize("spoil", [_spoil_csv, _shorten_csv])
def test_a_csv_file_that_differs_is_found(tmp_path, spoil):
    rows = hostile_rows()
    write_csv(rows.lazy(), TABLE, tmp_path / "x.csv")
    spoil(tmp_path / "x.csv")
    with pytest.raises(DoesNotReadBack):
        check_csv(tmp_path / "x.csv", TABLE, fingerprint(rows.lazy(), NAMES))


@pytest.mark.parametrize("row", [0, 199, 800, 999])
def test_a_workbook_whose_first_or_last_rows_differ_is_found(tmp_path, row):
    rows = hostile_rows([f"text {n}" for n in range(1_000)])
    written, _ = _book(tmp_path / "x.xlsx", rows)
    check_workbook(tmp_path / "x.xlsx", written)
    _book(tmp_path / "x.xlsx", rows.with_columns(text=pl.col("text").replace(f"text {row}", "another")))
    with pytest.raises(DoesNotReadBack, match=f"row {row + 1} of Hostile Rows"):
        check_workbook(tmp_path / "x.xlsx", written)


def test_other_files_that_differ_are_found(tmp_path):
    rows = hostile_rows()
    other = rows.with_columns(score=pl.lit(1.0))
    other.write_parquet(tmp_path / "x.parquet")
    with pytest.raises(DoesNotReadBack, match="score"):
        check_parquet(tmp_path / "x.parquet", TABLE, fingerprint(rows.lazy(), NAMES))
    swapped = fingerprint(rows.reverse().lazy(), NAMES)
    assert swapped != fingerprint(rows.lazy(), NAMES)
    made = write_labelled(rows.lazy(), TABLE, tmp_path / "x.sav", MOMENT)
    pyreadstat.write_sav(made.frame.with_columns(score=pl.lit(1.0)), tmp_path / "x.sav")
    with pytest.raises(DoesNotReadBack, match="labels"):
        check_labelled(tmp_path / "x.sav", made)
    written, _ = _book(tmp_path / "x.xlsx", rows)
    _book(tmp_path / "x.xlsx", other)
    with pytest.raises(DoesNotReadBack, match="row 1"):
        check_workbook(tmp_path / "x.xlsx", written)
    _book(tmp_path / "x.xlsx", rows.head(3))
    with pytest.raises(DoesNotReadBack, match="3 rows instead of 25"):
        check_workbook(tmp_path / "x.xlsx", written)
