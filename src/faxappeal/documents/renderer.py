"""The letters of a campaign, ready to go: each delivery's job, made from the files once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from ..campaign.delivery import Delivery, Keyed
from ..campaign.loading import LoadedCampaign
from ..campaign.recipients import Recipient
from ..core.text import clean
from ..providers.base import Job
from . import email_message, page
from .content import Content, build
from .fax.raster import Fax, header, render, stamp

Made = TypeVar("Made")
_TYPESETTING = threading.RLock()  # neither Typst nor PDFium sets two pages at once
_MAX_DOCUMENTS = 8  # in memory: several lines of one addressee get the same document
_MAX_CONTENTS = 1000  # a few kilobytes each: those of the plan are sent a moment later


class Letters:
    """Documents for the deliveries of one campaign. A letter that several get is set once."""

    def __init__(self, campaign: LoadedCampaign, day: date, digest: Keyed) -> None:
        self.campaign, self.day, self.digest = campaign, day, digest
        self._contents: dict[str, Content] = {}
        self._pdfs: dict[str, bytes] = {}
        self._faxes: dict[str, Fax] = {}

    def content(self, recipient: Recipient, signatory: str | None = None) -> Content:
        """The content of a recipient's letter; where many send one each, of a signatory's."""
        return _cached(
            self._contents,
            f"{signatory or ''}/{recipient.id}",
            lambda: build(self._sent_by(signatory), recipient, self.day),
            _MAX_CONTENTS,
        )

    def _sent_by(self, signatory: str | None) -> LoadedCampaign:
        if signatory is None:
            return self.campaign
        sender = next(each for each in self.campaign.senders if each.id == signatory)
        return self.campaign.sent_by(sender)

    def pdf(self, content: Content) -> bytes:
        """The page as PDF."""
        settings = self.campaign.settings.fax
        coarse = settings.resolution == "standard"
        return _cached(
            self._pdfs,
            content.sha256,
            lambda: page.pdf(content, settings.paper, coarse=coarse, fonts=self._fonts),
        )

    @property
    def _fonts(self) -> tuple[Path, ...]:
        """The font files that the settings name, for scripts that ours do not have."""
        names = self.campaign.settings.fax.fonts
        return tuple((self.campaign.folder / name).resolve() for name in names)

    def fax(self, content: Content) -> Fax:
        """The fax pages without a header line."""
        settings = self.campaign.settings.fax
        return _cached(
            self._faxes,
            content.sha256,
            lambda: render(self.pdf(content), settings.paper, settings.resolution),
        )

    def stamped(self, content: Content, moment: datetime) -> Fax:
        """The fax pages with the header line of this moment."""
        sender = self.campaign.settings.sender
        line = header(moment, clean(sender.organisation or sender.name), sender.phone)
        with _TYPESETTING:
            return stamp(self.fax(content), moment, line, content.language, self._fonts)

    def content_sha256(self, delivery: Delivery) -> str:
        """Identity of a delivery's letter, whatever form it takes."""
        return self.content(delivery.recipient, delivery.signatory).sha256

    def job(self, delivery: Delivery, reference: str, moment: datetime) -> Job:
        """One attempt's job. An e-mail is the same message in every attempt; a fax has its time."""
        content = self.content(delivery.recipient, delivery.signatory)
        settings = self.campaign.settings
        if delivery.channel == "email":
            return Job(reference, delivery.address, self.message(delivery, content, moment))
        pages = self.stamped(content, moment)
        return Job(
            reference,
            delivery.address,
            pages.tiff(),
            pages.pdf(),
            fine=settings.fax.resolution == "fine",
            letter_paper=settings.fax.paper == "letter",
        )

    def message(self, delivery: Delivery, content: Content, moment: datetime) -> bytes:
        """The e-mail to one recipient."""
        settings = self.campaign.settings
        return email_message.build(
            self.headed(delivery, content, moment),
            content,
            pdf=self.pdf(content) if settings.email.pdf else None,
            pdf_name=f"{settings.campaign.id}.pdf",
        )

    def headed(self, delivery: Delivery, content: Content, moment: datetime) -> EmailMessage:
        """The e-mail without its body; MessageError where it could not be made."""
        return email_message.headed(
            content,
            sender=self._from(delivery.signatory),
            reply_to=self.campaign.settings.sender.email,
            recipient=Address(clean(delivery.recipient.name), addr_spec=delivery.address),
            message_id=self.message_id(delivery, content.sha256),
            job=delivery.id,
            moment=moment,
        )

    def message_id(self, delivery: Delivery, content: str) -> str:
        """Ours alone, the same for all attempts, without a host's name or a time."""
        token = self.digest("message-id", delivery.identity, content)[:40]
        return f"<fa.{token}@{self._from(None).domain}>"

    def _from(self, signatory: str | None) -> Address:
        settings = self._sent_by(signatory).settings
        smtp = settings.email.smtp
        address = (smtp.from_ if smtp else None) or settings.sender.email
        return Address(clean(settings.sender.name), addr_spec=address)


def _cached(
    cache: dict[str, Made], key: str, make: Callable[[], Made], at_most: int = _MAX_DOCUMENTS
) -> Made:
    """What was made for this key before, or now. The oldest goes, so that memory stays flat."""
    with _TYPESETTING:
        if key not in cache:
            if len(cache) >= at_most:
                del cache[next(iter(cache))]
            cache[key] = make()
        return cache[key]
