"""Which letter goes where, under which identity, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from faxappeal.campaign import delivery
from faxappeal.campaign.delivery import Delivery, deliveries, keyed, zone_of
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.campaign.recipients import Recipient
from faxappeal.config.sections import Sender
from faxappeal.core.address import AddressError
from faxappeal.core.lifecycle import HoldReason
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import MORNING
from tests.support.shown import contact

TODAY = MORNING.date()
DIGEST = keyed(b"a key of this installation")


# -- hashes ------------------------------------------------------------------------------------------


def test_a_hash_says_the_same_of_the_same_and_nothing_to_others() -> None:
    own, other = keyed(b"one"), keyed(b"two")
    assert own("address", "+12025550101") == own("address", "+12025550101")
    assert own("address", "+12025550101") != other("address", "+12025550101")
    assert "2025550101" not in own("address", "+12025550101")


def test_parts_of_a_hash_do_not_run_together() -> None:
    assert len({DIGEST("ab", "c"), DIGEST("a", "bc"), DIGEST("abc"), DIGEST("a,b", "c")}) == 4


# -- the recipient's time zone -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "given", "expected"),
    [
        pytest.param("+493023125012", None, "Europe/Berlin", id="of the number"),
        pytest.param("+493023125012", "Europe/Berlin", "Europe/Berlin", id="of both"),
        pytest.param("+493023125012", "Asia/Shanghai", None, id="they contradict each other"),
        pytest.param("+18005550101", None, None, id="a number of many zones"),
        pytest.param("+18005550101", "America/Chicago", "America/Chicago", id="one of many"),
        pytest.param("+18005550101", "Europe/Berlin", None, id="none of many"),
        pytest.param("+493023125012", "Europe/Berln", None, id="no place"),
        pytest.param("+493023125012", "localtime", None, id="the sender's own"),
        pytest.param(None, "Asia/Shanghai", "Asia/Shanghai", id="no number"),
        pytest.param(None, None, None, id="nothing"),
    ],
)
def test_the_time_zone_leaves_no_doubt_or_is_none(
    number: str | None, given: str | None, expected: str | None
) -> None:
    fax = contact(address=number) if number else None
    recipient = Recipient("one", "Office", "US", timezone=given, fax=fax)
    zone = zone_of(recipient, TODAY)
    assert (zone.key if zone else None) == expected


# -- the letters of a campaign -----------------------------------------------------------------------


@pytest.fixture
def campaign(tmp_path: Path) -> LoadedCampaign:
    folder = write(tmp_path, ["one +12025550101", "two two@example.org", "three +493023125013"])
    path = folder / "recipients.yaml"
    fax, both = 'fax: "+12025550101"', 'fax: "+12025550101"\n    email: one@example.org'
    path.write_text(path.read_text().replace(fax, both))
    return loaded(folder)


def planned(campaign: LoadedCampaign, moment: datetime = MORNING, **choice: Any) -> list[Delivery]:
    return deliveries(campaign, DIGEST, moment, **choice)


def targets(found: list[Delivery]) -> list[tuple[str, str]]:
    return [(each.recipient.id, each.channel) for each in found]


ALL = [("one", "fax"), ("one", "email"), ("two", "email"), ("three", "fax")]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        pytest.param({}, ALL, id="all"),
        pytest.param(
            {"only": ["three", "one"]}, [ALL[0], ALL[1], ALL[3]], id="some, in file order"
        ),
        pytest.param({"channel": "email"}, ALL[1:3], id="by e-mail"),
        pytest.param({"only": ["one"], "channel": "fax"}, ALL[:1], id="one by fax"),
        pytest.param({"only": ["other"]}, [], id="no one"),
    ],
)
def test_which_letters_are_chosen(
    campaign: LoadedCampaign, choice: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert targets(planned(campaign, **choice)) == expected


def test_each_letter_has_an_identity_of_its_own_that_stays(campaign: LoadedCampaign) -> None:
    first, later = planned(campaign), planned(campaign, MORNING + timedelta(days=30))
    assert len({each.identity for each in first}) == 4
    assert [each.identity for each in first] == [each.identity for each in later]
    assert all(each.identity.startswith(each.id) and len(each.id) == 12 for each in first)
    assert {each.round for each in first} == {1}


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("recipients.yaml", "+12025550101", "+12025550109"),
        ("faxappeal.toml", '"test"', '"other"'),
        ("faxappeal.toml", "appeals@example.org", "group@example.org"),
    ],
    ids=["number", "campaign", "sender"],
)
def test_another_address_campaign_or_sender_is_another_letter(
    campaign: LoadedCampaign, name: str, old: str, new: str
) -> None:
    before = planned(campaign)[0]
    path = campaign.folder / name
    path.write_text(path.read_text().replace(old, new))
    after = planned(loaded(campaign.folder))[0]
    assert after.identity != before.identity
    assert (after.address_key == before.address_key) == (name != "recipients.yaml")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("recipients.yaml", '"+12025550101"', '"+1 (202) 555-0101"'),
        ("recipients.yaml", "Office one", "Office One"),
        ("recipients.yaml", "id: one", "id: first"),
        ("faxappeal.toml", "Erika Mustermann", "E. Mustermann"),
        ("faxappeal.toml", "appeals@example.org", "Appeals@example.org"),
        ("letter.j2", "please answer", "please do answer"),
    ],
    ids=["spelling", "name", "label", "sender's name", "capitals", "words"],
)
def test_another_spelling_is_the_same_letter(
    campaign: LoadedCampaign, name: str, old: str, new: str
) -> None:
    before = planned(campaign)[0]
    path = campaign.folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert planned(loaded(campaign.folder))[0].identity == before.identity


def test_a_later_round_is_another_letter_on_the_same_base(campaign: LoadedCampaign) -> None:
    first = planned(campaign)[0]
    second = planned(campaign, rounds={first.base: 2})[0]
    third = planned(campaign, rounds={first.base: 3})[0]
    assert (second.round, third.round) == (2, 3)
    assert second.base == third.base == first.base == first.identity
    assert len({first.identity, second.identity, third.identity}) == 3
    assert len({first.id, second.id, third.id}) == 3


def test_a_corrected_sender_makes_no_new_letter(campaign: LoadedCampaign) -> None:
    first = planned(campaign)[0]
    found = planned(campaign, bases={first.address_key: "f" * 64}, rounds={"f" * 64: 1})
    assert found[0].identity == "f" * 64 and found[0].other_sender
    assert not any(each.other_sender for each in found[1:])


def test_a_letter_that_the_sender_has_sent_stays_the_senders_own(campaign: LoadedCampaign) -> None:
    first = planned(campaign)[0]
    bases, rounds = {first.address_key: "f" * 64}, {first.base: 1, "f" * 64: 1}
    found = planned(campaign, bases=bases, rounds=rounds)[0]
    assert found.identity == first.identity and not found.other_sender


def test_a_hold_of_the_ledger_stands_by_the_address(campaign: LoadedCampaign) -> None:
    key = planned(campaign)[0].address_key
    found = planned(campaign, holds={key: HoldReason.VOICE}, accepted=["one"])
    assert [each.hold for each in found] == [HoldReason.VOICE, None, None, None]


def test_what_a_person_has_taken_on_is_marked(campaign: LoadedCampaign) -> None:
    stale = MORNING + timedelta(days=300)
    found = planned(campaign, stale, accepted=["one"])
    assert [(each.accepted, each.hold) for each in found] == [
        (True, None), (True, None), (False, HoldReason.STALE), (False, HoldReason.STALE),
    ]  # fmt: skip


def test_a_letter_knows_who_signs_it_and_whether_it_goes_again(campaign: LoadedCampaign) -> None:
    [found] = planned(campaign, only=["two"], again=True, signatory="s-1")
    assert (found.again, found.signatory, found.is_test) == (True, "s-1", False)
    assert found.zone == ZoneInfo("America/New_York")
    assert (found.channel, found.address) == ("email", "two@example.org")


# -- test letters to oneself -------------------------------------------------------------------------

SENDER = Sender(
    name="Erika Mustermann",
    phone="+49 30 23125 012",
    email="erika@example.org",
    fax="+49 30 23125 014",
)


def rehearsed(
    letters: list[Delivery],
    sender: Sender = SENDER,
    *,
    holds: dict[str, HoldReason] | None = None,
    rounds: dict[str, int] | None = None,
    over: frozenset[str] = frozenset(),
    again: bool = False,
) -> list[Delivery]:
    make: Callable[..., list[Delivery]] = delivery.test_deliveries
    return make(
        letters, sender, DIGEST, MORNING,
        holds=holds or {}, rounds=rounds or {}, over=over, again=again,
    )  # fmt: skip


def test_a_test_letter_goes_to_the_sender_alone(campaign: LoadedCampaign) -> None:
    found = rehearsed(planned(campaign))
    assert [each.address for each in found] == [
        "+493023125014", "erika@example.org", "erika@example.org", "+493023125014",
    ]  # fmt: skip
    assert targets(found) == ALL, "the letters stay those of the recipients"
    assert all(each.is_test and each.again for each in found)
    assert found[0].contact.raw_address == "+49 30 23125 014"


def test_a_test_letter_keeps_the_hours_and_holidays_of_the_senders_country(
    campaign: LoadedCampaign,
) -> None:
    fax, email, *_ = rehearsed(planned(campaign))
    assert (fax.country, fax.zone) == ("DE", ZoneInfo("Europe/Berlin"))
    assert (email.country, email.zone) == ("", None)


def test_a_number_of_many_zones_leaves_a_test_letter_none(campaign: LoadedCampaign) -> None:
    sender = SENDER.model_copy(update={"fax": "+1 800 555 0101"})
    assert rehearsed(planned(campaign), sender)[0].zone is None


def test_a_simulator_may_stand_for_ones_own_fax(campaign: LoadedCampaign) -> None:
    sender = SENDER.model_copy(update={"fax": "+999-9999-263"})
    first = rehearsed(planned(campaign), sender)[0]
    assert (first.address, first.country) == ("+999-9999-263", "")


@pytest.mark.parametrize("fax", [None, "+49 171 3920012", "+49 112"], ids=str)
def test_without_a_fax_of_ones_own_there_is_no_test(
    campaign: LoadedCampaign, fax: str | None
) -> None:
    sender = SENDER.model_copy(update={"fax": fax})
    with pytest.raises(AddressError):
        rehearsed(planned(campaign), sender)
    assert len(rehearsed(planned(campaign, channel="email"), sender)) == 2


def test_a_doubt_about_a_recipient_holds_no_test_letter(campaign: LoadedCampaign) -> None:
    letters = planned(campaign, MORNING + timedelta(days=300))
    assert {each.hold for each in letters} == {HoldReason.STALE}
    assert {each.hold for each in rehearsed(letters)} == {None}


def test_a_hold_on_ones_own_number_holds_the_test(campaign: LoadedCampaign) -> None:
    key = DIGEST("address", "fax", "+493023125014")
    holds = [each.hold for each in rehearsed(planned(campaign), holds={key: HoldReason.VOICE})]
    assert holds == [HoldReason.VOICE, None, None, HoldReason.VOICE]


def test_a_test_letter_is_none_of_the_letters(campaign: LoadedCampaign) -> None:
    letters = planned(campaign)
    found = rehearsed(letters)
    assert len({each.identity for each in (*letters, *found)}) == 8


@pytest.mark.parametrize(
    ("finished", "again", "rounds"),
    [
        pytest.param((), False, [1, 1], id="nothing went: the first"),
        pytest.param((0,), False, [1, 1], id="one is still to go: the same test goes on"),
        pytest.param((0, 1), False, [2, 2], id="all are over: another test begins"),
        pytest.param((0,), True, [2, 1], id="again: only what is over begins another"),
    ],
)
def test_a_test_is_finished_before_another_begins(
    campaign: LoadedCampaign, finished: tuple[int, ...], again: bool, rounds: list[int]
) -> None:
    letters = planned(campaign, channel="fax")
    bases = [each.base for each in rehearsed(letters)]
    over = frozenset(bases[number] for number in finished)
    found = rehearsed(letters, over=over, again=again)
    assert [each.round for each in found] == rounds
    assert [each.base for each in found] == bases


def test_a_test_goes_on_in_the_round_that_the_ledger_has(campaign: LoadedCampaign) -> None:
    letters = planned(campaign, channel="fax")
    first = rehearsed(letters)
    found = rehearsed(letters, rounds={first[0].base: 3})
    assert [each.round for each in found] == [3, 1]
    assert found[0].identity != first[0].identity
