"""`faxappeal send --dry-run`: what would be sent, written to the outbox."""

from __future__ import annotations

from dataclasses import replace

from ..campaign.letter_files import OUTBOX
from ..core.errors import SetupError
from ..core.result import Result
from ..delivery.outbox import Outbox
from .plan_rows import SendPlan, SendResult


def write_dry_run(plan: SendPlan) -> Result:
    """Write to the outbox what would be sent: no socket, no secret, no ledger."""
    outbox = Outbox(plan.context.campaign.folder / OUTBOX)
    rows = []
    try:
        for row in plan.rows:
            delivery = row.delivery
            if row.fate.has_left:  # it went out before
                rows.append(row)
                continue
            parts = (delivery.recipient.id, delivery.signatory, delivery.channel)
            job = plan.letters.job(delivery, "dry-run", plan.moment)
            paths = outbox.put("-".join(filter(None, parts)), job, delivery.channel)
            rows.append(replace(row, files=tuple(f"{OUTBOX}/{path.name}" for path in paths)))
    except OSError as error:
        raise SetupError(
            f"the outbox cannot be written: {error.strerror}", f"look at {outbox.folder}"
        ) from error
    return Result("send", SendResult(plan, tuple(rows)))
