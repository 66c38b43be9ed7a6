"""The plan that a person says yes to, and what became of its letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from faxappeal.campaign.recipients import Recipient
from faxappeal.commands.plan_rows import LineLoad, Row, SendPlan, SendResult
from faxappeal.commands.selection import Choice
from faxappeal.core.lifecycle import Cause, Fate, HoldReason, State, WaitReason
from faxappeal.delivery.context import CampaignContext
from faxappeal.output.screens import send
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import MORNING
from tests.support.shown import NEW_YORK, Text, delivery, record, row

UNTIL = datetime.fromisoformat("2026-11-24T08:00-05:00")
WAITS = row(Fate.WAITS, "office hours", wait=WaitReason.OFFICE_HOURS, until=UNTIL)
SENT = row(Fate.SENT, "delivered 2026-11-24", State.DELIVERED)
HELD = row(Fate.HELD, "unverified", hold=HoldReason.UNVERIFIED)


def plan(
    context: CampaignContext, *rows: Row, dry_run: bool = False, choice: Choice | None = None
) -> SendPlan:
    return SendPlan(context, context.letters(), choice or Choice(), rows, dry_run)


@pytest.mark.parametrize(
    ("rows", "values", "head"),
    [
        pytest.param([WAITS], {}, "To send: 1 letter of test", id="one"),
        pytest.param([WAITS, SENT, HELD], {}, "To send: 1 of 3 letters of test", id="some"),
        pytest.param([SENT], {}, "To send: 0 of 1 letter of test", id="none"),
        pytest.param([WAITS], {"dry_run": True}, "Would send: 1 letter of test", id="a dry run"),
        pytest.param(
            [WAITS],
            {"choice": Choice(to_me=True)},
            "To send: 1 letter of test, all to yourself",
            id="a test",
        ),
    ],
)
def test_the_first_line_of_a_plan_counts(
    context: CampaignContext, text_of: Text, rows: list[Row], values: dict[str, Any], head: str
) -> None:
    text = text_of(send.show_plan, plan(context, *rows, **values))
    assert text.splitlines()[0] == head
    assert ("nothing leaves this machine" in text) == bool(values.get("dry_run"))


def test_a_letter_of_the_plan_has_all_that_a_person_says_yes_to(
    context: CampaignContext, text_of: Text
) -> None:
    office = Recipient("one", "Office\x1b one", "US", care_of="E. Muster", role="cc")
    letter = delivery(office, signatory="s-1")
    files = ("outbox/one.pdf",)
    there = MORNING.astimezone(NEW_YORK)
    line = replace(WAITS, delivery=letter, pages=1, seconds=42.4, recipient_time=there, files=files)
    assert text_of(send.show_plan, plan(context, line)).splitlines()[2:] == [
        " 1  one from s-1  fax  +12025550101  (1 page, 42 s on the line)",
        "    Office\\u001b one, c/o E. Muster (a copy)",
        "    local time Tue 03:00 (America/New_York), here Tue 09:00",
        "    waits for office hours: until Tue 08:00 there, Tue 14:00 here",
        "    would hand over outbox/one.pdf",
    ]


def test_a_letter_that_is_not_made_has_no_pages_and_no_time(
    context: CampaignContext, text_of: Text
) -> None:
    line = replace(HELD, delivery=delivery(zone=None), recipient_time=MORNING)
    assert text_of(send.show_plan, plan(context, line)).splitlines()[2:] == [
        " 1  one  fax  +12025550101",
        "    Office one",
        f"    held: unverified ({HoldReason.UNVERIFIED.text})",
    ]


def test_a_shared_ledger_is_not_asked_in_a_dry_run(tmp_path: Path, text_of: Text) -> None:
    url = "postgresql://faxappeal@db.example.org/faxappeal"
    folder = write(tmp_path, settings=f'\n[ledger]\nurl = "{url}"\n')
    shared = CampaignContext(loaded(folder), None, MORNING)
    dry, wet = (
        text_of(send.show_plan, plan(shared, WAITS, dry_run=dry_run)) for dry_run in (True, False)
    )
    assert "The shared ledger was not asked" in dry and "shared" not in wet


def test_several_faxes_to_one_number_are_said_below(
    context: CampaignContext, text_of: Text
) -> None:
    text = text_of(send.show_plan, plan(context, WAITS, WAITS))
    assert text.splitlines()[-2:] == [
        "",
        "2 faxes go to +12025550101, one call after the other, with 5 min between two: 5 min at "
        "least.",
    ]


def test_where_many_send_one_each_the_busiest_line_is_said_instead(
    tmp_path: Path, text_of: Text
) -> None:
    folder = write(tmp_path, settings='\n[senders]\nmode = "each"\n')
    (folder / "senders.csv").write_text("id,name,consent\ns-1,E. Muster,2026-11-20\n")
    (folder / "senders.csv").chmod(0o600)
    many = CampaignContext(loaded(folder), None, MORNING)
    text = text_of(send.show_plan, plan(many, WAITS, WAITS))
    assert text.splitlines()[-1] == (
        "+12025550101 gets 2 letters: about 2 min of calls, 7 min with the gaps between them."
    )


def ended(planned: SendPlan, *rows: Row, **values: Any) -> SendResult:
    return SendResult(planned, rows, **values)


def test_a_dry_run_ends_with_what_it_wrote_and_what_is_held(
    context: CampaignContext, text_of: Text
) -> None:
    text = text_of(send.draw, ended(plan(context, dry_run=True), WAITS, HELD))
    assert text.startswith("Would send: 1 of 2 letters of test\n")
    assert "would be held: unverified" in text
    lines = text.splitlines()
    assert lines[-3] == "1 letter would be held." and lines[-4].endswith(" lies in outbox/.")
    assert "--accept-unverified ID" in lines[-1]


def test_a_dry_run_of_letters_that_go_has_nothing_held(
    context: CampaignContext, text_of: Text
) -> None:
    text = text_of(send.draw, ended(plan(context, dry_run=True), WAITS))
    assert text.splitlines()[-1].endswith(" lies in outbox/.")


def test_a_person_who_said_no_sees_the_count_alone(context: CampaignContext, text_of: Text) -> None:
    text = text_of(send.draw, ended(plan(context), WAITS, declined=True))
    assert text == "0 letters sent. 1 letter has NOT left.\n"


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(only_failed=True), "Nothing has failed.\n"),
        (Choice(only=("one",)), "There is no such letter.\n"),
    ],
    ids=["failed ones", "others"],
)
def test_a_choice_of_nothing(
    context: CampaignContext, text_of: Text, choice: Choice, said: str
) -> None:
    assert text_of(send.draw, ended(plan(context, choice=choice))) == said


def test_each_letter_has_its_outcome_and_the_last_line_counts(
    context: CampaignContext, text_of: Text
) -> None:
    unknown = record(State.UNKNOWN, account="sinch", reference="fa-1", left_at=MORNING)
    rows = [
        replace(SENT, fresh=True),
        row(Fate.UNKNOWN, "no answer", record=unknown),
        row(Fate.FAILED, "bad-number", record=record(State.FAILED, cause=Cause.BAD_NUMBER)),
    ]
    assert text_of(send.draw, ended(plan(context), *rows)).splitlines() == [
        "",
        " 1  one  fax  +12025550101",
        "    delivered",
        " 2  one  fax  +12025550101",
        "    unknown: it may have arrived, so it is not sent again (no answer)",
        "    look in the log of sinch for Tue 24 Nov 09:00, reference fa-1",
        " 3  one  fax  +12025550101",
        "    failed: bad-number; the address is held in every campaign",
        "",
        "To try what failed once more: --only-failed",
        "When you know more: faxappeal resolve 0123456789ab delivered|not-sent",
        "1 letter sent. 1 letter: unknown, look at faxappeal log. 1 letter has NOT left.",
    ]


GOES = row(Fate.GOES)


@pytest.mark.parametrize(
    ("rows", "values", "choice", "has_cron", "has_workers"),
    [
        pytest.param([WAITS], {}, Choice(), True, False, id="one waits"),
        pytest.param([GOES], {}, Choice(), True, False, id="one was not tried"),
        pytest.param([SENT], {}, Choice(), False, False, id="all is sent"),
        pytest.param([HELD], {}, Choice(), False, False, id="a person has to act"),
        pytest.param([WAITS], {"stopped": True}, Choice(), False, False, id="an account stops it"),
        pytest.param([WAITS], {}, Choice(to_me=True), False, False, id="a test letter"),
        pytest.param([WAITS], {"queued": 1}, Choice(), False, True, id="left to the workers"),
    ],
)
def test_what_goes_on_by_itself(
    context: CampaignContext,
    text_of: Text,
    rows: list[Row],
    values: dict[str, Any],
    choice: Choice,
    has_cron: bool,
    has_workers: bool,
) -> None:
    text = text_of(send.draw, ended(plan(context, choice=choice), *rows, **values))
    assert ("    */10 * * * *  faxappeal -C " in text) == has_cron
    assert ("The workers send them" in text) == has_workers


def test_a_letter_that_was_not_tried_is_not_sent_yet(
    context: CampaignContext, text_of: Text
) -> None:
    assert "    not sent yet\n" in text_of(send.draw, ended(plan(context), GOES))


TO_TWO = row(Fate.GOES, delivery=delivery("two", address="+12025550102"))
BY_MAIL = row(Fate.GOES, delivery=delivery("one", "email", "one@example.org"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([GOES, TO_TWO], [], id="two numbers"),
        pytest.param([BY_MAIL, BY_MAIL], [], id="two e-mails"),
        pytest.param([GOES, row(Fate.SENT)], [], id="one of them is sent"),
        pytest.param(
            [GOES, TO_TWO, row(Fate.WAITS)],
            [
                "2 faxes go to +12025550101, one call after the other, with 5 min between two: "
                "5 min at least."
            ],
            id="two",
        ),
        pytest.param(
            [GOES] * 4,
            [
                "4 faxes go to +12025550101, one call after the other, with 5 min between two: "
                "15 min at least."
            ],
            id="four",
        ),
    ],
)
def test_faxes_to_one_number_take_their_time(
    context: CampaignContext, rows: list[Row], said: list[str]
) -> None:
    assert send.calls_in_turn(plan(context, *rows)) == said


def test_without_a_gap_there_is_nothing_to_say(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[pacing]\nper_number_gap = "0s"\n')
    context = CampaignContext(loaded(folder), None, MORNING)
    assert send.calls_in_turn(plan(context, GOES, GOES)) == []


def test_a_line_that_many_keep_busy() -> None:
    busy = LineLoad("+12025550101", 20, timedelta(minutes=20), timedelta(minutes=115))
    assert send.busy_line(busy) == (
        "+12025550101 gets 20 letters: about 20 min of calls, 1 h 55 min with the gaps between "
        "them."
    )
