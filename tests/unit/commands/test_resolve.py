"""What a person found out of a letter whose outcome was unknown."""

from __future__ import annotations

import pytest

from faxappeal.commands.resolve import ResolveResult, resolve
from faxappeal.core.errors import ExitCode, UsageError
from faxappeal.core.lifecycle import Resolution, State
from faxappeal.ledger.locking import LedgerLocked, lock
from tests.support import ledgers, shown
from tests.support.commands import Surroundings

DELIVERED, NOT_SENT = Resolution.DELIVERED, Resolution.NOT_SENT


@pytest.fixture
def unknown(around: Surroundings) -> Surroundings:
    """Two letters, of which the first may have arrived."""
    around.write("one +12025550101", "two +12025550102")
    around.end(State.UNKNOWN, "one")
    around.end(State.DELIVERED, "two")
    return around


def id_of(around: Surroundings, recipient: str = "one") -> str:
    with around.ledger() as ledger:
        [found] = [
            each.id for each in ledger.queries.records("test") if each.recipient == recipient
        ]
    return found


def settle(
    around: Surroundings, finding: Resolution, id: str | None = None, reason: str = ""
) -> ResolveResult:
    id = id_of(around) if id is None else id
    result = resolve(around.folder, around.clock, id, finding, reason)
    assert result.exit_code is ExitCode.OK
    data: ResolveResult = result.data
    return data


@pytest.mark.parametrize(
    ("finding", "state"), [(DELIVERED, State.DELIVERED), (NOT_SENT, State.WAITING)]
)
def test_what_a_person_found_out_is_how_the_letter_stands(
    unknown: Surroundings, finding: Resolution, state: State
) -> None:
    found = settle(unknown, finding)
    assert found == ResolveResult(id_of(unknown), "one", "fax", "+12025550101", state)
    assert unknown.states() == {"one": state, "two": State.DELIVERED}
    assert unknown.events("one")[-2:] == ["resolved", state]


@pytest.mark.parametrize(
    ("reason", "note"), [("they called", "delivered: they called"), ("", "delivered")]
)
def test_the_reason_is_in_the_log(unknown: Surroundings, reason: str, note: str) -> None:
    settle(unknown, DELIVERED, reason=reason)
    with unknown.ledger() as ledger:
        [event] = [each for each in ledger.queries.events("test") if each.event == "resolved"]
    assert event.note == note


@pytest.mark.parametrize("length", [4, 5, 12])
def test_the_beginning_of_an_id_is_enough(unknown: Surroundings, length: int) -> None:
    assert settle(unknown, DELIVERED, id_of(unknown)[:length]).recipient == "one"


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("ffffffff", "ffffffff is no delivery of this campaign"),
        ("a", "a is too short"),
        ("%", "% is too short"),
        ("", "nothing is no delivery of this campaign"),
    ],
)
def test_an_id_of_no_letter_is_refused_and_the_unknown_are_named(
    unknown: Surroundings, id: str, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        settle(unknown, DELIVERED, id)
    assert caught.value.message == said
    if "short" in said:
        assert caught.value.hint == "write at least 4 characters of it"
    else:
        assert caught.value.hint == f"unknown are: {id_of(unknown)}"


def test_a_beginning_of_two_ids_settles_neither(unknown: Surroundings) -> None:
    with unknown.ledger() as ledger:
        for number in (1, 2):
            same = shown.delivery(id=f"abcd{number}", identity=f"abcd{number}")
            ledgers.end(ledger, same, State.UNKNOWN, unknown.clock.now(), f"fa-{number}")
    with pytest.raises(UsageError, match="abcd stands for several deliveries"):
        settle(unknown, DELIVERED, "abcd")
    assert settle(unknown, DELIVERED, "abcd1").delivery == "abcd1"


def test_where_no_letter_is_unknown_that_is_said(unknown: Surroundings) -> None:
    settle(unknown, DELIVERED)
    with pytest.raises(UsageError) as caught:
        settle(unknown, DELIVERED, "ffffffff")
    assert caught.value.hint == "no letter is unknown"


def test_only_what_is_unknown_can_be_settled(unknown: Surroundings) -> None:
    with pytest.raises(UsageError, match="is not unknown but delivered"):
        settle(unknown, NOT_SENT, id_of(unknown, "two"))
    assert unknown.states()["two"] is State.DELIVERED


def test_what_was_mistyped_can_be_put_right(unknown: Surroundings) -> None:
    settle(unknown, NOT_SENT)
    assert settle(unknown, DELIVERED, reason="mistyped").state is State.DELIVERED
    assert settle(unknown, NOT_SENT).state is State.WAITING


def test_a_letter_of_another_campaign_is_not_found(unknown: Surroundings) -> None:
    id = id_of(unknown)
    unknown.change("faxappeal.toml", 'id = "test"', 'id = "other"')
    with pytest.raises(UsageError, match="no delivery of this campaign"):
        settle(unknown, DELIVERED, id)


def test_nothing_can_be_settled_before_anything_was_sent(around: Surroundings) -> None:
    with pytest.raises(UsageError, match="nothing was sent yet"):
        settle(around, DELIVERED, "abcd")


def test_nothing_is_settled_while_letters_are_being_sent(unknown: Surroundings) -> None:
    id = id_of(unknown)
    with unknown.ledger() as ledger, lock(ledger, "a run"), pytest.raises(LedgerLocked):
        settle(unknown, DELIVERED, id)
    assert unknown.states()["one"] is State.UNKNOWN
