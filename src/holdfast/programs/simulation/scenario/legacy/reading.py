"""The JSON of an older blueprint: read strictly, and checked before anything is made of it."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.scenario.legacy.ledger import Ledger, Place

MAXIMUM_BYTES = 2_000_000
MAXIMUM_DEPTH = 40

_SCALARS = (str, int, float, bool, type(None))


def read_blueprint(text: str | bytes, *, source: str) -> dict[str, Any]:
    """Read an older blueprint from JSON.

    Raises:
        InvalidInput: not UTF-8, not JSON, NaN or infinity, a key twice, too large, not an object.
    """
    try:
        data = text.encode() if isinstance(text, str) else text
        if len(data) > MAXIMUM_BYTES:
            raise InvalidInput(f"{source}: larger than {MAXIMUM_BYTES:,} bytes")
        blueprint = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_no_key_twice, parse_constant=_refuse
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidInput(f"{source}: not JSON: {error.msg} ({where})", line=error.lineno) from None
    except UnicodeError:
        raise InvalidInput(f"{source}: not UTF-8 text") from None
    except RecursionError:
        raise InvalidInput(f"{source}: nested too deep") from None
    except ValueError as error:
        raise InvalidInput(f"{source}: {error}") from None
    if not isinstance(blueprint, dict):
        raise InvalidInput(f"{source}: a blueprint is a JSON object")
    return blueprint


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key '{key}' stands twice in one object")
        found[key] = value
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def checked_root(blueprint: object, *, source: str) -> Place:
    """The whole file as a place.

    Raises:
        InvalidInput: not an object, nested too deep, a number that is none, a value that JSON has not.
    """
    root = Place(Ledger(source), (), blueprint)
    if not isinstance(blueprint, dict):
        root.fail("a blueprint is a JSON object")
    waiting = [root]
    while waiting:
        place = waiting.pop()
        if len(place.path) > MAXIMUM_DEPTH:
            place.fail("nested too deep")
        if isinstance(place.value, dict):
            if not all(isinstance(key, str) for key in place.value):
                place.fail("has a key that is not text")
            waiting += [place[key] for key in place.value]
        elif isinstance(place.value, list):
            waiting += [place[index] for index in range(len(place.value))]
        elif not isinstance(place.value, _SCALARS):
            place.fail(f"holds a {type(place.value).__name__}, which JSON does not have")
        elif isinstance(place.value, float) and not math.isfinite(place.value):
            place.fail("is not a finite number")
    return root
