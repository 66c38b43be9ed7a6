"""What becomes of letters, in words: each fate, each next step, each number with its noun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from faxappeal.commands.plan_rows import LineLoad, Row, SendPlan
from faxappeal.commands.selection import Choice
from faxappeal.core.lifecycle import Cause, Fate, HoldReason, State, WaitReason
from faxappeal.delivery.context import CampaignContext
from faxappeal.documents.renderer import Letters
from faxappeal.output import phrases
from faxappeal.output.phrases import Part
from faxappeal.providers.mail_notifications import Kind, UnmatchedMessage
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import BERLIN, MORNING
from tests.support.shown import delivery, record, row

UNTIL = datetime.fromisoformat("2026-11-24T08:00-05:00")
TIMES = "Tue 08:00 there, Tue 14:00 here"


def words(parts: Sequence[Part]) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in parts)


@pytest.mark.parametrize(
    ("signatory", "address", "name"),
    [
        pytest.param(None, "+12025550101", "one  fax  +12025550101", id="of one sender"),
        pytest.param("s-1", "+12025550101", "one from s-1  fax  +12025550101", id="of many"),
        pytest.param(None, "\x1b[2J", "one  fax  \\u001b[2J", id="raw text"),
    ],
)
def test_the_name_of_a_letter(signatory: str | None, address: str, name: str) -> None:
    assert words(phrases.letter_name("one", "fax", address, signatory)) == name


# -- how a letter stands ---------------------------------------------------------------------------


def waiting(reason: str, wait: WaitReason, **values: Any) -> Row:
    return row(Fate.WAITS, reason, wait=wait, **values)


@pytest.mark.parametrize(
    ("letter", "now", "in_a_dry_run"),
    [
        pytest.param(row(Fate.GOES), "goes now", "would go now", id="goes"),
        pytest.param(
            row(Fate.HELD, "unverified", hold=HoldReason.UNVERIFIED),
            f"held: unverified ({HoldReason.UNVERIFIED.text})",
            f"would be held: unverified ({HoldReason.UNVERIFIED.text})",
            id="held",
        ),
        pytest.param(
            row(Fate.HELD, "the same letter", hold=HoldReason.SAME_LETTER),
            "held: the same letter",
            "would be held: the same letter",
            id="held for a reason that says it all",
        ),
        pytest.param(
            waiting("office hours", WaitReason.OFFICE_HOURS, until=UNTIL),
            f"waits for office hours: until {TIMES}",
            f"would wait for office hours: until {TIMES}",
            id="waits",
        ),
        pytest.param(
            waiting(
                "retry",
                WaitReason.RETRY,
                until=UNTIL,
                record=record(State.WAITING, cause=Cause.BUSY),
            ),
            f"waits (busy), then tries again: until {TIMES}",
            f"would wait (busy), then tries again: until {TIMES}",
            id="waits for another try",
        ),
        pytest.param(
            waiting(
                "office hours",
                WaitReason.OFFICE_HOURS,
                until=UNTIL,
                record=record(State.WAITING, cause=Cause.BUSY),
            ),
            f"waits for office hours: until {TIMES}",
            f"would wait for office hours: until {TIMES}",
            id="was busy, and waits for the office",
        ),
        pytest.param(
            waiting("in the queue of the workers", WaitReason.QUEUED),
            "waits: in the queue of the workers",
            "would wait: in the queue of the workers",
            id="waits for a worker",
        ),
        pytest.param(
            waiting("on this line is a letter of other", WaitReason.NUMBER_BUSY),
            "waits: on this line is a letter of other; faxappeal status there asks for it",
            "would wait: on this line is a letter of other; faxappeal status there asks for it",
            id="waits for another campaign",
        ),
        pytest.param(
            row(Fate.SENT, "delivered 2026-11-24", State.DELIVERED),
            "sent already: delivered 2026-11-24; not sent again",
            "sent already: delivered 2026-11-24; would not go again",
            id="sent before",
        ),
        pytest.param(
            row(Fate.SENT, "", State.DELIVERED, fresh=True),
            "delivered",
            "delivered",
            id="sent in this run",
        ),
        pytest.param(
            row(Fate.UNKNOWN, "no answer", State.UNKNOWN),
            "unknown: it may have arrived, so it is not sent again (no answer)",
            "unknown: it may have arrived, so it is not sent again (no answer)",
            id="unknown",
        ),
        pytest.param(row(Fate.FAILED, "busy"), "failed: busy", "failed: busy", id="failed"),
        pytest.param(
            row(Fate.FAILED, "\x1b[2J"), "failed: \\u001b[2J", "failed: \\u001b[2J", id="raw text"
        ),
    ],
)
def test_how_a_letter_stands(letter: Row, now: str, in_a_dry_run: str) -> None:
    assert words(phrases.status_phrase(letter, MORNING)) == now
    assert words(phrases.status_phrase(letter, MORNING, dry_run=True)) == in_a_dry_run


@pytest.mark.parametrize("cause", list(Cause))
def test_an_address_that_does_not_exist_is_held_in_every_campaign(cause: Cause) -> None:
    failed = row(Fate.FAILED, cause, record=record(State.FAILED, cause=cause))
    is_held = words(phrases.status_phrase(failed, MORNING)).endswith("held in every campaign")
    assert is_held == (cause in (Cause.BOUNCE, Cause.BAD_NUMBER))


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate is not Fate.IN_PROGRESS])
def test_a_fate_has_its_colour(fate: Fate) -> None:
    first, *_ = phrases.status_phrase(row(fate), MORNING)
    assert first[1] == fate


# -- calls to one number ---------------------------------------------------------------------------


@pytest.fixture
def context(tmp_path: Path) -> CampaignContext:
    return CampaignContext(loaded(write(tmp_path)), None, MORNING)


def plan(context: CampaignContext, *rows: Row) -> SendPlan:
    return SendPlan(context, context.letters(), Choice(), rows, dry_run=False)


TO_ONE = row(Fate.GOES)
TO_TWO = row(Fate.GOES, delivery=delivery("two", address="+12025550102"))
BY_MAIL = row(Fate.GOES, delivery=delivery("one", "email", "one@example.org"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([TO_ONE, TO_TWO], [], id="two numbers"),
        pytest.param([BY_MAIL, BY_MAIL], [], id="two e-mails"),
        pytest.param([TO_ONE, row(Fate.SENT)], [], id="one of them is sent"),
        pytest.param(
            [TO_ONE, TO_TWO, row(Fate.WAITS)],
            [
                "2 faxes go to +12025550101, one call after the other, with 5 min between two: "
                "5 min at least."
            ],
            id="two",
        ),
        pytest.param(
            [TO_ONE] * 4,
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
    assert phrases.calls_in_turn(plan(context, *rows)) == said


def test_without_a_gap_there_is_nothing_to_say(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[pacing]\nper_number_gap = "0s"\n')
    context = CampaignContext(loaded(folder), None, MORNING)
    assert phrases.calls_in_turn(plan(context, TO_ONE, TO_ONE)) == []


def test_a_line_that_many_keep_busy() -> None:
    busy = LineLoad("+12025550101", 20, timedelta(minutes=20), timedelta(minutes=115))
    assert phrases.line_busy(busy) == (
        "+12025550101 gets 20 letters: about 20 min of calls, 1 h 55 min with the gaps between "
        "them."
    )


# -- what to look for ------------------------------------------------------------------------------


def unknown(letter: Row, **values: Any) -> Row:
    known = record(State.UNKNOWN, letter.delivery.channel, left_at=UNTIL, **values)
    return replace(letter, fate=Fate.UNKNOWN, record=known)


def test_an_unknown_fax_is_looked_for_in_its_accounts_log(context: CampaignContext) -> None:
    letter = unknown(TO_ONE, account="sinch", reference="fa-1")
    assert phrases.trace(letter, context.letters(), MORNING) == (
        "look in the log of sinch for Tue 24 Nov 14:00, reference fa-1"
    )


def test_an_unknown_e_mail_is_looked_for_among_those_sent(context: CampaignContext) -> None:
    letters = context.letters()
    clue = phrases.trace(unknown(BY_MAIL, content="abc"), letters, MORNING)
    id = letters.message_id(BY_MAIL.delivery, "abc")
    assert clue == f"look among your sent e-mails of Tue 24 Nov 14:00 for Message-ID {id}"


def test_with_a_mailbox_status_looks_by_itself(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[email.imap]\nhost = "mail.example.org"\n')
    letters = CampaignContext(loaded(folder), None, MORNING).letters()
    clue = phrases.trace(unknown(BY_MAIL), letters, MORNING)
    assert clue.startswith("faxappeal status looks for it in the mailbox: Message-ID <fa.")


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(row(Fate.SENT, state=State.DELIVERED), id="one that is sent"),
        pytest.param(row(Fate.UNKNOWN), id="one without a record"),
        pytest.param(row(Fate.UNKNOWN, state=State.UNKNOWN), id="one that never left"),
    ],
)
def test_there_is_nothing_to_look_for(context: CampaignContext, letter: Row) -> None:
    letters: Letters = context.letters()
    assert phrases.trace(letter, letters, MORNING) == ""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("answer", "an answer about"),
        ("auto-reply", "an automatic answer about"),
        ("bounce", "a mail server's letter in prose about"),
        ("forged", "a notification that does not fit, perhaps forged, about"),
    ],
)
def test_a_message_to_look_at(kind: Kind, said: str) -> None:
    message = UnmatchedMessage(kind, "IN\x1bBOX", None, "office@example.org", "0123")
    assert phrases.look_at(message) == [
        f"To look at: {said} 0123",
        "    in IN\\u001bBOX, from office@example.org",
    ]


def test_a_message_to_look_at_has_its_time() -> None:
    message = UnmatchedMessage("answer", "INBOX", MORNING, "office@example.org", "0123")
    here = MORNING.astimezone()
    assert phrases.look_at(message)[1] == (
        f"    in INBOX, {here:%Y-%m-%d %H:%M}, from office@example.org"
    )


# -- what to do next -------------------------------------------------------------------------------

VERIFY = "faxappeal verify ID"
ACCEPT = "--accept-unverified ID"
AGAIN = "--again --to ID"


@pytest.mark.parametrize(
    ("rows", "steps"),
    [
        pytest.param([row(Fate.SENT), row(Fate.GOES)], [], id="nothing"),
        pytest.param([row(Fate.HELD, hold=HoldReason.UNVERIFIED)], [VERIFY, ACCEPT], id="doubtful"),
        pytest.param([row(Fate.HELD, hold=HoldReason.STALE)], [VERIFY, ACCEPT], id="stale"),
        pytest.param([row(Fate.HELD, hold=HoldReason.OPTED_OUT)], [], id="opted out"),
        pytest.param([row(Fate.HELD, hold=HoldReason.SAME_LETTER)], [AGAIN], id="the same letter"),
        pytest.param([row(Fate.SENT, is_older=True)], [AGAIN], id="an earlier version"),
        pytest.param([row(Fate.FAILED), row(Fate.FAILED)], ["--only-failed"], id="failed"),
        pytest.param(
            [row(Fate.UNKNOWN, delivery=delivery(id="abc")), row(Fate.UNKNOWN)],
            ["faxappeal resolve abc delivered|not-sent"],
            id="unknown",
        ),
        pytest.param(
            [row(Fate.UNKNOWN), row(Fate.FAILED), row(Fate.HELD, hold=HoldReason.STALE)],
            [VERIFY, ACCEPT, "--only-failed", "faxappeal resolve"],
            id="several",
        ),
    ],
)
def test_what_a_person_may_do_next(rows: list[Row], steps: list[str]) -> None:
    said = phrases.next_steps(rows)
    assert len(said) == len(steps)
    assert all(step in line for step, line in zip(steps, said, strict=True))


SENT = row(Fate.SENT, state=State.DELIVERED)
GONE = row(Fate.IN_PROGRESS, state=State.ACCEPTED)
LOST = row(Fate.FAILED, record=record(State.FAILED, left_at=MORNING))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param([], "There is no such letter.", id="none"),
        pytest.param([SENT], "The letter is sent.", id="the one"),
        pytest.param([SENT, SENT], "All 2 letters are sent.", id="all"),
        pytest.param(
            [SENT, row(Fate.GOES)], "1 letter sent. 1 letter has NOT left.", id="one goes"
        ),
        pytest.param(
            [row(Fate.WAITS), row(Fate.HELD)],
            "0 letters sent. 2 letters have NOT left.",
            id="two wait",
        ),
        pytest.param(
            [GONE],
            f"0 letters sent. 1 letter is {Fate.IN_PROGRESS}: faxappeal status asks.",
            id="one is with the provider",
        ),
        pytest.param(
            [GONE, GONE, SENT],
            f"1 letter sent. 2 letters are {Fate.IN_PROGRESS}: faxappeal status asks.",
            id="two are",
        ),
        pytest.param(
            [row(Fate.UNKNOWN, state=State.UNKNOWN)],
            "0 letters sent. 1 letter: unknown, look at faxappeal log.",
            id="unknown",
        ),
        pytest.param(
            [row(Fate.IN_PROGRESS, state=State.SUBMITTING)],
            "0 letters sent. 1 letter: unknown, look at faxappeal log.",
            id="it was being submitted",
        ),
        pytest.param([LOST], "0 letters sent. 1 letter did NOT arrive.", id="failed"),
        pytest.param(
            [row(Fate.HELD, record=record(State.HELD, left_at=MORNING))],
            "0 letters sent. 1 letter did NOT arrive.",
            id="held after a call",
        ),
        pytest.param(
            [row(Fate.FAILED, state=State.FAILED)],
            "0 letters sent. 1 letter has NOT left.",
            id="failed before it left",
        ),
        pytest.param(
            [SENT, GONE, row(Fate.UNKNOWN), LOST, row(Fate.HELD)],
            f"1 letter sent. 1 letter is {Fate.IN_PROGRESS}: faxappeal status asks. 1 letter: "
            "unknown, look at faxappeal log. 1 letter did NOT arrive. 1 letter has NOT left.",
            id="of each",
        ),
    ],
)
def test_the_last_line_counts_each_letter_once(rows: list[Row], said: str) -> None:
    assert words(phrases.summary_line(rows)) == said


# -- times and numbers -----------------------------------------------------------------------------


def test_a_moment_next_week_has_its_day() -> None:
    """China's offices close for up to nine days: the name of a day alone would mislead."""
    later = MORNING + timedelta(days=8)
    assert phrases.both_times(later, BERLIN, MORNING) == (
        "Wed 02 Dec 09:00 there, Wed 02 Dec 09:00 here"
    )
    soon = datetime.fromisoformat("2026-11-25T08:00+08:00")
    assert phrases.both_times(soon, None, MORNING) == "Wed 01:00 here"


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 letters"), (1, "1 letter"), (2, "2 letters")], ids=str
)
def test_a_number_with_its_noun(number: int, said: str) -> None:
    assert phrases.count(number, "letter") == said


@pytest.mark.parametrize(
    ("message", "said"),
    [("it is gone", "it is gone."), ("it is gone.", "it is gone."), ("a\nb", "a\\u000ab.")],
)
def test_a_sentence_has_one_full_stop(message: str, said: str) -> None:
    assert phrases.sentence(message) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(0), "1 min"),
        (timedelta(seconds=20), "1 min"),
        (timedelta(minutes=59, seconds=20), "59 min"),
        (timedelta(minutes=59, seconds=40), "1 h 0 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(days=2), "48 h 0 min"),
    ],
    ids=str,
)
def test_how_long_roughly(time: timedelta, said: str) -> None:
    assert phrases.duration(time) == said
