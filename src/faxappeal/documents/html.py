"""The letter as HTML, for an e-mail."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from html import escape

from ..campaign.markdown import Node
from ..core.text import clean
from .content import Content

_INLINE_TAGS = {"strong": "strong", "emphasis": "em"}


def as_html(content: Content) -> str:
    """The letter as one HTML document that loads nothing from anywhere."""
    letter = content.letter
    direction = "rtl" if letter.right_to_left else "ltr"
    parts = [
        f"<p><em>{escape(content.notice)}</em></p>" if content.notice else "",
        f"<p>{_lines(content.address)}</p>",
        f"<p>{_lines(content.telefax_lines)}</p>" if content.telefax else "",
        f"<p>{escape(content.date_text)}</p>",
        f'<h1 style="font-size:1.1em">{_lines(letter.subject)}</h1>',
        _blocks(letter.body),
    ]
    signed = ["; ".join(content.signed)] if content.signed else []
    for label, lines in ((content.words.signed, signed), (content.words.copy, content.copies)):
        if lines:
            parts.append(f'<h2 style="font-size:1em">{escape(label)}:</h2>')
            parts += [f"<p>{escape(line)}</p>" for line in lines]
    title = escape(clean(" ".join(letter.subject)))
    style = "font:16px/1.5 Arial,sans-serif;max-width:42em;margin:1em auto;padding:0 1em"
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(letter.language)}" dir="{direction}">\n'
        f'<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{title}</title></head>\n<body style="{style}">\n'
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def _lines(lines: Sequence[str]) -> str:
    return "<br>\n".join(escape(line) for line in lines)


def _blocks(nodes: Sequence[Node]) -> str:
    return "\n".join(_block(node) for node in nodes)


def _block(node: Node) -> str:
    if node.kind == "rule":
        return "<hr>"
    if node.kind == "image":
        width = f"width:{node.number}mm;" if node.number else ""
        style = f"{width}max-width:100%"
        source = f"cid:{image_id(node.target)}"
        return f'<p><img src="{source}" alt="{escape(node.text)}" style="{style}"></p>'
    if node.kind == "table":
        return _table(node)
    if node.kind in ("paragraph", "heading"):
        tag = "p" if node.kind == "paragraph" else f"h{node.number}"
        return f"<{tag}>{_inlines(node.children)}</{tag}>"
    if node.kind == "quote":
        return f"<blockquote>{_blocks(node.children)}</blockquote>"
    items = "".join(f"<li>{_item(item, node.tight)}</li>" for item in node.children)
    if node.kind == "bullets":
        return f"<ul>{items}</ul>"
    start = f' start="{node.number}"' if node.number != 1 else ""
    return f"<ol{start}>{items}</ol>"


def _table(node: Node) -> str:
    head, *rows = node.children
    body = "".join(_row(row, "td") for row in rows)
    style = "border-collapse:collapse"
    return f'<table style="{style}"><thead>{_row(head, "th")}</thead><tbody>{body}</tbody></table>'


def _row(row: Node, tag: str) -> str:
    cells = []
    for cell in row.children:
        style = f"text-align:{cell.align or 'start'};padding:.2em .6em;border:1px solid"
        cells.append(f'<{tag} style="{style}">{_inlines(cell.children)}</{tag}>')
    return f"<tr>{''.join(cells)}</tr>"


def image_id(name: str) -> str:
    """The Content-ID (RFC 2392) of an image in this letter."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:24]}@images.invalid"


def _item(item: Node, tight: bool) -> str:
    return "".join(
        _inlines(child.children) if tight and child.kind == "paragraph" else _block(child)
        for child in item.children
    )


def _inlines(nodes: Sequence[Node]) -> str:
    return "".join(_inline(node) for node in nodes)


def _inline(node: Node) -> str:
    inner = _inlines(node.children)
    if node.kind == "link":
        return f'<a href="{escape(node.target)}">{inner}</a>'
    if tag := _INLINE_TAGS.get(node.kind):
        return f"<{tag}>{inner}</{tag}>"
    return {"break": "<br>\n", "space": "\n"}.get(node.kind, escape(node.text))
