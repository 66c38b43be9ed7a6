"""The log of a campaign: which of its events are shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from faxappeal.commands.log import COLUMNS, LogResult, log
from faxappeal.core.errors import UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.json import to_data
from faxappeal.core.lifecycle import State
from tests.support.clock import MORNING
from tests.support.commands import Surroundings


@pytest.fixture
def sent(around: Surroundings) -> Surroundings:
    """A letter that was delivered on Tuesday, and one that failed on Wednesday."""
    around.write("one +12025550101", "two +12025550102")
    around.end(State.DELIVERED, "one", at=MORNING)
    around.end(State.FAILED, "two", at=MORNING + timedelta(days=1))
    return around


def found(around: Surroundings, **asked: object) -> list[tuple[str, str]]:
    data = log(around.folder, **asked).data  # type: ignore[arg-type]
    return [(event.recipient, event.event) for event in data.events]


ONE = [("one", name) for name in ("planned", "submitting", "leaving", "delivered")]
TWO = [("two", name) for name in ("planned", "submitting", "leaving", "failed")]


@pytest.mark.parametrize(
    ("asked", "events"),
    [
        pytest.param({}, ONE + TWO, id="all, oldest first"),
        pytest.param({"recipient": "two"}, TWO, id="of one recipient"),
        pytest.param({"since": date(2026, 11, 25)}, TWO, id="since that day"),
        pytest.param({"since": date(2026, 11, 24)}, ONE + TWO, id="the day itself counts"),
        pytest.param({"since": date(2030, 1, 1)}, [], id="since a day to come"),
        pytest.param({"events": {"delivered", "failed"}}, [ONE[-1], TWO[-1]], id="some events"),
        pytest.param({"recipient": "one", "events": ["failed"]}, [], id="none of that kind"),
    ],
)
def test_only_what_was_asked_for_is_shown(
    sent: Surroundings, asked: dict[str, object], events: list[tuple[str, str]]
) -> None:
    assert found(sent, **asked) == events
    assert log(sent.folder, **asked).data.total == 8  # type: ignore[arg-type]


def test_before_anything_was_sent_there_is_no_event(around: Surroundings) -> None:
    assert log(around.folder).data == LogResult("test", ())


def test_a_recipient_who_left_the_list_still_has_events(sent: Surroundings) -> None:
    sent.write("three +12025550103")
    assert found(sent, recipient="one") == ONE
    assert found(sent, recipient="three") == []


def test_an_unknown_recipient_is_guessed(sent: Surroundings) -> None:
    with pytest.raises(UsageError, match="no recipient twoo") as caught:
        log(sent.folder, recipient="twoo")
    assert caught.value.hint == "did you mean two?"


def test_the_log_of_another_campaign_is_its_own(sent: Surroundings) -> None:
    sent.change("faxappeal.toml", 'id = "test"', 'id = "other"')
    assert found(sent) == []


def test_it_is_shown_while_the_list_is_being_edited(sent: Surroundings) -> None:
    (sent.folder / "recipients.yaml").write_text("recipients: [\n", encoding="utf-8")
    assert len(found(sent)) == 8
    (sent.folder / "faxappeal.toml").write_text("oops", encoding="utf-8")
    with pytest.raises(InvalidCampaign):
        log(sent.folder)


def test_the_events_as_json_have_their_times_in_utc(sent: Surroundings) -> None:
    data = to_data(log(sent.folder).data)
    assert set(data) == {"campaign", "events"} and data["campaign"] == "test"
    assert data["events"][0]["at"] == "2026-11-24T08:00:00+00:00"
    assert set(data["events"][0]) == set(COLUMNS)


def test_no_account_is_asked_for_it(sent: Surroundings) -> None:
    assert found(sent) and not sent.opened
