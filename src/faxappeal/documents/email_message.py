"""The e-mail: text, HTML and the page as PDF, the same bytes for every attempt."""

from __future__ import annotations

import hashlib
import mimetypes
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.utils import format_datetime, getaddresses
from typing import Any

from ..core.errors import UsageError
from ..core.text import invisible
from .content import Content
from .header_folding import REGISTRY
from .html import as_html, image_id
from .images import picture
from .plaintext import as_text

# 7 bit: smtplib does not convert for a server without 8BITMIME, and DKIM survives any relay
_POLICY = policy.SMTP.clone(cte_type="7bit", header_factory=REGISTRY)
_ADDRESSES = ("From", "To", "Cc", "Reply-To")
_MAX_HEADER = 900  # RFC 5322 2.1.1 allows 998 octets a line


class MessageError(UsageError):
    """The message cannot be built safely from what the files say."""

    code = "message"


def headed(
    content: Content,
    *,
    sender: Address,
    reply_to: str,
    recipient: Address,
    message_id: str,
    job: str,
    moment: datetime,
) -> EmailMessage:
    """A message without its body; MessageError where a name or the subject cannot be a
    header. The date is in UTC, for an offset would show where the sender is."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _safe(sender)
    message["To"] = _safe(recipient)
    if reply_to != sender.addr_spec:
        message["Reply-To"] = _safe(Address(addr_spec=reply_to))
    message["Subject"] = _value(" ".join(content.letter.subject))
    message["Date"] = format_datetime(moment.astimezone(UTC).replace(microsecond=0))
    message["Message-ID"] = _value(message_id)
    message["X-Faxappeal-Job"] = _value(job)
    _check(message.as_bytes(), message)
    return message


def build(message: EmailMessage, content: Content, *, pdf: bytes | None, pdf_name: str) -> bytes:
    """A `headed` message with its body; the bytes depend on the arguments alone."""
    message.set_content(as_text(content), charset="utf-8")
    _add_html(message, content)
    if pdf is not None:
        message.add_attachment(pdf, maintype="application", subtype="pdf", filename=pdf_name)
    for name, data in content.attachments.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        file_name = name.rpartition("/")[2]
        message.add_attachment(data, maintype=main, subtype=sub, filename=file_name)
    _fix_boundaries(message, str(message["Message-ID"]))
    raw = message.as_bytes()
    _check(raw, message)
    return raw


def _add_html(message: EmailMessage, content: Content) -> None:
    """The letter as HTML, with its images beside it: nothing is loaded from anywhere."""
    message.add_alternative(as_html(content), subtype="html", charset="utf-8")
    *_, html = message.iter_parts()
    for name, data in content.pictures.items():
        image = picture(data)
        html.add_related(
            image.data, maintype="image", subtype=image.kind, cid=f"<{image_id(name)}>"
        )


def _fix_boundaries(message: EmailMessage, seed: str) -> None:
    """Random boundaries would make every attempt another message."""
    multiparts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(multiparts):
        digest = hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[:32]
        part.set_boundary(f"=_{digest}")


def _safe(address: Address) -> Address:
    _value(address.display_name)
    _value(address.addr_spec)
    return address


def _value(text: str) -> str:
    """A header's value; what could end the header or be decoded into another is refused."""
    if invisible(text) or ("=?" in text and "?=" in text) or len(text) > _MAX_HEADER:
        raise MessageError(
            "a name or the subject cannot stand in an e-mail header",
            "leave out control characters, line breaks and =?…?=, and keep it below 900 characters",
        )
    return text


def _check(raw: bytes, message: EmailMessage) -> None:
    """Read again what would leave: exactly the headers that were meant, each mailbox and the
    subject as they are in the files, each attachment by its name.

    Some Python versions decode a subject into a second header (CVE-2024-6923); all lose the quotes
    of a long name when they fold it, which makes several mailboxes of one (cpython #80222).
    """
    read = message_from_bytes(raw)
    found, wanted = ([part.get_filename() for part in each.walk()] for each in (read, message))
    if read.keys() != message.keys() or found != wanted or _meant(read) != _wanted(message):
        raise MessageError("the message would carry a header that was not meant", "tell us, please")


def _meant(read: Message[Any, Any]) -> list[object]:
    """What a mail program makes of a message that has arrived."""
    found: list[object] = [_decoded(read["Subject"])]
    for name in _ADDRESSES:
        lines = [_unfolded(value) for value in read.get_all(name, [])]
        found.append([(_decoded(words), address) for words, address in getaddresses(lines)])
    return found


def _wanted(message: EmailMessage) -> list[object]:
    found: list[object] = [str(message["Subject"])]
    for name in _ADDRESSES:
        mailboxes = message[name].addresses if name in message else ()
        found.append([(each.display_name, each.addr_spec) for each in mailboxes])
    return found


def _decoded(value: str) -> str:
    return str(make_header(decode_header(_unfolded(value))))


def _unfolded(value: str) -> str:
    return value.replace("\r\n", "").replace("\n", "")
