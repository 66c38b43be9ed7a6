"""A campaign with its ledger at one moment: which letters there are, and in which round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.core.errors import UsageError
from faxappeal.core.lifecycle import Cause, HoldReason, State
from faxappeal.delivery.context import CampaignContext, refuse_unknown
from faxappeal.ledger import Ledger
from faxappeal.providers.base import ProviderReport
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import FakeClock
from tests.support.world import leave

ONE, TWO, MAIL = "one +12025550101", "two +12025550102", "mail office@example.org"
OWN_FAX = ("[sender]\n", '[sender]\nfax = "+49 30 23125 013"\n')
EACH = '[senders]\nmode = "each"\n'
SENDERS = "id,name,place,consent\na,Ada Example,Berlin,2026-11-01\nb,Ben Example,,2026-11-02\n"


@dataclass
class Planned:
    """A campaign, as it is planned again and again with one ledger."""

    folder: Path
    ledger: Ledger
    clock: FakeClock

    @property
    def context(self) -> CampaignContext:
        return CampaignContext(loaded(self.folder), self.ledger, self.clock.now())

    def change(self, words: str, by: str) -> None:
        toml = self.folder / "faxappeal.toml"
        text = toml.read_text(encoding="utf-8")
        assert words in text
        toml.write_text(text.replace(words, by), encoding="utf-8")

    def ends(self, delivery: Delivery, state: State) -> None:
        """The delivery's letter has left, and has come to a state."""
        reference = f"fa-{delivery.id}"
        leave(self.ledger, self.clock, delivery, reference=reference)
        self.clock.sleep(60)
        if state is not State.SUBMITTING:
            now, report = self.clock.now(), ProviderReport("theirs-1")
            cause = Cause.BUSY if state is State.FAILED else None
            self.ledger.attempts.record(delivery.id, reference, state, now, report, cause=cause)


Plan = Callable[..., Planned]


@pytest.fixture
def plan(tmp_path: Path, ledger: Ledger) -> Plan:
    def made(*recipients: str, settings: str = "", senders: str = "") -> Planned:
        folder = write(tmp_path / "campaign", list(recipients or (ONE,)), settings=settings)
        if senders:
            path = folder / "senders.csv"
            path.write_text(senders, encoding="utf-8")
            path.chmod(0o600)
        return Planned(folder, ledger, FakeClock())

    return made


def without_ledger(planned: Planned) -> CampaignContext:
    return CampaignContext(loaded(planned.folder), None, planned.clock.now())


# -- who is meant ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "known", "hint"),
    [
        ("embasy", ["embassy", "council"], "did you mean embassy?"),
        ("x", ["embassy", "council"], "there are: embassy, council"),
        ("x", [f"office-{n}" for n in range(20)], f"there are: {', '.join(f'office-{n}' for n in range(9))}"),
    ],
    ids=["a slip", "something else", "many"],
)  # fmt: skip
def test_an_unknown_recipient_is_refused_with_a_hint(id: str, known: list[str], hint: str) -> None:
    with pytest.raises(UsageError, match=f"no recipient {id} in recipients.yaml") as caught:
        refuse_unknown(id, known)
    assert caught.value.hint == hint


def test_a_known_recipient_is_not_refused() -> None:
    refuse_unknown("embassy", ["embassy"])


def test_recipients_that_are_chosen_or_taken_on_must_be_in_the_list(plan: Plan) -> None:
    context = plan().context
    with pytest.raises(UsageError, match="no recipient tow"):
        context.deliveries(["tow"])
    with pytest.raises(UsageError, match="no recipient tow"):
        context.deliveries(accepted=["tow"])


def test_letters_are_chosen_by_recipient_and_channel(plan: Plan) -> None:
    context = plan(ONE, TWO, MAIL).context
    assert [each.recipient.id for each in context.deliveries()] == ["one", "two", "mail"]
    assert [each.recipient.id for each in context.deliveries(["two"])] == ["two"]
    assert [each.recipient.id for each in context.deliveries(channel="email")] == ["mail"]
    assert not context.deliveries(["one"], "email")


# -- hashes and the date -----------------------------------------------------------------------------


def test_hashes_without_a_ledger_are_the_same_each_time_and_others_with_one(plan: Plan) -> None:
    planned = plan()
    first = without_ledger(planned).digest("address", "fax", "+12025550101")
    assert without_ledger(planned).digest("address", "fax", "+12025550101") == first
    assert planned.context.digest("address", "fax", "+12025550101") != first


@pytest.mark.parametrize(
    ("line", "is_sent", "day"),
    [
        ("date = 2026-11-20", True, date(2026, 11, 20)),
        ("", True, date(2026, 11, 22)),
        ("", False, date(2026, 11, 24)),
    ],
    ids=["the settings", "the first sending", "today"],
)
def test_the_date_of_a_letter(plan: Plan, line: str, is_sent: bool, day: date) -> None:
    planned = plan()
    planned.change("date = 2026-11-24", line)
    if is_sent:
        planned.ledger.start("test", date(2026, 11, 22))
    assert planned.context.day == day
    assert without_ledger(planned).day == (day if line else date(2026, 11, 24))
    assert planned.context.letters().day == day


