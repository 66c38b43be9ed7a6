"""How each letter stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from faxappeal.commands.plan_rows import Row, StatusResult
from faxappeal.core.lifecycle import Cause, Fate, HoldReason, State, WaitReason
from faxappeal.delivery.context import CampaignContext
from faxappeal.documents.renderer import Letters
from faxappeal.output.phrases import Part
from faxappeal.output.screens import status
from faxappeal.providers.incoming_mail import Kind, UnmatchedMessage
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.clock import MORNING
from tests.support.shown import Text, delivery, record, row

UNTIL = datetime.fromisoformat("2026-11-24T08:00-05:00")
WAITS = row(Fate.WAITS, "office hours", wait=WaitReason.OFFICE_HOURS, until=UNTIL)
SENT = row(Fate.SENT, "delivered 2026-11-24", State.DELIVERED)


GOES = row(Fate.GOES)


def standing(context: CampaignContext, *rows: Row, **values: Any) -> StatusResult:
    return StatusResult(context, context.letters(), rows, **values)


def test_each_letter_has_its_id_its_state_and_why(context: CampaignContext, text_of: Text) -> None:
    assert text_of(status.draw, standing(context, SENT, GOES)).splitlines() == [
        "0123456789ab  one  fax  +12025550101  delivered",
        "    sent already: delivered 2026-11-24; not sent again",
        "              one  fax  +12025550101  planned",
        "    not sent yet",
        "",
        "1 letter sent. 1 letter has NOT left.",
    ]


def test_some_of_the_letters_are_counted_as_such(context: CampaignContext, text_of: Text) -> None:
    text = text_of(status.draw, standing(context, SENT, hidden=2))
    assert text.splitlines()[-1] == "1 of 3 letters shown."


def test_letters_to_oneself_stand_apart_and_are_not_counted(
    context: CampaignContext, text_of: Text
) -> None:
    text = text_of(status.draw, standing(context, SENT, test_letters=(WAITS,)))
    own = text[text.index("\nTo yourself:\n") :]
    assert "waits for office hours" in own and text.endswith("\nThe letter is sent.\n")


def test_messages_to_look_at_are_said_before_the_count(
    context: CampaignContext, text_of: Text
) -> None:
    odd = UnmatchedMessage("answer", "INBOX", None, "office@example.org", "0123")
    assert text_of(status.draw, standing(context, SENT, mail=(odd,))).splitlines()[-3:] == [
        "To look at: an answer about 0123",
        "    in INBOX, from office@example.org",
        "The letter is sent.",
    ]


TIMES = "Tue 08:00 there, Tue 14:00 here"


def words(parts: Sequence[Part]) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in parts)


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
    assert words(status.status_phrase(letter, MORNING)) == now
    assert words(status.status_phrase(letter, MORNING, dry_run=True)) == in_a_dry_run


@pytest.mark.parametrize("cause", list(Cause))
def test_an_address_that_does_not_exist_is_held_in_every_campaign(cause: Cause) -> None:
    failed = row(Fate.FAILED, cause, record=record(State.FAILED, cause=cause))
    is_held = words(status.status_phrase(failed, MORNING)).endswith("held in every campaign")
    assert is_held == (cause in (Cause.BOUNCE, Cause.BAD_NUMBER))


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate is not Fate.IN_PROGRESS])
def test_a_fate_has_its_colour(fate: Fate) -> None:
    first, *_ = status.status_phrase(row(fate), MORNING)
    assert first[1] == fate


BY_MAIL = row(Fate.GOES, delivery=delivery("one", "email", "one@example.org"))


def unknown(letter: Row, **values: Any) -> Row:
    known = record(State.UNKNOWN, letter.delivery.channel, left_at=UNTIL, **values)
    return replace(letter, fate=Fate.UNKNOWN, record=known)


def test_an_unknown_fax_is_looked_for_in_its_accounts_log(context: CampaignContext) -> None:
    letter = unknown(GOES, account="sinch", reference="fa-1")
    assert status.trace(letter, context.letters(), MORNING) == (
        "look in the log of sinch for Tue 24 Nov 14:00, reference fa-1"
    )


def test_an_unknown_e_mail_is_looked_for_among_those_sent(context: CampaignContext) -> None:
    letters = context.letters()
    clue = status.trace(unknown(BY_MAIL, content="abc"), letters, MORNING)
    id = letters.message_id(BY_MAIL.delivery, "abc")
    assert clue == f"look among your sent e-mails of Tue 24 Nov 14:00 for Message-ID {id}"


def test_with_a_mailbox_status_looks_by_itself(tmp_path: Path) -> None:
    folder = write(tmp_path, settings='\n[email.imap]\nhost = "mail.example.org"\n')
    letters = CampaignContext(loaded(folder), None, MORNING).letters()
    clue = status.trace(unknown(BY_MAIL), letters, MORNING)
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
    assert status.trace(letter, letters, MORNING) == ""


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
    assert status.look_at(message) == [
        f"To look at: {said} 0123",
        "    in IN\\u001bBOX, from office@example.org",
    ]


def test_a_message_to_look_at_has_its_time() -> None:
    message = UnmatchedMessage("answer", "INBOX", MORNING, "office@example.org", "0123")
    here = MORNING.astimezone()
    assert status.look_at(message)[1] == (
        f"    in INBOX, {here:%Y-%m-%d %H:%M}, from office@example.org"
    )


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
    said = status.next_steps(rows)
    assert len(said) == len(steps)
    assert all(step in line for step, line in zip(steps, said, strict=True))


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
    assert words(status.summary_line(rows)) == said
