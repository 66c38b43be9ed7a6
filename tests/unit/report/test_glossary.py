"""What the words of the log mean."""

from __future__ import annotations

import pytest

from faxappeal.core.lifecycle import Cause, State
from faxappeal.report.glossary import CAUSES, EVENTS, LABELS, STATES, meaning


def test_each_state_and_each_cause_is_explained() -> None:
    assert set(STATES) == set(State)
    assert set(CAUSES) == set(Cause)


@pytest.mark.parametrize("texts", [STATES, EVENTS, LABELS, dict(CAUSES.values())])
def test_each_explanation_is_one_short_sentence(texts: dict[str, str]) -> None:
    for text in texts.values():
        assert text == text.strip() and 3 < len(text) < 120 and not text.endswith(".")


@pytest.mark.parametrize(
    ("state", "channel", "words"),
    [
        (State.DELIVERED, "fax", "the far end confirmed all pages"),
        (State.DELIVERED, "email", "it is in the mailbox"),
        (State.ACCEPTED, "fax", "the account has it"),
        (State.ACCEPTED, "email", "the mail server has it"),
        (State.UNKNOWN, "fax", STATES[State.UNKNOWN]),
        (State.UNKNOWN, "email", STATES[State.UNKNOWN]),
    ],
)
def test_a_state_means_what_the_channel_can_know(state: State, channel: str, words: str) -> None:
    assert meaning(state, channel) == words
