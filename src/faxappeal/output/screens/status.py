"""How each letter stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ...core.lifecycle import Cause, Fate, WaitReason
from ...core.text import show
from ..phrases import Part, both_times, count, letter_name

if TYPE_CHECKING:
    from ...campaign.delivery import Delivery
    from ...commands.plan_rows import Row, StatusResult
    from ...documents.renderer import Letters
    from ...providers.incoming_mail import UnmatchedMessage
    from ..console import Console

_CHECK_IT = "When you have checked one: faxappeal verify ID --method call"
_TAKE_ON = "To take one on unchecked: --accept-unverified ID --reason TEXT"
_HOLDING = (Cause.BOUNCE, Cause.BAD_NUMBER)


def draw(console: Console, result: StatusResult) -> None:
    """How each letter stands."""
    for row in result.rows:
        _standing(console, row, result)
    console.line("")
    if result.test_letters:
        console.line("To yourself:")
        for row in result.test_letters:
            _standing(console, row, result)
        console.line("")
    for odd in result.mail:
        console.lines(*look_at(odd))
    if result.hidden:
        total = len(result.rows) + result.hidden
        console.line(f"{len(result.rows)} of {count(total, 'letter')} shown.")
    else:
        console.line(*summary_line(result.rows))


def _standing(console: Console, row: Row, result: StatusResult) -> None:
    id = row.delivery.id if row.record else ""
    console.line(f"{id:12}  ", *name_of(row.delivery), "  ", (row.standing, row.fate))
    show_outcome(console, row, result.letters, result.context.moment)


def name_of(delivery: Delivery) -> tuple[Part, Part]:
    address = delivery.contact.raw_address
    return letter_name(delivery.recipient.id, delivery.channel, address, delivery.signatory)


def show_outcome(console: Console, row: Row, letters: Letters, moment: datetime) -> None:
    """What became of a letter that is not being sent at the moment, and what to look for where its
    outcome is unknown."""
    words = ["not sent yet"] if row.fate is Fate.GOES else status_phrase(row, moment)
    console.line("    ", *words)
    if clue := trace(row, letters, moment):
        console.line(f"    {clue}")


def status_phrase(row: Row, moment: datetime, *, dry_run: bool = False) -> list[Part]:
    """What became or becomes of a letter, and why."""
    fate, reason = row.fate, show(row.reason)
    cause = row.record.cause if row.record else None
    if fate is Fate.HELD:
        why = f" ({row.hold.text})" if row.hold and row.hold.text else ""
        return [(f"would be {fate}" if dry_run else fate, fate), f": {reason}{why}"]
    if fate is Fate.WAITS:
        verb = ("would wait" if dry_run else "waits", fate)
        if row.until:
            retries = cause and row.wait is WaitReason.RETRY
            why = f"({cause}), then tries again" if retries else f"for {reason}"
            return [verb, f" {why}: until {both_times(row.until, row.delivery.zone, moment)}"]
        hint = "" if row.wait is WaitReason.QUEUED else "; faxappeal status there asks for it"
        return [verb, f": {reason}{hint}"]
    if fate is Fate.GOES:
        return [("would go now" if dry_run else "goes now", fate)]
    if fate is Fate.SENT and row.fresh:
        return [(row.record.state if row.record else fate, fate)]
    if fate is Fate.SENT:
        again = "would not go again" if dry_run else "not sent again"
        return [("sent already", fate), f": {reason}; {again}"]
    if fate is Fate.UNKNOWN:
        return [(fate, fate), f": it may have arrived, so it is not sent again ({reason})"]
    is_held = fate is Fate.FAILED and cause in _HOLDING
    effect = "; the address is held in every campaign" if is_held else ""
    return [(fate, fate), f": {reason}{effect}"]


def trace(row: Row, letters: Letters, moment: datetime) -> str:
    """What to look for, and where, to find out what became of an unknown letter."""
    record = row.record
    if row.fate is not Fate.UNKNOWN or record is None or record.left_at is None:
        return ""
    left = f"{record.left_at.astimezone(moment.tzinfo):%a %d %b %H:%M}"
    if record.channel == "email":
        message_id = letters.message_id(row.delivery, record.content or "")
        if letters.campaign.settings.email.imap:
            return f"faxappeal status looks for it in the mailbox: Message-ID {message_id}"
        return f"look among your sent e-mails of {left} for Message-ID {message_id}"
    return f"look in the log of {record.account} for {left}, reference {record.reference}"


def look_at(odd: UnmatchedMessage) -> list[str]:
    """A message that no rule can read, and where it is."""
    kinds = {
        "answer": "an answer",
        "auto-reply": "an automatic answer",
        "bounce": "a mail server's letter in prose",
        "forged": "a notification that does not fit, perhaps forged,",
    }
    at = f", {odd.at.astimezone():%Y-%m-%d %H:%M}" if odd.at else ""
    return [
        f"To look at: {kinds[odd.kind]} about {odd.letter}",
        f"    in {show(odd.folder)}{at}, from {odd.sender}",
    ]


def next_steps(rows: Sequence[Row]) -> list[str]:
    """What a person may type to send what is not sent by itself."""
    doubtful = any(row.hold and row.hold.can_be_overridden for row in rows)
    steps = [_CHECK_IT, _TAKE_ON] if doubtful else []
    if any(row.needs_again for row in rows):
        steps.append("To send one once more: --again --to ID")
    if any(row.fate is Fate.FAILED for row in rows):
        steps.append("To try what failed once more: --only-failed")
    unknown = [row.delivery.id for row in rows if row.fate is Fate.UNKNOWN]
    if unknown:
        steps.append(f"When you know more: faxappeal resolve {unknown[0]} delivered|not-sent")
    return steps


def summary_line(rows: Sequence[Row]) -> list[Part]:
    """How many letters left, and never hidden: how many did not."""
    if not rows:
        return ["There is no such letter."]
    unknown = sum(row.fate is Fate.UNKNOWN or row.is_open for row in rows)
    in_progress = sum(row.fate is Fate.IN_PROGRESS and not row.is_open for row in rows)
    sent = sum(row.fate is Fate.SENT for row in rows)
    # a telephone rang, or a mail came back: it left, and is not there
    lost = sum(
        row.fate in (Fate.FAILED, Fate.HELD) and bool(row.record and row.record.left_at)
        for row in rows
    )
    not_left = len(rows) - sent - in_progress - unknown - lost
    if sent == len(rows):
        words = "The letter is sent." if sent == 1 else f"All {sent} letters are sent."
        return [(words, Fate.SENT)]
    parts = [f"{count(sent, 'letter')} sent."]
    if in_progress:
        verb = "is" if in_progress == 1 else "are"
        parts.append(f"{count(in_progress, 'letter')} {verb} under way: faxappeal status asks.")
    if unknown:
        parts.append(f"{count(unknown, 'letter')}: unknown, look at faxappeal log.")
    if lost:
        parts.append(f"{count(lost, 'letter')} did NOT arrive.")
    if not_left:
        verb = "has" if not_left == 1 else "have"
        parts.append(f"{count(not_left, 'letter')} {verb} NOT left.")
    return [(" ".join(parts), "warning")]
