"""What a workshop session may be set up with: the seed's columns, and what each of them may hold. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic.alias_generators import to_camel

from holdfast.programs.workshop.wording import (
    Line,
    PlainList,
    PlainObject,
    Prose,
    SocketAddress,
    WebAddress,
)

REMOVED = "[key removed]"
SHORTEST_KEY, LONGEST_KEY = 8, 400

Account = Annotated[str, Field(pattern=r"^AC[0-9a-zA-Z]{1,62}$")]
Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$")]


class Configuration(BaseModel):
    """A change of a session's configuration: what is not named stays, what is null is cleared.

    Names are taken as ``useCaseDescription`` or ``use_case_description``.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")

    use_case_description: Prose | None = None
    call_direction: Literal["inbound", "outbound"] | None = None
    selected_phone_number: Annotated[str, Field(pattern=r"^\+?[0-9 ().-]{3,40}$")] | None = None
    tts_provider: Line | None = None
    selected_voice: Line | None = None
    openai_api_key: SecretStr | None = Field(default=None, description="kept sealed, never told again")
    system_prompt: Prose | None = None
    ivr_greeting: Prose | None = None
    tools: PlainList | None = None
    voice_settings: PlainObject | None = None
    websocket_url: SocketAddress | None = None
    codespace_url: WebAddress | None = None
    github_repo_url: WebAddress | None = None
    railway_url: WebAddress | None = None
    twilio_account_sid: Account | None = None
    github_username: Username | None = None

    @field_validator("openai_api_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr | None) -> SecretStr | None:
        # The message must never quote the key, so the check is made by hand.
        text = "" if key is None else key.get_secret_value()
        if key is not None and not (
            SHORTEST_KEY <= len(text) <= LONGEST_KEY
            and text.isascii()
            and all(c.isalnum() or c in "-_.:+/=" for c in text)
        ):
            raise ValueError(f"must have {SHORTEST_KEY} to {LONGEST_KEY} letters, digits or marks -_.:+/=")
        return key

    def stated(self) -> dict[str, Any]:
        """What the change names, by column, without the key."""
        named = self.model_fields_set - {"openai_api_key"}
        return {name: getattr(self, name) for name in sorted(named)}

    @property
    def key_is_stated(self) -> bool:
        """Whether the change sets or clears the key."""
        return "openai_api_key" in self.model_fields_set


PROFILE_COLUMNS = ("twilio_account_sid", "github_username")
COLUMNS = tuple(
    name for name in Configuration.model_fields if name not in {*PROFILE_COLUMNS, "openai_api_key"}
)
"""The columns of a session that hold its configuration, the key apart."""
EMPTY: Mapping[str, Any] = {"tools": [], "voice_settings": {}}
"""What a cleared column holds where it may not be null."""


def without_key(value: Any, key: str | None) -> Any:
    """A text or JSON value in which the session's own API key is replaced, wherever it stands.

    Students paste keys into code and error messages; what is handed in is shown, exported and journalled.
    """
    if key is None or value is None:
        return value
    if isinstance(value, str):
        return value.replace(key, REMOVED)
    return orjson.loads(orjson.dumps(value).replace(key.encode(), REMOVED.encode()))
