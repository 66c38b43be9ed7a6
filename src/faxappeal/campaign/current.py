"""The list as it is now. A letter may wait for days; meanwhile an office may move, or say no."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..core.errors import SetupError, UsageError
from ..core.finding import errors
from ..core.lifecycle import HoldReason
from .contact import hold_of
from .delivery import Delivery, zone_of
from .loading import RECIPIENTS, text_of
from .recipients import Recipients, read


class CurrentList:
    """recipients.yaml of a campaign, read again whenever its text has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._text = ""
        self._recipients: Recipients | None = None

    def delivery(self, delivery: Delivery, moment: datetime) -> Delivery:
        """The delivery with the hold and the time zone that its contact has in the list now.

        SetupError if the list cannot be read any more, or not far enough to say.
        """
        if delivery.is_test:
            return delivery
        recipients = self._read()
        found = [
            (recipient, contact)
            for recipient in recipients
            for contact in recipient.contacts
            if (contact.channel, contact.address) == (delivery.channel, delivery.address)
        ]
        if not found:
            if wrong := errors(recipients.findings):
                raise SetupError(
                    f"{RECIPIENTS} was changed and has an error on line {wrong[0].place.line}",
                    "run faxappeal check, then send again",
                )
            return replace(delivery, hold=HoldReason.NOT_LISTED)
        holds = [hold_of(contact, moment, delivery.accepted) for _, contact in found]
        zones = {zone_of(recipient, moment.date()) for recipient, _ in found}
        return replace(
            delivery,
            hold=next(filter(None, holds), None),
            zone=zones.pop() if len(zones) == 1 else None,
        )

    def _read(self) -> Recipients:
        try:
            text = text_of(self._folder, RECIPIENTS)
        except UsageError as error:
            raise SetupError(error.message, "bring the list back, then send again") from error
        if self._recipients is None or text != self._text:
            self._text, self._recipients = text, read(text)
        return self._recipients
