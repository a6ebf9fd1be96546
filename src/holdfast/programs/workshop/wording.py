"""What text and JSON a client may send: nothing that cannot be stored, nothing without an end. Pure."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from holdfast.kit.plain import Line, PlainObject, filled, plain_json, storable

__all__ = ["Code", "Line", "Note", "PlainList", "PlainObject", "Prose", "SocketAddress", "WebAddress"]


def web_address(text: str) -> str:
    """An address that a page may link to.

    Raises:
        ValueError: another scheme than http or https, or blanks inside.
    """
    return _address(text, "https://", "http://")


def socket_address(text: str) -> str:
    """The address of a WebSocket.

    Raises:
        ValueError: another scheme than ws, wss, http or https, or blanks inside.
    """
    return _address(text, "wss://", "ws://", "https://", "http://")


def _address(text: str, *schemes: str) -> str:
    if not text.lower().startswith(schemes):
        raise ValueError(f"must begin with {' or '.join(schemes)}")
    if not text.isprintable() or any(character.isspace() for character in text):
        raise ValueError("must not contain blanks or control characters")
    return text


Note = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(storable), AfterValidator(filled)]
"""A few sentences."""
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(storable)]
"""A prompt or description."""
Code = Annotated[str, StringConstraints(max_length=100_000), AfterValidator(storable)]
"""What a student handed in."""
WebAddress = Annotated[
    str, StringConstraints(max_length=2_000), AfterValidator(storable), AfterValidator(web_address)
]
SocketAddress = Annotated[
    str, StringConstraints(max_length=2_000), AfterValidator(storable), AfterValidator(socket_address)
]
PlainList = Annotated[list[dict[str, Any]], AfterValidator(plain_json)]
