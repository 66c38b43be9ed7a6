"""A claim in a ledger of a million deliveries, beside one in a ledger of a thousand.

Prints one table of medians and their ratio, and what four letters cost from plan to record;
`--json` prints the figures. A claim is all that stands between a letter and its first byte: the
look at holds, at the number's line and at what went there before, the claim itself, and the mark
that it leaves, each on disk. Both ledgers are asked in turn. The numbers of the large one were
called a hundred times each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sql

from faxappeal.campaign import delivery, loading
from faxappeal.campaign.delivery import Delivery
from faxappeal.core.lifecycle import State
from faxappeal.delivery.eligibility import SAME_LETTER
from faxappeal.ledger import Ledger, schema
from faxappeal.ledger.model import stamp
from faxappeal.ledger.sqlite import SqliteStore
from tests.support.campaigns import write
from tests.support.clock import MORNING

SMALL, LARGE, CALLS, CLAIMS = 1_000, 1_000_000, 100, 500
GAP = timedelta(minutes=5)
PROMISED = 1.2


def fill(ledger: Ledger, count: int) -> None:
    """So many deliveries that ended, with the four events that each leaves."""
    ended = MORNING - timedelta(days=30)
    with ledger.engine.begin() as connection:
        for first in range(0, count, 10_000):
            numbers = range(first, min(first + 10_000, count))
            connection.execute(schema.delivery.insert(), [_row(n, count, ended) for n in numbers])
            connection.execute(
                schema.event.insert(), [event for n in numbers for event in _events(n, ended)]
            )
        connection.execute(sql.text("ANALYZE"))


def _row(number: int, count: int, ended: datetime) -> dict[str, object]:
    address = f"key {number % max(1, count // CALLS)}"
    at = stamp(ended + timedelta(seconds=number % 86_400))
    return {
        "id": f"d{number:011}",
        "identity": f"identity {number}",
        "base": f"identity {number}",
        "round": 1,
        "sender": "s" * 64,
        "campaign": f"campaign {number % 200}",
        "recipient": f"r{number}",
        "channel": "fax",
        "address": "+12025550101",
        "address_key": address,
        "state": State.DELIVERED,
        "attempt": 1,
        "reference": f"fa-{number:032}",
        "account": "sinch",
        "account_reference": f"01SINCH{number}",
        "content": f"{number % 200:064}",
        "document": f"{number:064}",
        "first_at": at,
        "claimed_at": at,
        "left_at": at,
        "updated_at": at,
    }


def _events(number: int, ended: datetime) -> Iterator[dict[str, object]]:
    for event in ("submitting", "before_send", "accepted", "delivered"):
        yield {
            "at": stamp(ended),
            "delivery": f"d{number:011}",
            "event": event,
            "attempt": 1,
            "reference": f"fa-{number:032}",
        }


def claims(ledger: Ledger, letters: list[Delivery]) -> Iterator[tuple[float, float]]:
    """Seconds that each claim takes, and each letter from plan to record."""
    for number, letter in enumerate(letters):
        moment = MORNING + timedelta(hours=number)
        planned = time.perf_counter()
        ledger.plan(letter, moment)
        reference, content = f"fa-{number}", "c" * 64
        start = time.perf_counter()
        assert ledger.queries.hold(letter.address_key) is None
        assert ledger.queries.sent_elsewhere(letter, content, moment - SAME_LETTER) is None
        assert not ledger.queries.line(letter.address_key, GAP, letter.id, moment).taken_by
        claimed = ledger.attempts.claim(
            letter,
            reference,
            account="sinch",
            endpoint="https://fax.example.org",
            content=content,
            document="d" * 64,
            gap=GAP,
            moment=moment,
            account_gap=timedelta(seconds=1),
        )
        assert claimed and ledger.attempts.record_departure(letter.id, reference, moment)
        taken = time.perf_counter() - start
        ledger.attempts.record(letter.id, reference, State.ACCEPTED, moment)
        ledger.attempts.record(letter.id, reference, State.DELIVERED, moment)
        yield taken, time.perf_counter() - planned


def letters(folder: Path) -> list[Delivery]:
    """New deliveries, to numbers that both ledgers know."""
    ready = loading.ready(loading.read(write(folder, ["one +12025550101"])))
    assert ready
    [letter] = delivery.deliveries(ready, delivery.keyed(bytes(32)), MORNING)
    return [
        replace(letter, id=f"n{n}", identity=f"n{n}", base=f"n{n}", address_key=f"key {n % 10}")
        for n in range(CLAIMS)
    ]


def measure(folder: Path, large: int) -> tuple[dict[int, float], float]:
    """Median seconds of a claim, by the ledger's size; those of four letters in the small one."""
    sizes, times = (SMALL, large), dict[int, list[tuple[float, float]]]()
    ledgers = {size: SqliteStore(folder / f"{size}" / "ledger.db").open() for size in sizes}
    for size, ledger in ledgers.items():
        fill(ledger, size)
        times[size] = []
    new = letters(folder / "campaign")
    runs = {size: claims(ledger, new) for size, ledger in ledgers.items()}
    for _ in range(CLAIMS):
        for size, run in runs.items():
            times[size].append(next(run))
    for ledger in ledgers.values():
        ledger.close()
    medians = {size: statistics.median(t for t, _ in taken[50:]) for size, taken in times.items()}
    return medians, 4 * statistics.median(whole for _, whole in times[SMALL][50:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--deliveries", type=int, default=LARGE)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        medians, four = measure(Path(name), arguments.deliveries)
    ratio = medians[arguments.deliveries] / medians[SMALL]
    if arguments.json:
        figures = {"seconds": medians, "ratio": ratio, "promised": PROMISED, "four": four}
        print(json.dumps(figures))
        return
    print("deliveries  a claim, ms   ratio  promised")
    for size, taken in medians.items():
        print(f"{size:10}  {taken * 1000:11.2f}  {taken / medians[SMALL]:6.2f}  {PROMISED:8.1f}")
    print(f"four letters from plan to record: {four * 1000:.0f} ms of the ledger's (at most 100)")


if __name__ == "__main__":
    main()
