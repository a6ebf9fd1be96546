"""What is written can be read: contrast of the style sheet's colours in both schemes (WCAG 2.2, AA)."""

import re

import pytest

from holdfast.console.pages import static_files

ENOUGH = 4.5
PAIRS = [
    ("ink", "ground"), ("ink", "paper"), ("ink", "tint"), ("ink", "own"),
    ("soft", "ground"), ("soft", "paper"), ("soft", "tint"), ("soft", "own"),
    ("accent", "ground"), ("accent", "paper"), ("accent", "tint"), ("accent-ink", "accent"),
    ("good", "paper"), ("good", "own"), ("bad", "paper"), ("bad", "bad-tint"), ("warn", "warn-tint"),
    ("monitor-ink", "monitor"), ("monitor-soft", "monitor"),
]  # fmt: skip


def _schemes():
    text = static_files()["console.css"].decode()
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in _roots(text))
    return {"light": light, "dark": light | dark}


def _roots(text):
    blocks = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    assert len(blocks) == 2
    return blocks


def _luminance(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one, other):
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_guideline_says():
    assert _contrast("#ffffff", "#000000") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(scheme, text, ground):
    colours = _schemes()[scheme]
    assert _contrast(colours[text], colours[ground]) >= ENOUGH


def test_motion_is_only_for_those_who_want_it():
    text = static_files()["console.css"].decode()
    before, _, after = text.partition("@media (prefers-reduced-motion: no-preference)")
    assert "animation:" in after
    assert "animation:" not in before
    assert "transition:" not in text
