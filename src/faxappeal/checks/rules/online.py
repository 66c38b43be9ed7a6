"""Rules that ask the DNS, and Twilio: only with `--online`, for answers change from day to day."""

from __future__ import annotations

from datetime import date
from functools import cache

from ...campaign.loading import RECIPIENTS, LoadedCampaign
from ...campaign.recipients import Recipients
from ..registry import InCampaign, InList, on_campaign, on_list
from .recipients import contacts

_SECONDS = 3.0  # for one question
_HINT = "compare it with the office's page"


@on_list("mail-domain", "warning", online=True)
def mail_domain(recipients: Recipients, today: date) -> InList:
    """The domain of an e-mail address does not exist, or takes no mail. Asked only with `--online`.

    A mail server is found by MX, or by the address of the domain itself (RFC 5321, 5.1); an MX of
    `.` says that there is none (RFC 7505). Never more than a warning: the DNS of a train or a café
    knows less than that of an office.

    Bad:

        email: office@exmaple.org

    Good:

        email: office@example.org
    """
    from dns.exception import DNSException

    for recipient, contact, place in contacts(recipients, "email"):
        domain = contact.address.rpartition("@")[2]
        try:
            wrong = _wrong_with(domain)
        except DNSException:
            message = f"{domain} cannot be looked up, and no e-mail domain after it was"
            yield place, message, "the DNS does not answer: try again"
            return
        if wrong:
            yield place, f"{domain} {wrong} (for {recipient.id})", _HINT


@cache
def _wrong_with(domain: str) -> str:
    """What keeps mail from this domain, or nothing."""
    from dns.resolver import NXDOMAIN, get_default_resolver

    resolver = get_default_resolver()
    resolver.lifetime = min(resolver.lifetime, _SECONDS)
    try:
        servers = resolver.resolve(domain, "MX", raise_on_no_answer=False)
        if servers.rrset:
            exchanges = [str(server.exchange) for server in servers]
            return "takes no mail" if exchanges == ["."] else ""
        addresses = (resolver.resolve(domain, kind, raise_on_no_answer=False) for kind in _KINDS)
        return "" if any(answer.rrset for answer in addresses) else "has no mail server"
    except NXDOMAIN:
        return "does not exist"


_KINDS = ("A", "AAAA")


@on_campaign("line-type", "warning", online=True)
def line_type(campaign: LoadedCampaign, today: date) -> InCampaign:
    """Twilio says that a fax number is not valid, or a kind of line that is hardly a fax.

    Asked only with `--online`, and only where `[twilio]` is set: Twilio is told the numbers. A
    landline proves nothing either: whose it is, only the office knows.

    Bad:

        fax: "+1 202 555 0102"     # a mobile telephone, says Twilio

    Good:

        fax: "+1 202 555 0101"     # a landline
    """
    if campaign.settings.twilio is None:
        return
    from ...providers.base import Unreachable
    from ...providers.twilio import doubt_of, open_twilio

    account = open_twilio(campaign.settings.twilio)
    try:
        for _, contact, place in contacts(campaign.recipients, "fax"):
            try:
                doubt = doubt_of(account.look_up(contact.address))
            except Unreachable as error:
                not_asked = f"{contact.raw_address} and the numbers after it"
                message = f"{error}: {not_asked} were not looked up"
                yield RECIPIENTS, place, message, "try again later"
                return
            if doubt:
                yield RECIPIENTS, place, f"{contact.raw_address} is {doubt}", "ask the office"
    finally:
        account.close()
