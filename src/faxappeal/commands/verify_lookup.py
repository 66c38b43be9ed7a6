"""`faxappeal verify ID --lookup`: asks Twilio what kind of line a number is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from ..campaign.delivery import Delivery
from ..core.errors import SetupError, UsageError
from ..core.json import Internal, key
from ..core.result import Result
from ..delivery.context import CampaignContext
from ..ledger.location import store_of
from ..providers.base import ProviderReport, Unreachable
from ..providers.twilio import LineType, doubt_of, open_twilio
from .environment import Environment

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


def lookup(environment: Environment, id: str, confirm: Callable[[str], bool]) -> Result | None:
    """What kind of line the fax of a recipient is, written into the log; None where a person did
    not `confirm` that Twilio gets the number. It proves nothing: the list is not changed."""
    clock = environment.clock
    moment = clock.now()
    campaign = environment.read()
    with (
        closing(open_twilio(campaign.settings.twilio)) as account,
        store_of(campaign.settings.ledger).open() as ledger,
    ):
        delivery = fax_of(CampaignContext(campaign, ledger, moment), id)
        # a person has to agree only once
        if not ledger.queries.has_event("lookup") and not confirm(DISCLOSED):
            return None
        try:
            line = account.look_up(delivery.address)
        except Unreachable as error:
            raise SetupError(str(error), "nothing is known of the number: try again") from error
        ledger.plan_all([delivery], moment)
        report = ProviderReport(raw=line.raw)
        ledger.add_event(delivery.id, "lookup", clock.now(), None, account="twilio", report=report)
    return Result("verify", LookupResult(id, delivery.address, line))


def fax_of(context: CampaignContext, id: str) -> Delivery:
    """The delivery to a recipient's fax; UsageError where there is none."""
    found = context.deliveries([id], "fax")
    if not found:
        raise UsageError(f"{id} has no fax", "only numbers are looked up")
    return found[0]