# -- rounds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "again", "only_failed", "rounds"),
    [
        (State.DELIVERED, False, False, [1]),
        (State.DELIVERED, True, False, [2]),
        (State.UNKNOWN, True, False, [2]),
        (State.ACCEPTED, True, False, [1]),
        (State.FAILED, True, False, [1]),
        (State.FAILED, False, False, [1]),
        (State.FAILED, False, True, [2]),
        (State.DELIVERED, False, True, []),
        (State.UNKNOWN, False, True, []),
        (State.WAITING, False, True, []),
    ],
    ids=[
        *("delivered", "delivered and again", "unknown and again", "accepted and again"),
        *("failed and again", "failed", "failed and once more", "delivered, not failed"),
        *("unknown, not failed", "waiting, not failed"),
    ],
)
def test_in_which_round_a_letter_is(
    plan: Plan, state: State, again: bool, only_failed: bool, rounds: list[int]
) -> None:
    planned = plan()
    [first] = planned.context.deliveries()
    planned.ends(first, state)
    found = planned.context.deliveries(again=again, only_failed=only_failed)
    assert [each.round for each in found] == rounds
    assert all((each.id == first.id) is (each.round == 1) for each in found)
    assert all(each.base == first.base for each in found)


def test_an_accepted_email_is_sent_and_may_go_again(plan: Plan) -> None:
    planned = plan(MAIL)
    [first] = planned.context.deliveries()
    planned.ends(first, State.ACCEPTED)
    [second] = planned.context.deliveries(again=True)
    assert second.round == 2


def test_what_was_never_sent_did_not_fail(plan: Plan) -> None:
    assert not without_ledger(plan()).deliveries(only_failed=True)
    assert [each.round for each in without_ledger(plan()).deliveries(again=True)] == [1]


def test_a_corrected_sender_makes_no_new_letter(plan: Plan) -> None:
    planned = plan()
    [first] = planned.context.deliveries()
    planned.ends(first, State.DELIVERED)
    planned.change("appeals@example.org", "appeal@example.org")
    [after] = planned.context.deliveries()
    assert after.id == first.id and after.other_sender and not first.other_sender


def test_what_the_ledger_holds_is_held(plan: Plan) -> None:
    planned = plan(ONE, TWO)
    one, _ = planned.context.deliveries()
    leave(planned.ledger, planned.clock, one)
    planned.ledger.attempts.record(
        one.id, "fa-1", State.HELD, planned.clock.now(), hold=HoldReason.VOICE
    )
    assert [each.hold for each in planned.context.deliveries()] == [HoldReason.VOICE, None]
    assert [each.hold for each in without_ledger(planned).deliveries()] == [None, None]


# -- many senders ------------------------------------------------------------------------------------


def test_where_many_send_one_each_there_is_a_letter_of_each(plan: Plan) -> None:
    planned = plan(settings=EACH, senders=SENDERS)
    letters = planned.context.deliveries()
    assert [each.signatory for each in letters] == ["a", "b"]
    assert len({each.id for each in letters}) == 2
    assert [each.signatory for each in planned.context.deliveries(one_sender=True)] == ["a"]


def test_a_letter_of_another_of_many_senders_counts_for_nothing(plan: Plan) -> None:
    planned = plan(settings=EACH, senders=SENDERS)
    first, second = planned.context.deliveries()
    planned.ends(first, State.DELIVERED)
    again = planned.context.deliveries(again=True)
    assert [each.round for each in again] == [2, 1]
    assert again[1].id == second.id and not again[1].other_sender


def test_who_sent_a_letter_is_known_by_its_hash(plan: Plan) -> None:
    context = plan(settings=EACH, senders=SENDERS).context
    names = [
        sender.name if (sender := context.sender_of(letter.sender)) else None
        for letter in context.deliveries()
    ]
    assert names == ["Ada Example", "Ben Example"]
    assert context.sender_of("another hash") is None


def test_how_many_senders_have_sent_none_yet(plan: Plan) -> None:
    planned = plan(settings=EACH, senders=SENDERS)
    assert planned.context.new_senders() == without_ledger(planned).new_senders() == 2
    planned.ends(planned.context.deliveries()[0], State.DELIVERED)
    assert planned.context.new_senders() == 1


def test_a_joint_letter_has_no_senders_of_its_own(plan: Plan) -> None:
    planned = plan(senders=SENDERS)
    assert planned.context.new_senders() == 0
    assert [each.signatory for each in planned.context.deliveries()] == [None]


# -- test letters ------------------------------------------------------------------------------------


