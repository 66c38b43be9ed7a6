"""A history that breaks a promise, made as short as it can be and still break it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from tests.simulation.history import Ended, History

_Item = TypeVar("_Item")
_AT_MOST = 200  # histories


def shrink(ended: Ended) -> Ended:
    """The shortest history that was found to break the first of its broken promises."""
    promise = ended.violations[0].promise
    tries = 0
    best = ended

    def breaks(**parts: object) -> bool:
        nonlocal tries, best
        tries += 1
        if tries > _AT_MOST:
            return False
        plan = replace(best.plan, faults=best.faults)
        again = History(replace(plan, **parts)).run()  # type: ignore[arg-type]
        is_broken = any(each.promise == promise for each in again.violations)
        if is_broken:
            best = again
        return is_broken

    if not breaks():
        return ended  # the faults alone do not lead there again
    _fewer(best.faults, lambda faults: breaks(faults=faults))
    _fewer(best.plan.actions, lambda actions: bool(actions) and breaks(actions=actions))
    _fewer(best.plan.campaigns, lambda some: bool(some) and breaks(campaigns=some))
    return best


def _fewer(items: Sequence[_Item], holds: Callable[[tuple[_Item, ...]], bool]) -> None:
    """Leave out one item after the other, as long as it holds without them."""
    kept = tuple(items)
    for item in reversed(kept):
        without = tuple(each for each in kept if each is not item)
        if holds(without):
            kept = without
