"""The program's statements."""

from __future__ import annotations

from holdfast.store.statements import load

statements = load("holdfast.programs.skills")
