"""What a person settled."""

from __future__ import annotations

import pytest

from faxappeal.commands.resolve import ResolveResult
from faxappeal.core.lifecycle import State
from faxappeal.output.screens import resolve
from tests.support.shown import Lines


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.DELIVERED, "is delivered."),
        (State.WAITING, "was not sent: faxappeal send sends it."),
        (State.FAILED, "was not sent; it was sent again since."),
    ],
)
def test_what_a_person_settled(lines_of: Lines, state: State, said: str) -> None:
    data = ResolveResult("0123", "one", "fax", "+12025550101", state)
    assert lines_of(resolve.draw, data) == [f"one  fax  +12025550101  {said}"]
