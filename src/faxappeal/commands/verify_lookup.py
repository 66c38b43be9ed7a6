"""`faxappeal verify ID --lookup`: asks Twilio what kind of line a number is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..campaign.delivery import Delivery
from ..campaign.template_process import TemplateProcess
from ..checks.load import read
from ..core.clock import Clock
from ..core.errors import SetupError, UsageError
from ..core.json import Internal, key
from ..core.result import Result
from ..delivery.context import CampaignContext
from ..ledger import Ledger
from ..ledger.location import store_of
from ..providers.base import ProviderReport, Unreachable
from ..providers.twilio import LineType, doubt_of, open_twilio

DISCLOSED = "Twilio, a company in the USA, is told the number, and keeps that you asked."


@dataclass(frozen=True)
class LookupResult:
    """What Twilio says of a recipient's number."""

    recipient: str
    address: str
    line: Internal[LineType]

    valid = key(lambda found: found.line.is_valid, bool)
    line_type = key(lambda found: found.line.kind)
    carrier = key(lambda found: found.line.carrier or None, str | None)
    doubt = key(lambda found: doubt_of(found.line) or None, str | None)


def lookup(
    folder: Path, clock: Clock, templates: TemplateProcess, id: str, agreed: Callable[[str], bool]
) -> Result | None:
    """What kind of line the fax of a recipient is, written into the log; None where a person did
    not agree that Twilio is told the number. It proves nothing: the list is not changed."""
    moment = clock.now()
    campaign = read(folder, moment.date(), templates)
    account = open_twilio(campaign.settings.twilio)
    try:
        with store_of(campaign.settings.ledger).open() as ledger:
            delivery = fax_of(CampaignContext(campaign, ledger, moment), id)
            if not _was_told(ledger) and not agreed(DISCLOSED):
                return None
            try:
                line = account.look_up(delivery.address)
            except Unreachable as error:
                raise SetupError(str(error), "nothing is known of the number: try again") from error
            ledger.plan_all([delivery], moment)
            report = ProviderReport(raw=line.raw)
            ledger.add_event(
                delivery.id, "lookup", clock.now(), None, account="twilio", report=report
            )
    finally:
        account.close()
    return Result("verify", LookupResult(id, delivery.address, line))


def fax_of(context: CampaignContext, id: str) -> Delivery:
    """The delivery to a recipient's fax; UsageError where there is none."""
    found = context.deliveries([id], "fax")
    if not found:
        raise UsageError(f"{id} has no fax", "only numbers are looked up")
    return found[0]


def _was_told(ledger: Ledger) -> bool:
    """Whether numbers were looked up before: then it has been said who is told."""
    return ledger.queries.has_event("lookup")