def test_a_test_letter_goes_to_the_sender_in_place_of_the_recipient(plan: Plan) -> None:
    planned = plan(ONE, MAIL)
    planned.change(*OWN_FAX)
    fax, email = planned.context.deliveries(to_me=True)
    assert (fax.address, email.address) == ("+493023125013", "appeals@example.org")
    assert fax.is_test and email.is_test and fax.zone and fax.zone.key == "Europe/Berlin"
    real = {each.id for each in planned.context.deliveries()}
    assert not real & {fax.id, email.id}


def test_of_many_senders_one_stands_for_all_in_a_test(plan: Plan) -> None:
    planned = plan(MAIL, settings=EACH, senders=SENDERS)
    assert [each.signatory for each in planned.context.deliveries(to_me=True)] == ["a"]


def test_a_test_by_fax_needs_a_fax_of_ones_own(plan: Plan) -> None:
    context = plan(ONE, MAIL).context
    with pytest.raises(UsageError, match="no fax of your own") as caught:
        context.deliveries(to_me=True)
    assert "--channel email" in caught.value.hint
    assert len(context.deliveries(channel="email", to_me=True)) == 1


@pytest.mark.parametrize(
    ("number", "words"), [("+49 30", "your own fax number: "), ("+1 202 555 01", "your own fax number: ")]
)  # fmt: skip
def test_an_own_fax_that_is_no_number_is_refused(plan: Plan, number: str, words: str) -> None:
    planned = plan()
    planned.change("[sender]\n", f'[sender]\nfax = "{number}"\n')
    with pytest.raises(UsageError, match=words) as caught:
        planned.context.deliveries(to_me=True)
    assert caught.value.hint == "mend fax in [sender]"


@pytest.mark.parametrize(
    ("states", "again", "rounds"),
    [
        ([], False, [1, 1]),
        ([State.DELIVERED], False, [1, 1]),
        ([State.DELIVERED, State.WAITING], False, [1, 1]),
        ([State.DELIVERED, State.ACCEPTED], False, [2, 2]),
        ([State.FAILED, State.ACCEPTED], False, [2, 2]),
        ([State.HELD, State.ACCEPTED], False, [2, 2]),
        ([State.UNKNOWN, State.ACCEPTED], False, [2, 2]),
        ([State.DELIVERED], True, [2, 1]),
    ],
    ids=[
        *("no test yet", "one of two", "one still waits", "both sent", "one failed", "one held"),
        *("one unknown", "a person wants it again"),
    ],
)
def test_a_test_goes_on_until_all_of_it_is_over(
    plan: Plan, states: list[State], again: bool, rounds: list[int]
) -> None:
    """A fax and an e-mail; an accepted e-mail is sent."""
    planned = plan(ONE, MAIL)
    planned.change(*OWN_FAX)
    for letter, state in zip(planned.context.deliveries(to_me=True), states, strict=False):
        planned.ends(letter, state)
    found = planned.context.deliveries(to_me=True, again=again)
    assert [each.round for each in found] == rounds


# -- what the ledger has -----------------------------------------------------------------------------


def test_the_records_of_a_campaign_are_found_by_their_ids(plan: Plan) -> None:
    planned = plan(ONE, TWO)
    one, two = planned.context.deliveries()
    planned.ends(one, State.DELIVERED)
    records = planned.context.records
    assert {id: record.state for id, record in records.items()} == {one.id: State.DELIVERED}
    assert two.id not in records and not without_ledger(planned).records


@pytest.mark.parametrize(
    ("recipient", "state", "is_asked"),
    [
        (ONE, State.SUBMITTING, True),
        (ONE, State.ACCEPTED, True),
        (ONE, State.DELIVERED, False),
        (ONE, State.WAITING, False),
        (MAIL, State.SUBMITTING, True),
        (MAIL, State.ACCEPTED, False),
    ],
    ids=[
        "fax on its way",
        "fax accepted",
        "delivered",
        "waiting",
        "email on its way",
        "email sent",
    ],
)
def test_of_a_recipient_who_left_the_list_only_the_outcome_is_asked(
    plan: Plan, recipient: str, state: State, is_asked: bool
) -> None:
    planned = plan(recipient)
    [before] = planned.context.deliveries()
    planned.ends(before, state)
    assert planned.context.orphaned(planned.context.deliveries()) == []
    left = planned.context.orphaned([])
    assert [each.id for each in left] == ([before.id] if is_asked else [])
    for each in left:
        assert each.hold is HoldReason.NOT_LISTED, "nothing more leaves to that address"
        assert (each.channel, each.address) == (before.channel, before.address)
        assert (each.identity, each.address_key) == (before.identity, before.address_key)


def test_before_anything_was_sent_no_letter_is_left_behind(plan: Plan) -> None:
    assert without_ledger(plan()).orphaned([]) == []
