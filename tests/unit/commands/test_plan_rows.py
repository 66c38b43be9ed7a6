"""A letter's line in a plan: what stands in its way, or became of it, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest

from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.commands.plan_rows import (
    CALL,
    Row,
    SendPlan,
    SendResult,
    StatusResult,
    busiest,
    with_fate,
)
from faxappeal.commands.selection import Choice
from faxappeal.core.json import to_data
from faxappeal.core.lifecycle import Fate, HoldReason, State, WaitReason
from faxappeal.delivery.context import CampaignContext
from faxappeal.documents.renderer import Letters
from tests.support import ledgers, shown
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import MORNING
from tests.support.commands import HYLAFAX, NUMBER, PlainLetters, Surroundings
from tests.support.world import NEW_YORK_MORNING

LETTERS = cast(Letters, PlainLetters())
OFFICE_HOURS = MORNING + NEW_YORK_MORNING  # in New York
CONTENT, EARLIER = "c" * 64, "e" * 64
ANOTHER = "+12025550102"


@pytest.fixture
def context(around: Surroundings) -> Iterator[CampaignContext]:
    with around.context() as context:
        yield context


def judged(
    context: CampaignContext, state: State | None = None, **values: Any
) -> tuple[Fate, str, Row]:
    """What is said of a letter with such a record."""
    details = values.pop("letter", {})
    known = shown.record(state, **{"content": CONTENT, **values}) if state else None
    row = Row(
        delivery=shown.delivery(**details), recipient_time=None, content=CONTENT, record=known
    )
    found = with_fate(row, context, OFFICE_HOURS)
    return found.fate, found.reason, found


# -- what became of it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "values", "fate", "reason"),
    [
        pytest.param(State.DELIVERED, {}, Fate.SENT, "delivered 2026-11-24", id="delivered"),
        pytest.param(
            State.DELIVERED,
            {"content": EARLIER},
            Fate.SENT,
            "delivered 2026-11-24, in an earlier version",
            id="changed since",
        ),
        pytest.param(
            State.DELIVERED, {"content": None}, Fate.SENT, "delivered 2026-11-24", id="purged"
        ),
        pytest.param(
            State.DELIVERED,
            {"note": "delivered: they called"},
            Fate.SENT,
            "delivered 2026-11-24, delivered: they called",
            id="a person found out",
        ),
        pytest.param(
            State.DELIVERED,
            {"letter": {"other_sender": True}},
            Fate.SENT,
            "delivered 2026-11-24, under another sender",
            id="under another sender",
        ),
        pytest.param(
            State.ACCEPTED,
            {"channel": "email"},
            Fate.SENT,
            "accepted 2026-11-24",
            id="an e-mail that a server has",
        ),
        pytest.param(
            State.RELAYED, {"channel": "email"}, Fate.SENT, "relayed 2026-11-24", id="passed on"
        ),
        pytest.param(State.ACCEPTED, {}, Fate.IN_PROGRESS, "accepted", id="on the line"),
        pytest.param(State.SUBMITTING, {}, Fate.IN_PROGRESS, "submitting", id="being submitted"),
        pytest.param(
            State.UNKNOWN, {"note": "after a page"}, Fate.UNKNOWN, "after a page", id="unknown"
        ),
        pytest.param(
            State.UNKNOWN,
            {"letter": {"other_sender": True}},
            Fate.UNKNOWN,
            "under another sender",
            id="unknown, under another sender",
        ),
        pytest.param(State.FAILED, {"cause": "busy"}, Fate.FAILED, "busy", id="failed"),
        pytest.param(
            State.FAILED,
            {"cause": "line", "note": "after 5 tries", "letter": {"other_sender": True}},
            Fate.FAILED,
            "line after 5 tries, under another sender",
            id="failed, with a note",
        ),
        pytest.param(
            State.FAILED,
            {"cause": "bad-number", "note": HoldReason.FAILING},
            Fate.FAILED,
            "bad-number",
            id="failed, and its number is held",
        ),
    ],
)
def test_what_became_of_a_letter_is_said(
    context: CampaignContext, state: State, values: dict[str, Any], fate: Fate, reason: str
) -> None:
    assert judged(context, state, **values)[:2] == (fate, reason)


@pytest.mark.parametrize(
    ("content", "is_older"), [(CONTENT, False), (EARLIER, True), (None, False)]
)
def test_an_earlier_version_is_sent_once_more_only_where_a_person_says_so(
    context: CampaignContext, content: str | None, is_older: bool
) -> None:
    _, _, row = judged(context, State.DELIVERED, content=content)
    assert row.needs_again is is_older


# -- what stands in its way --------------------------------------------------------------------------


def test_a_letter_that_nothing_hinders_goes(context: CampaignContext) -> None:
    assert judged(context)[:2] == (Fate.GOES, "")
    assert judged(context, State.PLANNED)[:2] == (Fate.GOES, "")


@pytest.mark.parametrize("reason", [HoldReason.OPTED_OUT, HoldReason.STALE, HoldReason.NOT_LISTED])
def test_what_holds_a_letter_is_said(context: CampaignContext, reason: HoldReason) -> None:
    fate, words, row = judged(context, State.PLANNED, letter={"hold": reason})
    assert (fate, words, row.hold) == (Fate.HELD, reason, reason)
    assert not row.needs_again


def test_the_same_letter_of_another_campaign_is_named_with_its_day(
    context: CampaignContext,
) -> None:
    letter = ledgers.letter(campaign="other")
    assert context.ledger
    ledgers.end(context.ledger, letter, State.DELIVERED, MORNING, content=CONTENT)
    same = {"address_key": letter.address_key, "sender": letter.sender}
    fate, words, row = judged(context, letter=same)
    assert (fate, row.needs_again) == (Fate.HELD, True)
    assert words == "the same letter went there in other on 2026-11-24"


@pytest.mark.parametrize(
    ("after", "note", "cause", "reason", "wait"),
    [
        (30, None, "busy", "retry", WaitReason.RETRY),
        (30, WaitReason.NUMBER_GAP, "busy", WaitReason.NUMBER_GAP, WaitReason.RETRY),
        (24 * 60, None, "busy", "retry", WaitReason.RETRY),
    ],
    ids=["after a busy line", "in the words of the ledger", "until tomorrow"],
)
def test_what_a_letter_waits_for_is_said_with_its_end(
    context: CampaignContext,
    after: int,
    note: str | None,
    cause: str,
    reason: str,
    wait: WaitReason,
) -> None:
    due = OFFICE_HOURS + timedelta(minutes=after)
    fate, words, row = judged(context, State.WAITING, next_at=due, note=note, cause=cause)
    assert (fate, words, row.wait, row.until) == (Fate.WAITS, reason, wait, due)


def test_a_closed_office_is_waited_for(context: CampaignContext) -> None:
    row = Row(delivery=shown.delivery(), recipient_time=None, content=CONTENT)
    waits = with_fate(row, context, MORNING)  # night in New York
    assert (waits.fate, waits.reason) == (Fate.WAITS, "office hours")
    assert waits.until == MORNING + timedelta(hours=5)


def test_what_was_left_to_the_workers_waits_in_their_queue(context: CampaignContext) -> None:
    fate, words, row = judged(context, State.PLANNED, ordered=CONTENT)
    assert (fate, words, row.wait, row.until) == (
        Fate.WAITS,
        "in the queue of the workers",
        WaitReason.QUEUED,
        None,
    )


# -- a line of the plan ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "state", "standing"),
    [
        pytest.param(Fate.GOES, None, State.PLANNED, id="new"),
        pytest.param(Fate.GOES, State.HELD, State.PLANNED, id="the hold is lifted"),
        pytest.param(Fate.HELD, State.WAITING, State.HELD, id="held by now"),
        pytest.param(Fate.WAITS, State.PLANNED, State.WAITING, id="it waits now"),
        pytest.param(Fate.SENT, State.DELIVERED, State.DELIVERED, id="delivered"),
        pytest.param(Fate.UNKNOWN, State.UNKNOWN, State.UNKNOWN, id="unknown"),
    ],
)
def test_how_a_letter_stands_is_what_holds_today(
    fate: Fate, state: State | None, standing: State
) -> None:
    assert shown.row(fate, state=state).standing is standing


@pytest.mark.parametrize(
    ("state", "is_open"),
    [(None, False), (State.SUBMITTING, True), (State.ACCEPTED, False), (State.DELIVERED, False)],
)
def test_only_what_was_being_submitted_is_open(state: State | None, is_open: bool) -> None:
    assert shown.row(Fate.IN_PROGRESS, state=state).is_open is is_open


def test_a_line_as_json_has_the_delivery_and_no_inner_matter() -> None:
    row = shown.row(
        Fate.SENT,
        "delivered 2026-11-24",
        State.DELIVERED,
        recipient_time=MORNING,
        seconds=41.26,
        delivery=shown.delivery(signatory="s-1"),
    )
    data = to_data(row)
    assert data["delivery"] == shown.ID and data["sender"] == "s-1"
    assert data["seconds"] == 41.3 and data["local_time"].endswith("+01:00")
    assert (data["fate"], data["state"], data["attempts"]) == ("sent", "delivered", 1)
    assert not {"content", "record", "hold", "fresh"} & data.keys()


def test_a_letter_that_the_ledger_has_not_is_planned_for_the_first_time() -> None:
    data = to_data(shown.row(Fate.GOES))
    assert (data["delivery"], data["state"], data["cause"], data["attempts"]) == (
        None,
        None,
        None,
        0,
    )


# -- the busiest number ------------------------------------------------------------------------------


def faxes(count: int, number: str = NUMBER, fate: Fate = Fate.GOES, **values: Any) -> list[Row]:
    return [
        shown.row(fate, delivery=shown.delivery(address=number), **values) for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("rows", "address", "letters"),
    [
        pytest.param([*faxes(2), *faxes(3, ANOTHER)], ANOTHER, 3, id="the one with most"),
        pytest.param([*faxes(2), *faxes(1, fate=Fate.WAITS)], NUMBER, 3, id="what waits will come"),
        pytest.param([*faxes(2), *faxes(5, ANOTHER, Fate.SENT)], NUMBER, 2, id="what went is over"),
        pytest.param([*faxes(2), *faxes(5, ANOTHER, Fate.HELD)], NUMBER, 2, id="held ones stay"),
    ],
)
def test_the_busiest_number_is_the_one_that_gets_most_letters(
    around: Surroundings, rows: list[Row], address: str, letters: int
) -> None:
    found = busiest(rows, senders_campaign(around))
    assert found and (found.address, found.letters) == (address, letters)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing"),
        pytest.param(faxes(1), id="one letter"),
        pytest.param([*faxes(1), *faxes(1, ANOTHER)], id="one for each number"),
        pytest.param(
            [
                shown.row(Fate.GOES, delivery=shown.delivery("one", "email", "office@example.org"))
                for _ in range(3)
            ],
            id="e-mails",
        ),
    ],
)
def test_no_number_is_busy_with_a_letter_or_with_e_mails(
    around: Surroundings, rows: list[Row]
) -> None:
    assert busiest(rows, senders_campaign(around)) is None


def test_the_letters_of_one_sender_keep_no_number_busy(around: Surroundings) -> None:
    assert busiest(faxes(3), loaded(around.folder)) is None


@pytest.mark.parametrize(
    ("rows", "calls"),
    [
        pytest.param(faxes(3), 3 * CALL, id="pages were not made"),
        pytest.param(faxes(3, seconds=40.0), timedelta(minutes=2), id="pages were made"),
        pytest.param(
            [*faxes(1, seconds=30.0), *faxes(1, seconds=50.0), *faxes(1)],
            timedelta(minutes=2),
            id="of some of them",
        ),
    ],
)
def test_the_time_on_the_line_is_said_with_and_without_the_gaps(
    around: Surroundings, rows: list[Row], calls: timedelta
) -> None:
    found = busiest(rows, senders_campaign(around))
    assert found and (found.calls, found.with_gaps) == (calls, calls + timedelta(minutes=10))


def senders_campaign(around: Surroundings) -> LoadedCampaign:
    """The campaign, with a letter of each of two senders."""
    around.write(f"one {NUMBER}", settings=HYLAFAX + '[senders]\nmode = "each"\n')
    path = around.folder / "senders.csv"
    path.write_text("id,name,place,consent\ns-1,A,,2026-11-20\ns-2,B,,2026-11-20\n")
    path.chmod(0o600)
    return loaded(around.folder)


# -- the plan, and what is left of it ----------------------------------------------------------------


def plan(
    context: CampaignContext, *rows: Row, choice: Choice | None = None, dry_run: bool = False
) -> SendPlan:
    return SendPlan(context, LETTERS, choice or Choice(), rows, dry_run)


def test_only_what_goes_or_waits_is_leaving(context: CampaignContext) -> None:
    rows = [shown.row(fate) for fate in Fate]
    assert [row.fate for row in plan(context, *rows).leaving] == [
        Fate.GOES,
        Fate.WAITS,
        Fate.IN_PROGRESS,
    ]


@pytest.mark.parametrize(
    ("choice", "dry_run", "is_shown"),
    [
        (Choice(), False, True),
        (Choice(only=("one",)), False, True),
        (Choice(), True, False),
        (Choice(to_me=True), False, False),
    ],
    ids=["all letters", "some", "a dry run", "test letters"],
)
def test_what_cron_could_go_on_with_is_shown(
    context: CampaignContext, choice: Choice, dry_run: bool, is_shown: bool
) -> None:
    assert bool(plan(context, choice=choice, dry_run=dry_run).later) is is_shown


SHARED = '\n[ledger]\nurl = "postgresql://us@db.example.org/ledger"\n'


@pytest.mark.parametrize(
    ("settings", "dry_run", "is_said"),
    [(SHARED, True, True), (SHARED, False, False), ("", True, False)],
    ids=["another machine, dry", "another machine", "a file"],
)
def test_a_dry_run_says_if_it_asked_no_ledger(
    around: Surroundings, settings: str, dry_run: bool, is_said: bool
) -> None:
    write(around.folder, settings=HYLAFAX + settings)
    context = CampaignContext(loaded(around.folder), None, around.clock.now())
    assert plan(context, dry_run=dry_run).ledger_not_queried is is_said


@pytest.mark.parametrize(("dry_run", "outbox"), [(True, "outbox"), (False, None)])
def test_the_result_of_a_run_as_json(
    context: CampaignContext, dry_run: bool, outbox: str | None
) -> None:
    made = plan(context, shown.row(Fate.GOES), dry_run=dry_run)
    data = to_data(SendResult(made, made.rows, declined=True))
    assert (data["campaign"], data["outbox"], data["dry_run"]) == ("test", outbox, dry_run)
    assert (data["to_me"], data["busiest_line"], data["mail"]) == (False, None, [])
    assert len(data["deliveries"]) == 1 and data["rehearsals"] == []
    assert not {"plan", "declined", "stopped"} & data.keys()


def test_the_status_has_the_keys_of_a_run(context: CampaignContext) -> None:
    made = plan(context, shown.row(Fate.GOES))
    run, status = SendResult(made, made.rows), StatusResult(context, LETTERS, made.rows)
    assert to_data(run).keys() == to_data(status).keys()
    assert to_data(status)["dry_run"] is False and to_data(status)["outbox"] is None


def test_a_line_names_the_recipient_the_channel_and_the_address() -> None:
    letter = shown.delivery("one", "email", "office@example.org")
    row = shown.row(Fate.GOES, delivery=letter)
    assert (row.recipient, row.channel, row.address) == ("one", "email", "office@example.org")
