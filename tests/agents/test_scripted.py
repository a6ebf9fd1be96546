"""The agent without a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian import Actor, heard, shown, speech_of

from holdfast.agents.scripted import ScriptedGateway, word_groups
from holdfast.agents.speech import Draft, Speech


async def test_the_script_is_said_alike_every_time(actor: Actor):
    gateway = ScriptedGateway()

    first, second = await heard(gateway, actor), await heard(gateway, actor)

    assert first == second
    assert speech_of(first) == await gateway.speak(actor) == Speech(actor.script(), (), None, "script", None)
    assert shown(first) == actor.script()
    assert sum(isinstance(utterance, Draft) for utterance in first) > 3


def test_it_waits_for_nothing(actor: Actor):
    """Driven by hand, without an event loop: a real wait would show as something sent out."""
    speaking = ScriptedGateway().speak(actor)

    with pytest.raises(StopIteration) as done:
        speaking.send(None)

    assert done.value.value.text == actor.script()


@given(st.text())
def test_groups_are_the_text_again(text: str):
    groups = list(word_groups(text))

    assert "".join(groups) == (text if text.strip() else "")
    assert all(1 <= len(group.split()) <= 4 for group in groups)
