"""Rules on the campaign as a whole: the letter for its recipients, the accounts for its letters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

from ...campaign.letter import LetterError
from ...campaign.loading import LoadedCampaign
from ...campaign.recipients import Recipient, Recipients
from ...campaign.senders import DAY
from ...campaign.senders import FILE as SENDERS
from ...campaign.settings import FILE as SETTINGS
from ...campaign.settings import place_of
from ...config.office_hours import parse_hours
from ...core.finding import Location
from ...delivery.retry import AFTER_TWO
from ...documents.content import build
from ..registry import InCampaign, on_campaign


@on_campaign("account", "error")
def account(campaign: LoadedCampaign, today: date) -> InCampaign:
    """There are faxes or e-mails to send, and no account, or one without its table.

    Bad:

        [fax]
        account = "sinch"

    Good:

        [fax]
        account = "sinch"
        [fax.sinch]
        project_id = "…"
    """
    fax, email = campaign.settings.fax, campaign.settings.email
    tables = {"fax": fax.account and fax.table(fax.account), "email": email.smtp}
    for channel, section in (("fax", fax), ("email", email)):
        if not any(c.channel == channel for r in campaign.recipients for c in r.contacts):
            continue
        if section.account is None:
            message = f"no account for {channel} is chosen"
            yield SETTINGS, Location(), message, f'add account = "…" to [{channel}]'
        elif not tables[channel]:
            table = f"{channel}.{section.account}"
            yield SETTINGS, Location(), f"the table [{table}] is missing", f"add [{table}]"


@on_campaign("letter", "error")
def letter(campaign: LoadedCampaign, today: date) -> InCampaign:
    """The letter cannot be written for a recipient: a variable is unknown, or empty for this one.

    What is empty would leave a hole in the page. Ask for it in the template, or fill it in.

    Bad:

        {{ to.salutation }},

    Good:

        {% if to.salutation %}{{ to.salutation }}{% else %}Dear Madam or Sir{% endif %},
    """
    if campaign.templates.syntax(campaign.letter):
        return  # reported once, not for each recipient
    reported = set()
    for recipient in kinds(campaign.recipients):
        try:
            build(campaign, recipient, today)
        except LetterError as error:
            finding = error.finding
            if finding.order not in reported:
                reported.add(finding.order)
                message = f"{finding.message} (for {recipient.id})"
                yield finding.path, finding.place, message, finding.hint


@on_campaign("pacing", "warning")
def pacing(campaign: LoadedCampaign, today: date) -> InCampaign:
    """Telephones may ring early or late, or letters are given up before they are tried.

    A mistyped number is a stranger's: before eight and after twenty it wakes them. After two calls
    the next one waits an hour at least (47 CFR 68.318), so that more attempts need more time.

    Bad:

        hours = "06:00-23:00"
        attempts = 5
        give_up_after = "30m"

    Good:

        hours = "08:00-20:00"
        attempts = 5
        give_up_after = "7d"
    """
    pacing = campaign.settings.pacing
    text = campaign.texts[SETTINGS]
    hours = parse_hours(pacing.hours, pacing.days)
    if hours.opens < _MORNING or hours.closes > _EVENING:
        message = f"telephones may ring at {pacing.hours} of the recipient's clock"
        yield SETTINGS, place_of(text, ("pacing", "hours")), message, 'write hours = "08:00-20:00"'
    if pacing.give_up_after < AFTER_TWO * max(0, pacing.attempts - 2):
        message = f"{pacing.attempts} attempts take longer than give_up_after"
        where = place_of(text, ("pacing", "give_up_after"))
        yield SETTINGS, where, message, "write fewer attempts, or a longer time"


_MORNING, _EVENING = time(8), time(20)


def kinds(recipients: Recipients) -> Iterable[Recipient]:
    """One recipient for each kind of letter: in one language, and with the same values filled in.
    All letters of a large campaign would take longer than a commit may. Without copies where
    somebody could not be read: it may be a copy of that letter."""
    first: dict[object, Recipient] = {}
    for recipient in recipients:
        if recipient.role == "cc" and recipients.unread:
            continue
        filled = frozenset(name for name, value in vars(recipient).items() if value)
        first.setdefault((recipient.language, recipient.role, filled), recipient)
    return first.values()


@on_campaign("consent-in-future", "error")
def consent_in_future(campaign: LoadedCampaign, today: date) -> InCampaign:
    """Somebody in senders.csv is said to have agreed on a day that is still to come.

    Bad:

        id,name,place,consent
        s-0001,Erika Mustermann,Berlin,2062-11-20

    Good:

        id,name,place,consent
        s-0001,Erika Mustermann,Berlin,2026-11-20
    """
    for signatory in campaign.signatories:
        if signatory.consent > today:
            message = f"consent {signatory.consent} of {signatory.id} is in the future"
            yield SENDERS, signatory.consent_at, message, DAY
