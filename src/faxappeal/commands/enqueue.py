"""`faxappeal send --enqueue`: the plan goes into a ledger that machines share, for its workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..core.lifecycle import HoldReason
from ..core.result import Result
from ..ledger.location import store_of
from ..ledger.locking import lock
from ..workers.queue import Jobs, database, prepare
from ..workers.timing import Timing
from .environment import Environment
from .plan_rows import CALL, Row, SendPlan, SendResult, with_fate
from .run import exit_code, explain
from .selection import Choice


def enqueue(plan: SendPlan, environment: Environment) -> Result:
    """Leave to the workers what would go, as it is now: they send no other letter. Durable when it
    returns; again it changes nothing, or the letter where that was changed."""
    ledger, settings = plan.context.ledger, plan.context.campaign.settings
    assert ledger  # a live plan has one
    section = database(store_of(settings.ledger)).section
    queue = Jobs(section, environment.timing or Timing())
    moment = environment.clock.now()
    leaving = [row.delivery for row in plan.leaving]
    with lock(ledger, f"send --enqueue of {plan.campaign}", shared=True):
        prepare(ledger)
        ledger.start(plan.campaign, plan.context.day)
        ledger.plan_all([row.delivery for row in plan.rows], moment)
        for row in plan.rows:
            explain(ledger, row, moment, plan.choice)
        content = {row.delivery.id: row.content for row in plan.leaving}
        approvals = {row.delivery.id: _approvals(row, plan.choice) for row in plan.leaving}
        ledger.queue_for_workers(content, approvals)
        soonest = _soonest(plan.leaving, moment, settings.pacing.per_number_gap)
        queue.put(leaving, soonest)
        queue.reschedule_earlier(leaving, soonest)
        rows = tuple(
            with_fate(
                replace(row, record=ledger.queries.get(row.delivery.id), until=None),
                plan.context,
                moment,
            )
            for row in plan.rows
        )
    queued = {delivery.id for delivery in leaving}
    code = exit_code([row for row in rows if row.delivery.id not in queued])
    return Result("send", SendResult(plan, rows, queued=len(leaving)), code)


def _soonest(rows: Sequence[Row], moment: datetime, gap: timedelta) -> dict[str, timedelta]:
    """How long at least each letter will wait: until the office opens, and for those that go to its
    number before it. Until then no worker needs to look at it."""
    before: Counter[str] = Counter()
    found = {}
    for row in rows:
        wait = row.until - moment if row.until else timedelta(0)
        if row.delivery.channel == "fax":
            wait = max(wait, before[row.delivery.address_key] * (gap + CALL))
            before[row.delivery.address_key] += 1
        if wait:
            found[row.delivery.id] = wait
    return found


def _approvals(row: Row, choice: Choice) -> str:
    """What a person agreed to, which the workers have to know."""
    words = ["again"] if choice.again else []
    if row.delivery.recipient.id in choice.accepted:
        words.append(HoldReason.UNVERIFIED)
    return " ".join(words)
