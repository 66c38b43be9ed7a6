"""What must hold at the end of each history."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from faxappeal.campaign.delivery import keyed
from faxappeal.core.lifecycle import State

if TYPE_CHECKING:
    from tests.simulation.history import History
    from tests.simulation.world import Taken


@dataclass(frozen=True)
class Violation:
    """A promise that was broken."""

    promise: str
    details: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.details}"


def judge(history: History) -> list[Violation]:
    """All promises that were broken."""
    rows = {row.identity: row for row in history.rows()}
    return [
        *_twice(history, rows),
        *_untrue(history, rows),
        *_lost(history, rows),
        *_overlaps(history),
        *_forbidden(history),
    ]


def _twice(history: History, rows: dict[str, Any]) -> list[Violation]:
    """No page is printed twice, unless a person has asked for it."""
    counted = Counter(arrival.letter for arrival in history.world.truth.arrivals)
    return [
        Violation("printed more than once", f"{_name(rows, letter)}: {times} times")
        for letter, times in counted.items()
        if times > 1
    ]


def _untrue(history: History, rows: dict[str, Any]) -> list[Violation]:
    """`failed` means that nothing was printed, `delivered` that something was."""
    arrived = {arrival.letter for arrival in history.world.truth.arrivals}
    found = []
    for letter, row in rows.items():
        if row.state in (State.FAILED, State.WAITING, State.PLANNED) and letter in arrived:
            found.append(Violation(f"{row.state}, and was printed", _name(rows, letter)))
        if row.state in (State.DELIVERED, State.RELAYED) and letter not in arrived:
            found.append(Violation(f"{row.state}, and was not printed", _name(rows, letter)))
    return found


def _lost(history: History, rows: dict[str, Any]) -> list[Violation]:
    """Each letter has come to an end, or is held."""
    listed = {
        (name, office.channel, office.address)
        for name, files in history.world.folders.items()
        for office in files.offices
        if office.status == "active"
    }
    known = {(row.campaign, row.channel, row.address) for row in rows.values()}
    found = [Violation("never planned", " ".join(each)) for each in sorted(listed - known)]
    for letter, row in rows.items():
        is_sent = row.state == State.ACCEPTED and row.channel == "email"
        if not (row.state.is_final or is_sent or row.state == State.HELD):
            is_listed = (row.campaign, row.channel, row.address) in listed
            if is_listed or row.state.is_in_progress:
                found.append(Violation("has no end", _name(rows, letter)))
    return found


def _overlaps(history: History) -> list[Violation]:
    """One call at a time to a number."""
    found = []
    numbers: dict[str, list[Any]] = {}
    for call in history.world.truth.calls:
        numbers.setdefault(call.number, []).append(call)
    for number, calls in numbers.items():
        for first, second in pairwise(sorted(calls, key=lambda call: call.begins)):
            if second.begins < first.ends:
                words = f"{number} at {first.begins:%H:%M:%S} and {second.begins:%H:%M:%S}"
                found.append(Violation("two calls at a time", words))
    return found


def _forbidden(history: History) -> list[Violation]:
    """Nothing leaves to an address that was held, or not to be written to, when it was last looked
    at."""
    found = []
    truth = history.world.truth
    digest = keyed(history.store.key)
    for taken in truth.taken:
        moment = taken.checked_at
        held = next((held for at, held in reversed(truth.holds) if at < moment), {})
        if reason := held.get(digest("address", taken.channel, taken.address)):
            words = f"{taken.address} at {moment:%a %H:%M:%S}: {reason}"
            found.append(Violation("sent to an address that is held", words))
        if not _is_listed(history, taken, taken.read_at):
            words = f"{taken.address} at {taken.read_at:%a %H:%M:%S}"
            found.append(Violation("sent against the list", words))
    return found


def _is_listed(history: History, taken: Taken, moment: datetime) -> bool:
    return any(
        (office.channel, office.address, office.status) == (taken.channel, taken.address, "active")
        for files in history.world.folders.values()
        for office in files.before(moment)
    )


def _name(rows: dict[str, Any], letter: str) -> str:
    row = rows.get(letter)
    if row is None:
        return f"{letter[:12]} (not in the ledger)"
    return f"{row.id} to {row.recipient} of {row.campaign} ({row.channel}): {row.state} {row.note}"
