"""What the ledger says, beside what the far side saw."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tests.chaos.accounts import Arrival

FINAL = frozenset({"delivered", "relayed", "failed", "unknown", "held"})
SAID_TO_BE_SENT = frozenset({"delivered", "relayed", "accepted"})


@dataclass(frozen=True)
class Told:
    """A delivery, as the ledger tells it."""

    campaign: str
    channel: str
    address: str
    state: str
    reference: str | None  # of its last attempt

    @property
    def is_final(self) -> bool:
        return self.state in FINAL or (self.channel == "email" and self.state == "accepted")


@dataclass
class Verdict:
    """Each line is one letter that was not treated as we promise."""

    deliveries: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)  # one attempt that was taken twice
    twice: list[str] = field(default_factory=list)  # one letter that arrived twice
    overlaps: list[str] = field(default_factory=list)  # two calls to a number at a time
    unknown: int = 0
    findable: list[str] = field(default_factory=list)  # unknown, though the account could tell
    states: Counter[str] = field(default_factory=Counter)

    @property
    def holds(self) -> bool:
        return not (self.lost or self.doubled or self.twice or self.overlaps or self.findable)

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.deliveries + other.deliveries,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.twice + other.twice,
            self.overlaps + other.overlaps,
            self.unknown + other.unknown,
            self.findable + other.findable,
            self.states + other.states,
        )


def judge(expected: int, told: Iterable[Told], arrivals: Iterable[Arrival]) -> Verdict:
    """Compare both sides. `expected` deliveries were to be made."""
    told, arrivals = list(told), list(arrivals)
    verdict = Verdict(expected, states=Counter(delivery.state for delivery in told))
    verdict.lost += [f"never planned: {expected - len(told)}"] * (len(told) != expected)
    came = Counter((a.campaign, a.address) for a in arrivals if a.arrived)
    verdict.twice += [
        f"{campaign} to {address}: {count} times"
        for (campaign, address), count in came.items()
        if campaign and count > 1
    ]
    taken = Counter(arrival.reference for arrival in arrivals)
    verdict.doubled += [reference for reference, count in taken.items() if count > 1]
    ending = {arrival.reference: arrival.ending for arrival in arrivals}
    told_of = {(arrival.campaign, arrival.address) for arrival in arrivals if arrival.is_told}
    for delivery in told:
        name = f"{delivery.campaign} to {delivery.address}: {delivery.state}"
        arrived = came[delivery.campaign, delivery.address]
        if not delivery.is_final:
            verdict.lost.append(f"{name}, and nothing more is done")
        elif delivery.state in SAID_TO_BE_SENT and not arrived:
            verdict.lost.append(f"{name}, and it never arrived")
        elif delivery.state in ("failed", "held") and arrived:
            verdict.lost.append(f"{name}, and it did arrive")
        elif delivery.state == "unknown":
            verdict.unknown += 1
            is_told = (delivery.campaign, delivery.address) in told_of
            if is_told or ending.get(delivery.reference or "") in ("delivered", "failed"):
                verdict.findable.append(name)
    verdict.overlaps += _overlaps(arrivals)
    return verdict


def _overlaps(arrivals: Iterable[Arrival]) -> list[str]:
    calls: Mapping[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        if arrival.ended:
            calls[arrival.address].append(arrival)
    found = []
    for address, on_line in calls.items():
        on_line.sort(key=lambda call: call.started)
        found += [
            f"{address}: a call while another went on"
            for earlier, later in pairwise(on_line)
            if later.started < earlier.ended
        ]
    return found
