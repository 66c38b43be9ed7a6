"""Delivery status notifications (RFC 3464): as mail servers write them, and what they mean.

Headers are read as they stand (`compat32`): the parser of structured headers raises on what others
write.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message

from ..core.lifecycle import Cause
from ..core.text import show
from .base import Accepted, Delivered, Failed, Outcome, ProviderReport, Relayed, joined
from .smtp_status import first_code, meaning

MAX_BYTES = 256 << 10  # of a notification; what it returns of the letter comes last
_MAX_BLOCKS = 50  # one for each recipient
_KINDS = ("message/delivery-status", "message/global-delivery-status")
_RETURNED = ("text/rfc822-headers", "message/global-headers", "message/rfc822", "message/global")


@dataclass(frozen=True)
class Notice:
    """What a notification says of one recipient."""

    envelope: str | None  # the ENVID that we gave (RFC 3461)
    message_id: str | None  # of the message that it is about
    recipients: frozenset[str]  # as we wrote to it, and where it ended; lower case
    action: str  # failed, delayed, delivered, relayed, expanded (RFC 3464 2.3.3)
    status: str  # RFC 3463: "5.1.1"; empty where it says none
    words: str  # the far server's own, safe to show

    @property
    def outcome(self) -> Outcome | None:
        """What the action means; the status does not decide (Postfix fails with 4.2.1)."""
        report = ProviderReport(raw=joined(self.action, self.status, self.words)[:300])
        if self.action == "delivered":
            return Delivered(report)
        if self.action in ("relayed", "expanded"):  # an alias reports no more
            return Relayed(report)
        if self.action == "delayed":
            return Accepted(report)
        return Failed(self._cause, report) if self.action == "failed" else None

    @property
    def _cause(self) -> Cause:
        """Exim says 5.0.0, and the reason only in the far server's words, or in prose."""
        status = self.status
        if status.endswith(".0.0"):
            status = first_code(self.words) or status
        return Cause.BOUNCE if status in ("", "5.0.0") else meaning(status)


def read(raw: bytes) -> tuple[Notice, ...]:
    """What a message notifies of; nothing if it is not a notification."""
    message = message_from_bytes(raw[:MAX_BYTES])
    parts = list(_parts(message))
    report = next((part for part in parts if part.get_content_type() in _KINDS), None)
    if report is None:
        return ()
    head, *others = _blocks(report) or [Message()]
    envelope = _xtext(_value(head, "Original-Envelope-Id")) or None
    message_id = next((found for part in parts if (found := _returned_id(part))), None)
    return tuple(
        _notice(block, envelope, message_id)
        for block in others[:_MAX_BLOCKS]
        if block.get("Action")
    )


def _parts(message: Message) -> Iterator[Message]:
    """The parts, without those of the message that is returned."""
    yield message
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part)


def _blocks(report: Message) -> list[Message]:
    """One block for the message, then one for each recipient."""
    payload = report.get_payload()
    blocks = payload if isinstance(payload, list) else [message_from_string(str(payload))]
    first = next(iter(blocks), None)
    if _value(report, "Content-Transfer-Encoding").lower() == "base64" and first is not None:
        try:
            text = base64.b64decode(str(first.get_payload())).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return []
        blocks = [message_from_string(words) for words in re.split(r"\r?\n\r?\n", text)]
    return [block for block in blocks if isinstance(block, Message) and block.keys()]


def _notice(block: Message, envelope: str | None, message_id: str | None) -> Notice:
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}", _value(block, "Status"))
    addresses = {_address(block, f"{kind}-Recipient") for kind in ("Original", "Final")}
    words = _value(block, "Diagnostic-Code")
    return Notice(
        envelope=envelope,
        message_id=message_id,
        recipients=frozenset(addresses - {""}),
        action=_value(block, "Action").split(" ")[0].lower(),
        status=status[0] if status else "",
        words=show(words.partition(";")[2].strip() or words)[:300],
    )


def _returned_id(part: Message) -> str | None:
    """The Message-ID of the letter that a part returns, or the headers of."""
    if part.get_content_type() not in _RETURNED:
        return None
    payload = part.get_payload()
    if isinstance(payload, list):
        returned = payload[0] if payload and isinstance(payload[0], Message) else Message()
    else:
        decoded = part.get_payload(decode=True)
        returned = message_from_bytes(decoded if isinstance(decoded, bytes) else b"")
    return _value(returned, "Message-ID") or None


def _address(block: Message, name: str) -> str:
    kind, semicolon, address = _value(block, name).partition(";")
    return _xtext((address if semicolon else kind).strip().strip("<>")).lower()


def _value(message: Message, name: str) -> str:
    """A header's value in one line; an empty text if it is missing."""
    return " ".join(str(message.get(name, "")).split())


def _xtext(text: str) -> str:
    """RFC 3461 4: "+" and two hexadecimal digits are a character."""
    return re.sub(r"\+([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text)
