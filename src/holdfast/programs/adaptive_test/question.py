"""What a question may be, its canonical form, and when two are the same. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from holdfast.kit.errors import InvalidInput
from holdfast.kit.plain import storable

LONGEST_ID = 200
LONGEST_CONTENT = 20_000
LONGEST_OPTION = 4_000
MOST_OPTIONS = 26
MOST_CONCEPTS = 200
LARGEST_LOGIT = 30.0
"""Difficulties beyond this (in logits) are mistakes: no person is measured there."""
STEEPEST = 20.0


class Status(StrEnum):
    """What a question is used for."""

    DRAFT = "draft"
    PRETEST = "pretest"
    ACTIVE = "active"
    RETIRED = "retired"


def _identifier(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise ValueError("must be printable and not begin or end with a space")
    return text


Words = Annotated[str, AfterValidator(storable)]
Id = Annotated[Words, Field(min_length=1, max_length=LONGEST_ID), AfterValidator(_identifier)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Weight = Annotated[Number, Field(ge=0, le=1000)]


class Question(BaseModel):
    """One question as it comes from outside; the field names are the seed's.

    Attributes:
        concepts: weights in the order of the pool's concepts (0 or 1 in the seed), or names of concepts.
        difficulty, discrimination, guessing, slipping: b, a, c and d of the four-parameter logistic
            model. A question without difficulty is not calibrated. One with difficulty only has a slope
            of 1, as in the Rasch model.
        status: none means active for a calibrated question and draft for another.
        content_area: what quotas count.
        enemies: questions that are never in one test with this one.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Id
    content: Annotated[Words, Field(min_length=1, max_length=LONGEST_CONTENT)]
    options: Annotated[
        tuple[Annotated[Words, Field(min_length=1, max_length=LONGEST_OPTION)], ...],
        Field(min_length=2, max_length=MOST_OPTIONS),
    ]
    correct_answer: Words
    concepts: Annotated[tuple[Weight, ...] | tuple[Id, ...], Field(max_length=MOST_CONCEPTS)] = ()
    difficulty: Annotated[Number, Field(ge=-LARGEST_LOGIT, le=LARGEST_LOGIT)] | None = None
    discrimination: Annotated[Number, Field(gt=0, le=STEEPEST)] | None = None
    guessing: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    slipping: Annotated[Number, Field(gt=0, le=1)] = 1.0
    status: Status | None = None
    content_area: Id | None = None
    enemies: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problem = self._problem()
        if problem is not None:
            raise ValueError(f"{problem[0]}: {problem[1]}")
        return self

    def _problem(self) -> tuple[str, str] | None:
        """The first field that contradicts another, and why."""
        checks = (
            (len(set(self.options)) != len(self.options), "options", "no option may be there twice"),
            (self.correct_answer not in self.options, "correct_answer", "must be one of the options"),
            (self.guessing >= self.slipping, "guessing", "must be below the upper asymptote"),
            (bool(self.concepts) and not any(self.concepts), "concepts", "must not be all 0"),
            (
                self.difficulty is None and self.discrimination is not None,
                "difficulty",
                "is missing beside the discrimination",
            ),
            (
                self.difficulty is None and self.status is Status.ACTIVE,
                "status",
                "a question without difficulty is not calibrated and cannot be active",
            ),
            (self.id in self.enemies, "enemies", "a question is not its own enemy"),
        )
        return next(((field, why) for wrong, field, why in checks if wrong), None)

    @property
    def named_concepts(self) -> tuple[str, ...]:
        """The names, where concepts are given by name."""
        return tuple(c for c in self.concepts if isinstance(c, str))

    @property
    def slope(self) -> float | None:
        """The discrimination; 1 where only a difficulty is given, none without calibration."""
        if self.difficulty is None:
            return None
        return 1.0 if self.discrimination is None else self.discrimination

    @property
    def use(self) -> Status:
        """The status, the default filled in."""
        if self.status is not None:
            return self.status
        return Status.DRAFT if self.difficulty is None else Status.ACTIVE


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one record: where it stands, which field, and what."""

    where: str
    field: str
    message: str

    def __str__(self) -> str:
        return (
            f"{self.where}: {self.field}: {self.message}" if self.field else f"{self.where}: {self.message}"
        )


def read(record: Mapping[str, Any], where: str) -> Question | list[Problem]:
    """The question that a record holds, or everything that is wrong with it."""
    try:
        return Question.model_validate(record)
    except ValidationError as error:
        return [_problem(part, where) for part in error.errors()]


def _problem(part: Any, where: str) -> Problem:
    named = [str(step) for step in part["loc"] if not (isinstance(step, str) and step.startswith("tuple["))]
    message = str(part["msg"]).removeprefix("Value error, ")
    if named:
        return Problem(where, ".".join(named), message)
    field, _, why = message.partition(": ")
    return Problem(where, field, why) if why else Problem(where, "", message)


def concept_order(questions: Sequence[Question], given: Sequence[str]) -> tuple[str, ...]:
    """The pool's concepts: as given, or those that questions name, or numbered ones for bare vectors."""
    if given:
        return tuple(given)
    named = dict.fromkeys(name for question in questions for name in question.named_concepts)
    if named:
        return tuple(named)
    longest = max((len(question.concepts) for question in questions), default=0)
    return tuple(f"concept_{number}" for number in range(1, max(1, longest) + 1))


def weights(question: Question, concepts: Sequence[str]) -> list[float]:
    """The question's weight on each concept of its pool. Without concepts it loads on all of them.

    Raises:
        InvalidInput: an unknown name or a vector of another length, naming `concepts`.
    """
    if not question.concepts:
        return [1.0] * len(concepts)
    names = question.named_concepts
    if names:
        unknown = [name for name in names if name not in concepts]
        if unknown:
            raise InvalidInput(f"{unknown[0]!r} is none of the pool's concepts", field="concepts")
        return [1.0 if concept in names else 0.0 for concept in concepts]
    if len(question.concepts) != len(concepts):
        raise InvalidInput(
            f"has {len(question.concepts)} weights; the pool has {len(concepts)} concepts", field="concepts"
        )
    return [float(weight) for weight in question.concepts]


def canonical(question: Question, concepts: Sequence[str]) -> dict[str, Any]:
    """The record that is stored and hashed.

    Raises:
        InvalidInput: as `weights`.
    """
    return {
        "content": question.content,
        "options": list(question.options),
        "correct_answer": question.correct_answer,
        "concepts": weights(question, concepts),
        "difficulty": question.difficulty,
        "discrimination": question.slope,
        "guessing": question.guessing,
        "slipping": question.slipping,
        "status": question.use.value,
        "content_area": question.content_area,
        "enemies": sorted(question.enemies),
    }


def content_hash(record: Mapping[str, Any]) -> str:
    """SHA-256 of a canonical record, in hexadecimal."""
    return hashlib.sha256(orjson.dumps(dict(record), option=orjson.OPT_SORT_KEYS)).hexdigest()
