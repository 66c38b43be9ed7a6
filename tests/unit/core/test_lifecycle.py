"""One lifecycle: its words stand in one module, and no other change of a state is written."""

from __future__ import annotations

import ast

import pytest

from faxappeal.core.lifecycle import (
    TRANSITIONS,
    Fate,
    ForbiddenTransition,
    HoldReason,
    State,
    WaitReason,
    check_transition,
)
from tests.support.campaigns import ROOT

SOURCES = ROOT / "src" / "faxappeal"
# where the words of others stand: providers and mail servers use some of the same
OTHERS = ("core/lifecycle.py", "ledger/migrations.py", "providers/")
# what Twilio says of a line and of a check call, and a key of JSON
ALLOWED = {
    ("output/results.py", "unknown"),
    ("commands/verify_call.py", "unknown"),
    ("commands/verify_call.py", "held"),
}


def test_the_words_of_the_lifecycle_stand_in_one_module() -> None:
    words = {str(word) for kind in (State, HoldReason, WaitReason) for word in kind}
    found = []
    for path in sorted(SOURCES.rglob("*.py")):
        name = path.relative_to(SOURCES).as_posix()
        if name.startswith(OTHERS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Constant) or node.value not in words:
                continue
            if (name, node.value) not in ALLOWED:
                found.append(f"{name}:{node.lineno}: {node.value!r}")
    assert not found


def test_each_state_has_one_place_in_the_life_of_a_letter() -> None:
    assert TRANSITIONS.keys() == set(State)
    for state in State:
        assert state.is_open + state.is_in_progress + state.is_final == 1
        assert not (state.is_open and state.may_have_arrived)
    assert {state for state in State if state.is_sent("fax")} == {State.RELAYED, State.DELIVERED}
    assert State.ACCEPTED.is_sent("email") and not State.ACCEPTED.is_sent("fax")


def test_what_may_have_arrived_goes_again_only_where_a_person_settles_it() -> None:
    """From such a state no claim follows, but through `waiting`."""
    claimed_from = {state for state in State if State.SUBMITTING in TRANSITIONS[state]}
    assert claimed_from == {State.PLANNED, State.HELD, State.WAITING}
    assert State.UNKNOWN not in TRANSITIONS[State.DELIVERED]
    assert TRANSITIONS[State.FAILED] == {State.DELIVERED}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_a_forbidden_transition_says_so(before: State, after: State) -> None:
    if after in TRANSITIONS[before]:
        check_transition(before, after)
    else:
        with pytest.raises(ForbiddenTransition, match=f"{before} -> {after}"):
            check_transition(before, after)


def test_every_fate_says_whether_the_letter_has_left() -> None:
    assert {fate for fate in Fate if fate.has_left} == {
        Fate.SENT,
        Fate.UNKNOWN,
        Fate.FAILED,
        Fate.IN_PROGRESS,
    }
