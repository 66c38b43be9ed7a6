"""`faxappeal report`: proof of sending, for the screen, as HTML and as PDF."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..campaign import loading
from ..campaign.letter import LetterError
from ..campaign.loading import Campaign
from ..campaign.recipients import Recipient
from ..core.errors import FaxappealError
from ..core.files import write_new
from ..core.result import Result
from ..delivery.context import CampaignContext
from ..ledger import Ledger, Record
from ..ledger.documents import Documents
from ..ledger.location import store_of
from ..report import render
from ..report.model import Sources, gather
from .environment import Environment


def report(
    environment: Environment,
    *,
    html: Path | None,
    pdf: Path | None,
    redact: bool,
    overwrite: bool,
) -> Result:
    """What the ledger tells of the campaign, also written to `html` and `pdf`.

    Asks no account. It can be told also while the list or the letter is being edited.
    """
    moment = environment.clock.now()
    campaign = loading.read(environment.folder, environment.template_process)
    settings = loading.settings_of(campaign)
    ledger = store_of(settings.ledger).read()
    with ledger or nullcontext():
        sources = _sources(campaign, settings.campaign.id, ledger, moment)
        data = gather(settings, campaign.recipients, sources, moment, redact=redact)
    if html:
        write_new(html, render.html(data).encode(), overwrite=overwrite, makes_folder=False)
    if pdf:
        content = render.pdf(data, settings.fax.paper)
        write_new(pdf, content, overwrite=overwrite, makes_folder=False)
    return Result("report", replace(data, files=tuple(str(path) for path in (html, pdf) if path)))


def _sources(campaign: Campaign, id: str, ledger: Ledger | None, moment: datetime) -> Sources:
    if ledger is None:
        return Sources((), (), lambda _digest: None, lambda _record, _recipient: None)
    whole = loading.ready(campaign)
    context = CampaignContext(whole, ledger, moment) if whole else None
    letters = context.letters() if context else None

    def page_of(record: Record, recipient: Recipient) -> bytes | None:
        if context is None or letters is None or not letters.campaign.settings.email.pdf:
            return None
        try:
            sender = context.sender_of(record.sender)
            content = letters.content(recipient, sender.id if sender else None)
            return letters.pdf(content) if content.sha256 == record.content else None
        except (LetterError, FaxappealError):
            return None  # it is being edited: then it is not the letter that was sent

    documents = Documents(ledger.documents)
    return Sources(ledger.queries.records(id), ledger.queries.events(id), documents.get, page_of)
