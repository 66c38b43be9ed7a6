"""The e-mail: text, HTML and the page as PDF, the same bytes for every attempt."""

from __future__ import annotations

import hashlib
import mimetypes
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from itertools import count

from ..errors import UsageError
from ..text import clean, invisible
from ..tree import Node
from .content import Content

# 7 bit: smtplib does not convert for a server without 8BITMIME, and DKIM survives any relay
_POLICY = policy.SMTP.clone(cte_type="7bit")
_WIDTH = 72
_MAX_HEADER = 900  # RFC 5322 2.1.1 allows 998 octets a line


class MessageError(UsageError):
    """The message cannot be built safely from what the files say."""

    code = "message"


def build(
    content: Content,
    *,
    sender: Address,
    reply_to: str,
    recipient: Address,
    message_id: str,
    job: str,
    moment: datetime,
    pdf: bytes,
    pdf_name: str,
    attachments: Sequence[tuple[str, bytes]] = (),
) -> bytes:
    """A complete message; its bytes depend on the arguments alone. MessageError for bad headers.

    The date is given in UTC, for an offset would tell where the sender sits.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = _safe(sender)
    message["To"] = _safe(recipient)
    if reply_to != sender.addr_spec:
        message["Reply-To"] = _safe(Address(addr_spec=reply_to))
    message["Subject"] = _value(" ".join(content.letter.subject))
    message["Date"] = format_datetime(moment.astimezone(UTC).replace(microsecond=0))
    message["Message-ID"] = _value(message_id)
    message["X-Faxappeal-Job"] = _value(job)
    message.set_content(as_text(content), charset="utf-8")
    message.add_alternative(as_html(content), subtype="html", charset="utf-8")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=pdf_name)
    for name, data in attachments:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        file_name = name.rpartition("/")[2]
        message.add_attachment(data, maintype=main, subtype=sub, filename=file_name)
    _fix_boundaries(message, message_id)
    raw = message.as_bytes()
    _check(raw, message)
    return raw


def _fix_boundaries(message: EmailMessage, seed: str) -> None:
    """Boundaries by chance would make every attempt another message."""
    numbers = count()
    for part in message.walk():
        if part.is_multipart():
            digest = hashlib.sha256(f"{seed}/{next(numbers)}".encode()).hexdigest()[:32]
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
    """Read again what would leave: exactly the headers that were meant.

    Some Python versions decode a subject into a second header (CVE-2024-6923).
    """
    if message_from_bytes(raw).keys() != message.keys():
        raise MessageError("the message would carry a header that was not meant", "tell us, please")


# -- text ---------------------------------------------------------------------------------------


def as_text(content: Content) -> str:
    """The letter as plain text of 72 columns."""
    parts = []
    if content.original:
        parts.append(_wrap(f"[Copy. The original goes to {content.original}.]"))
    parts.append("\n".join(content.address))
    if content.telefax:
        parts.append("\n".join(f"{content.label('telefax')}: {line}" for line in content.telefax))
    parts.append(content.date_text)
    parts.append(_wrap("\n".join(content.letter.subject)))
    parts.append(_text_blocks(content.letter.body))
    if content.copies:
        copies = [f"{content.label('copy')}:", *content.copies]
        parts.append("\n\n".join(_wrap(line) for line in copies))
    return "\n\n".join(parts) + "\n"


def _wrap(text: str, first: str = "", rest: str = "") -> str:
    wrapped = []
    for number, line in enumerate(text.split("\n")):
        wrapped.append(
            textwrap.fill(
                line,
                _WIDTH,
                initial_indent=rest if number else first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
    return "\n".join(wrapped)


def _text_blocks(nodes: Sequence[Node], indent: str = "") -> str:
    return "\n\n".join(_text_block(node, indent) for node in nodes)


def _text_block(node: Node, indent: str) -> str:
    if node.kind == "paragraph":
        return _wrap(_text(node.children), indent, indent)
    if node.kind == "heading":
        title = _text(node.children)
        return f"{indent}{title}\n{indent}{'-' * min(len(title), _WIDTH)}"
    if node.kind in ("bullets", "numbers"):
        items = []
        for number, item in enumerate(node.children, node.number):
            mark = "- " if node.kind == "bullets" else f"{number}. "
            body = _text_blocks(item.children, indent + " " * len(mark))
            items.append(indent + mark + body[len(indent) + len(mark) :])
        return ("\n" if node.tight else "\n\n").join(items)
    if node.kind == "quote":
        return "\n".join(f"> {line}" for line in _text_blocks(node.children).split("\n"))
    return indent + "-" * 20


def _text(nodes: Sequence[Node]) -> str:
    return "".join(_text_inline(node) for node in nodes)


def _text_inline(node: Node) -> str:
    inner = _text(node.children)
    if node.kind == "link":
        same = inner == node.target.removeprefix("mailto:")
        return inner if same else f"{inner} <{node.target}>"
    return {
        "break": "\n",
        "space": " ",
        "strong": f"*{inner}*",
        "emphasis": f"_{inner}_",
    }.get(node.kind, node.text)


# -- HTML ---------------------------------------------------------------------------------------

_BLOCK_TAGS = {"paragraph": "p", "bullets": "ul", "numbers": "ol", "quote": "blockquote"}
_INLINE_TAGS = {"strong": "strong", "emphasis": "em"}


def as_html(content: Content) -> str:
    """The letter as one HTML document that loads nothing from anywhere."""
    letter = content.letter
    direction = "rtl" if letter.right_to_left else "ltr"
    parts = [_html_lines(content.address)]
    if content.original:
        parts.insert(0, f"<p><em>Copy. The original goes to {escape(content.original)}.</em></p>")
    if content.telefax:
        label = content.label("telefax")
        parts.append(_html_lines([f"{label}: {line}" for line in content.telefax]))
    parts.append(f"<p>{escape(content.date_text)}</p>")
    subject = "<br>\n".join(escape(line) for line in letter.subject)
    parts.append(f'<h1 style="font-size:1.1em">{subject}</h1>')
    parts.append(_html_blocks(letter.body))
    if content.copies:
        parts.append(f'<h2 style="font-size:1em">{escape(content.label("copy"))}:</h2>')
        parts += [f"<p>{escape(line)}</p>" for line in content.copies]
    title = escape(clean(" ".join(letter.subject)))
    style = "font:16px/1.5 Arial,sans-serif;max-width:42em;margin:1em auto;padding:0 1em"
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(letter.language)}" dir="{direction}">\n'
        f'<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{title}</title></head>\n<body style="{style}">\n'
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def _html_lines(lines: Sequence[str]) -> str:
    return "<p>" + "<br>\n".join(escape(line) for line in lines) + "</p>"


def _html_blocks(nodes: Sequence[Node]) -> str:
    return "\n".join(_html_block(node) for node in nodes)


def _html_block(node: Node) -> str:
    if node.kind == "rule":
        return "<hr>"
    if node.kind == "paragraph":
        return f"<p>{_html(node.children)}</p>"
    if node.kind == "heading":
        return f"<h{node.number}>{_html(node.children)}</h{node.number}>"
    tag = _BLOCK_TAGS[node.kind]
    start = f' start="{node.number}"' if node.kind == "numbers" and node.number != 1 else ""
    if node.kind == "quote":
        inner = _html_blocks(node.children)
    else:
        inner = "".join(f"<li>{_html_item(item, node.tight)}</li>" for item in node.children)
    return f"<{tag}{start}>{inner}</{tag}>"


def _html_item(item: Node, tight: bool) -> str:
    return "".join(
        _html(child.children) if tight and child.kind == "paragraph" else _html_block(child)
        for child in item.children
    )


def _html(nodes: Sequence[Node]) -> str:
    return "".join(_html_inline(node) for node in nodes)


def _html_inline(node: Node) -> str:
    inner = _html(node.children)
    if node.kind == "link":
        return f'<a href="{escape(node.target)}">{inner}</a>'
    if node.kind in _INLINE_TAGS:
        tag = _INLINE_TAGS[node.kind]
        return f"<{tag}>{inner}</{tag}>"
    if node.kind == "code":
        return f"<code>{escape(node.text)}</code>"
    return {"break": "<br>\n", "space": "\n"}.get(node.kind, escape(node.text))
