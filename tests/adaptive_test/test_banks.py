"""Item banks as files: what goes out comes in again, and what is wrong is told by line and field."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.banks import parse, render
from holdfast.programs.adaptive_test.question import canonical

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" |,\"'<>&[]"),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip() == text and " ".join(text.split()) == text)
NUMBERS = st.floats(-5, 5)
ROW = st.fixed_dictionaries(
    {
        "content": WORDS,
        "options": st.lists(WORDS, min_size=2, max_size=5, unique=True),
        "concepts": st.just([1.0, 0.5]),
        "difficulty": NUMBERS,
        "discrimination": st.floats(0.1, 5),
        "guessing": st.floats(0, 0.4),
        "slipping": st.floats(0.5, 1),
        "status": st.sampled_from(["active", "pretest", "retired", "draft"]),
        "content_area": st.none() | st.sampled_from(["algebra", "logic"]),
        "enemies": st.just([]),
    }
)
FACTS = {
    "name": "bank",
    "concept_names": ["a", "b"],
    "parameterisation": "a*theta-b",
    "scale": "s",
    "rules": {},
}


@pytest.mark.parametrize(("form", "name"), [("csv", "b.csv"), ("json", "b.json"), ("qti", "b.zip")])
@given(rows=st.lists(ROW, min_size=1, max_size=5))
def test_what_goes_out_comes_in_again(form, name, rows):
    rows = [row | {"id": f"q{n}", "correct_answer": row["options"][0]} for n, row in enumerate(rows)]
    back = parse(render(form, FACTS, rows), name)
    assert back.problems == []
    assert [{"id": q.id, **canonical(q, ("a", "b"))} for _, q in back.questions] == rows


CSV = """id,content,options,correct_answer,difficulty,discrimination,concepts
q1,What is 2+2?,3|4|5,4,0.3,1.2,1|0
q2,"Two
lines","[""a|b"", ""c""]",a|b,-1,,algebra|logic
"""


def test_csv_as_people_write_it():
    found = parse(CSV.encode("utf-8-sig"), "bank.csv")
    assert found.problems == []
    (_, first), (where, second) = found.questions
    assert first.options == ("3", "4", "5")
    assert first.concepts == (1.0, 0.0)
    assert second.options == ("a|b", "c")
    assert second.concepts == ("algebra", "logic")
    assert second.slope == 1.0
    assert where == "bank.csv line 4"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("q1,c,a|b,z,0,1,1", "bank.csv line 2: correct_answer: must be one of the options"),
        ("q1,c,a|b,a,x,1,1", "bank.csv line 2: difficulty: could not convert string to float: 'x'"),
        ("q1,c,a|b,a,nan,1,1", "bank.csv line 2: difficulty: Input should be a finite number"),
        ("q1,c,a|b,a,0,-1,1", "bank.csv line 2: discrimination: Input should be greater than 0"),
        ("q1,c,a|b,a,0", "bank.csv line 2: has 5 cells, the header 7"),
        (",c,a|b,a,0,1,1", "bank.csv line 2: id: Field required"),
    ],
)
def test_a_wrong_line_is_told(line, problem):
    good = "q9,c,a|b,a,0,1,1"
    text = f"id,content,options,correct_answer,difficulty,discrimination,concepts\n{line}\n{good}\n"
    found = parse(text.encode(), "bank.csv")
    assert [str(p) for p in found.problems] == [problem]
    assert [q.id for _, q in found.questions] == ["q9"]


@pytest.mark.parametrize(
    ("raw", "name", "field"),
    [
        (b"id,content\n", "b.csv", "b.csv line 1"),
        (b"id,content,options,correct_answer,magic\n", "b.csv", "b.csv line 1"),
        (b"id,content,options,correct_answer,id\n", "b.csv", "b.csv line 1"),
        (b"id,content,options,correct_answer\n\xff", "b.csv", "b.csv line 2"),
        (b'id,content,options,correct_answer\n"a', "b.csv", "b.csv line 2"),
        (b"{", "b.json", "b.json"),
        (b'{"a": 1}', "b.json", "b.json"),
        (b"PK\x03\x04 broken", "b.zip", "b.zip"),
        (b"", "b.txt", "b.txt"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(raw, name, field):
    with pytest.raises(InvalidInput) as caught:
        parse(raw, name)
    assert caught.value.field == field


ITEM = """<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="choice" title="Bags"
    adaptive="false" time-dependent="false">
  <qti-response-declaration identifier="RESPONSE" cardinality="{cardinality}" base-type="identifier">
    <qti-correct-response><qti-value>{correct}</qti-value></qti-correct-response>
  </qti-response-declaration>
  <qti-item-body>
    <p>Look at the   text <em>in</em> the picture.</p>{extra}
    <qti-choice-interaction response-identifier="RESPONSE" shuffle="true" max-choices="{most}">
      <qti-prompt>What does it say?</qti-prompt>
      <qti-simple-choice identifier="A">You must <b>stay</b>.</qti-simple-choice>
      <qti-simple-choice identifier="B">Do not let go.<qti-feedback-inline outcome-identifier="F"
        identifier="B" show-hide="show">No.</qti-feedback-inline></qti-simple-choice>
    </qti-choice-interaction>
  </qti-item-body>
</qti-assessment-item>
"""
FINE = {"cardinality": "single", "correct": "A", "most": "1", "extra": ""}


def test_a_qti_item_as_others_write_it():
    found = parse(ITEM.format(**FINE).encode(), "choice.xml")
    assert found.problems == []
    question = found.questions[0][1]
    assert question.id == "choice"
    assert question.content == "Look at the text in the picture.\nWhat does it say?"
    assert question.options == ("You must stay.", "Do not let go.")
    assert question.correct_answer == "You must stay."
    assert question.use == "draft"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"correct": "Z"}, "qti-correct-response"),
        ({"cardinality": "multiple"}, "cardinality"),
        ({"most": "2"}, "max-choices"),
        ({"extra": '<p><img src="x.png"/></p>'}, "img"),
        ({"extra": "<qti-text-entry-interaction response-identifier='R2'/>"}, "qti-choice-interaction"),
    ],
)
def test_another_kind_of_item_is_refused(change, field):
    found = parse(ITEM.format(**FINE | change).encode(), "choice.xml")
    assert [p.field for p in found.problems] == [field]


@pytest.mark.parametrize(
    "raw",
    [
        b"<a",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><a/>',
        b"<other/>",
        b"<p>" * 5000 + b"</p>" * 5000,
    ],
)
def test_hostile_xml_is_refused(raw):
    found = parse(raw, "x.xml")
    assert len(found.problems) == 1
    assert found.questions == []


def test_a_package_reads_its_parameters_and_tells_the_wrong_file():
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as package:
        package.writestr("imsmanifest.xml", "<manifest/>")
        package.writestr("items/a.xml", ITEM.format(**FINE))
        package.writestr("items/b.xml", ITEM.format(**FINE | {"correct": "Z"}))
        package.writestr("parameters.csv", "id,difficulty,discrimination\nchoice,0.5,1.5\n")
    found = parse(raw.getvalue(), "bank.zip")
    assert [p.where for p in found.problems] == ["bank.zip!items/b.xml"]
    question = found.questions[0][1]
    assert (question.difficulty, question.discrimination, question.use) == (0.5, 1.5, "active")
