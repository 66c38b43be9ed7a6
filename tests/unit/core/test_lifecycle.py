"""One lifecycle: its words stand in one module, and no other change of a state is written."""

from __future__ import annotations

import ast

import pytest

from faxappeal.core.lifecycle import (
    ENDED_BY,
    FINAL,
    IN_PROGRESS,
    MAY_HAVE_ARRIVED,
    OPEN,
    STRENGTH,
    TRANSITIONS,
    Fate,
    ForbiddenTransition,
    HoldReason,
    Method,
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
    ("output/screens/verify.py", "unknown"),
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


@pytest.mark.parametrize(
    ("state", "life", "may_have_arrived"),
    [
        (State.PLANNED, OPEN, False),
        (State.HELD, OPEN, False),
        (State.WAITING, OPEN, False),
        (State.SUBMITTING, IN_PROGRESS, True),
        (State.ACCEPTED, IN_PROGRESS, True),
        (State.RELAYED, FINAL, True),
        (State.DELIVERED, FINAL, True),
        (State.FAILED, FINAL, False),
        (State.UNKNOWN, FINAL, True),
    ],
)
def test_a_state_says_where_the_letter_is(
    state: State, life: tuple[State, ...], may_have_arrived: bool
) -> None:
    assert [group for group in (OPEN, IN_PROGRESS, FINAL) if state in group] == [life]
    assert (state in MAY_HAVE_ARRIVED) is may_have_arrived


@pytest.mark.parametrize(
    ("state", "fax", "email"),
    [
        (State.SUBMITTING, False, False),
        (State.ACCEPTED, False, True),  # SMTP reports nothing more
        (State.RELAYED, True, True),
        (State.DELIVERED, True, True),
        (State.FAILED, False, False),
        (State.UNKNOWN, False, False),
    ],
)
def test_a_letter_counts_as_sent_by_its_channel(state: State, fax: bool, email: bool) -> None:
    assert (state.is_sent("fax"), state.is_sent("email")) == (fax, email)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        pytest.param(State.UNKNOWN, State.ACCEPTED, id="something is known"),
        pytest.param(State.ACCEPTED, State.RELAYED, id="passed on"),
        pytest.param(State.RELAYED, State.DELIVERED, id="arrived"),
        pytest.param(State.RELAYED, State.FAILED, id="bounced"),
    ],
)
def test_a_surer_report_counts_more(less: State, more: State) -> None:
    assert less.certainty < more.certainty


def test_of_two_ends_the_later_one_counts() -> None:
    assert State.DELIVERED.certainty == State.FAILED.certainty


@pytest.mark.parametrize("state", [*OPEN, State.SUBMITTING])
def test_no_report_leads_to_a_state_before_the_provider_had_it(state: State) -> None:
    assert state.certainty == -1


@pytest.mark.parametrize(
    ("fate", "is_open"),
    [
        (Fate.GOES, True),
        (Fate.WAITS, True),
        (Fate.IN_PROGRESS, True),
        (Fate.HELD, False),
        (Fate.SENT, False),
        (Fate.UNKNOWN, False),
        (Fate.FAILED, False),
    ],
)
def test_a_fate_says_whether_something_is_still_to_come(fate: Fate, is_open: bool) -> None:
    assert fate.is_open is is_open


@pytest.mark.parametrize(
    ("reason", "text", "can_be_overridden"),
    [
        (HoldReason.UNVERIFIED, "has checked", True),
        (HoldReason.STALE, "180 days", True),
        (HoldReason.OPTED_OUT, "do not want", False),
        (HoldReason.RETIRED, "no longer in use", False),
        (HoldReason.VOICE, "no fax tone", False),
        (HoldReason.CALL, "check call", False),
        (HoldReason.FAILING, "not exist", False),
        (HoldReason.NO_TIME_ZONE, "time zone is not known", False),
        (HoldReason.SAME_LETTER, "", False),
        (HoldReason.NOT_LISTED, "", False),
    ],
)
def test_a_hold_says_what_it_means_and_whether_a_reason_ends_it(
    reason: HoldReason, text: str, can_be_overridden: bool
) -> None:
    assert text in reason.text and bool(text) == bool(reason.text)
    assert reason.can_be_overridden is can_be_overridden


@pytest.mark.parametrize(
    ("hold", "ended_by"),
    [
        (HoldReason.FAILING, {Method.WEBSITE, Method.CALL, Method.LETTERHEAD}),
        (HoldReason.CALL, {Method.CALL}),
        (HoldReason.VOICE, {Method.CALL}),
        (HoldReason.OPTED_OUT, set()),
    ],
)
def test_only_a_call_finds_out_who_answers_a_telephone(
    hold: HoldReason, ended_by: set[Method]
) -> None:
    assert ENDED_BY.get(hold, frozenset()) == ended_by


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        pytest.param(HoldReason.FAILING, HoldReason.VOICE, id="somebody answered there"),
        pytest.param(HoldReason.CALL, HoldReason.VOICE, id="surely, not perhaps"),
        pytest.param(HoldReason.VOICE, HoldReason.OPTED_OUT, id="they said so"),
    ],
)
def test_a_stronger_hold_is_not_forgotten(weaker: HoldReason, stronger: HoldReason) -> None:
    assert STRENGTH.index(weaker) < STRENGTH.index(stronger)
