"""A session result as a client sends it, checked field by field, so that a refusal names the field."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag

from holdfast.programs.practice.phrases import spelling
from holdfast.programs.practice.results import (
    LONGEST_PHRASE,
    LONGEST_SESSION_S,
    MOST_PHRASES,
    MOST_WORDS,
    MOST_WORDS_SPOKEN,
    checked_metadata,
)
from holdfast.programs.practice.saving import Finished

Phrase = Annotated[str, Field(max_length=LONGEST_PHRASE), AfterValidator(spelling)]
Score = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, strict=True)]


class RatedWord(BaseModel):
    """A word with how well it was known: 1 again, 2 hard, 3 good, 4 easy."""

    word: Phrase
    rating: Annotated[int, Field(ge=1, le=4, strict=True)]


def _form_of(given: Any) -> str:
    return "word" if isinstance(given, str) else "rated"


Word = Annotated[Annotated[Phrase, Tag("word")] | Annotated[RatedWord, Tag("rated")], Discriminator(_form_of)]


class SessionResult(BaseModel):
    """A finished session. A score that is missing or null stays missing and is in no average."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "session_type": "conversation",
                    "duration_seconds": 300,
                    "words_spoken": 120,
                    "pronunciation_score": 85.5,
                    "fluency_score": 78.0,
                    "grammar_score": 82.5,
                    "topics": ["travel", "hotels"],
                    "vocabulary_learned": ["reservation", {"word": "available", "rating": 2}],
                    "areas_to_improve": ["past tense", "prepositions"],
                    "metadata": {"scenario_id": "hotel_check_in"},
                }
            ]
        },
    )

    session_type: Literal["conversation", "pronunciation", "roleplay"]
    duration_seconds: Annotated[int, Field(ge=0, le=LONGEST_SESSION_S, strict=True)]
    words_spoken: Annotated[int, Field(ge=0, le=MOST_WORDS_SPOKEN, strict=True)] = 0
    pronunciation_score: Score | None = None
    fluency_score: Score | None = None
    grammar_score: Score | None = None
    topics: Annotated[list[Phrase], Field(max_length=MOST_PHRASES)] = []
    vocabulary_learned: Annotated[list[Word], Field(max_length=MOST_WORDS)] = []
    areas_to_improve: Annotated[list[Phrase], Field(max_length=MOST_PHRASES)] = []
    metadata: Annotated[dict[str, Any], AfterValidator(checked_metadata)] | None = None

    def finished(self) -> Finished:
        """The result as the program takes it."""
        return Finished(
            session_type=self.session_type,
            duration_seconds=self.duration_seconds,
            words_spoken=self.words_spoken,
            pronunciation_score=self.pronunciation_score,
            fluency_score=self.fluency_score,
            grammar_score=self.grammar_score,
            topics=self.topics,
            vocabulary_learned=[w.word if isinstance(w, RatedWord) else w for w in self.vocabulary_learned],
            areas_to_improve=self.areas_to_improve,
            metadata=self.metadata or {},
            ratings=[(w.word, w.rating) for w in self.vocabulary_learned if isinstance(w, RatedWord)],
        )
