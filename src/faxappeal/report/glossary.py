"""What states, causes, events and the log's keys mean: for the docs and the report. The sentences
are in glossary.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from ..core.lifecycle import Cause, State

_TEXTS = tomllib.loads(files(__package__).joinpath("glossary.toml").read_text(encoding="utf-8"))

STATES: Mapping[State, str] = {State(state): text for state, text in _TEXTS["states"].items()}
CAUSES: Mapping[Cause, tuple[str, str]] = {
    Cause(cause): (meaning, follows) for cause, (meaning, follows) in _TEXTS["causes"].items()
}
EVENTS: Mapping[str, str] = _TEXTS["events"]
LABELS: Mapping[str, str] = _TEXTS["labels"]


def meaning(state: State, channel: str) -> str:
    """What a state means of a fax, or of an e-mail."""
    return str(_TEXTS[f"states-of-{channel}"].get(state, STATES[state]))
