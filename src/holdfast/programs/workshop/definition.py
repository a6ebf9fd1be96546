"""What a workshop is: its steps in their order, and when one counts as done. Read from YAML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from holdfast.kit.errors import InvalidInput

MOST_STEPS = 100
LARGEST_FILE = 200_000

Need = Literal[
    "use_case_description",
    "call_direction",
    "selected_phone_number",
    "tts_provider",
    "selected_voice",
    "openai_api_key",
    "system_prompt",
    "ivr_greeting",
    "tools",
    "voice_settings",
    "websocket_url",
    "codespace_url",
    "github_repo_url",
    "railway_url",
    "code_submitted",
    "deployment_url",
]
"""What a step may need: a part of the session's configuration, or of what was handed in for the step."""
Named = Annotated[str, Field(min_length=1, max_length=200)]


class Step(BaseModel):
    """One step.

    Attributes:
        number: counted from 1, which is the only base that is stored.
        aliases: other names that clients use for it.
        complete_when: told to people.
        needs: what the session must hold for it to pass, where the workshop checks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Annotated[int, Field(strict=True, ge=1, le=MOST_STEPS)]
    name: Named
    aliases: tuple[Named, ...] = ()
    complete_when: str = Field(default="", max_length=1000)
    needs: tuple[Need, ...] = ()

    @property
    def names(self) -> set[str]:
        """Every name of the step, case folded."""
        return {name.strip().casefold() for name in (self.name, *self.aliases)}


class Definition(BaseModel):
    """A workshop.

    Attributes:
        completion: ``reported`` takes the client's word that a step is done, ``checked`` also asks for
            what the step needs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["holdfast-workshop/1"]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    version: Annotated[str, Field(min_length=1, max_length=40)]
    title: Named
    completion: Literal["reported", "checked"] = "reported"
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS)]

    @model_validator(mode="after")
    def _in_order(self) -> Definition:
        if [step.number for step in self.steps] != list(range(1, len(self.steps) + 1)):
            raise ValueError("the steps must be numbered 1, 2, 3 and so on, in their order")
        names = [name for step in self.steps for name in step.names]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two steps are called {twice[0]!r}")
        return self

    @property
    def total_steps(self) -> int:
        """How many steps make the workshop whole."""
        return len(self.steps)

    def step(self, number: int) -> Step | None:
        """The step with this number, counted from 1; none outside the workshop."""
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None

    def called(self, name: str) -> Step | None:
        """The step of this name or alias, in any case; none when no step is called so."""
        wanted = name.strip().casefold()
        return next((step for step in self.steps if wanted in step.names), None)


def parse(text: str | bytes, *, source: str) -> Definition:
    """Read a workshop from YAML.

    Args:
        text: the file's content.
        source: the name to use in messages.

    Raises:
        InvalidInput: naming source, line or field, and what is wrong.
    """
    if len(text) > LARGEST_FILE:
        raise InvalidInput(f"is larger than {LARGEST_FILE} bytes", field=source)
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise InvalidInput(f"is not YAML{line}", field=source) from error
    return from_document(document, source=source)


def from_document(document: Any, *, source: str) -> Definition:
    """The workshop that a document describes.

    Raises:
        InvalidInput: naming the field that is wrong.
    """
    try:
        return Definition.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(first["msg"], field=f"{source}: {place}" if place else source) from error


def document_of(definition: Definition) -> dict[str, Any]:
    """The workshop as plain JSON values; what is empty is left out."""
    return definition.model_dump(mode="json", exclude_defaults=True) | {"completion": definition.completion}


def content_hash(definition: Definition) -> str:
    """SHA-256 of the canonical document, 64 hexadecimal digits."""
    text = json.dumps(document_of(definition), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def unmet(definition: Definition, step: Step, held: Mapping[str, Any]) -> tuple[str, ...]:
    """What a step still needs, in a workshop that checks; nothing in one that does not.

    Args:
        definition: the workshop.
        step: one of its steps.
        held: by name, what the session is set up with and what was handed in for the step.
    """
    if definition.completion == "reported":
        return ()
    return tuple(need for need in step.needs if _is_blank(held.get(need)))


def _is_blank(value: Any) -> bool:
    return not value.strip() if isinstance(value, str) else not value
