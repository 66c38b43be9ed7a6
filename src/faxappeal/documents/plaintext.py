"""The letter as plain text, for those who read their mail without HTML."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import Any

from ..campaign.markdown import Node
from .content import Content

_WIDTH = 72


def as_text(content: Content) -> str:
    """The letter as plain text of 72 columns."""
    parts = []
    if content.original:
        parts.append(_wrap(f"[{content.words.notice.format(name=content.original)}]"))
    parts.append("\n".join(content.address))
    if content.telefax:
        parts.append("\n".join(f"{content.words.telefax}: {line}" for line in content.telefax))
    parts.append(content.date_text)
    parts.append(_wrap("\n".join(content.letter.subject)))
    parts.append(_blocks(content.letter.body))
    if content.signed:
        parts.append(_wrap(f"{content.words.signed}:\n{'; '.join(content.signed)}"))
    if content.copies:
        copies = [f"{content.words.copy}:", *content.copies]
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


def _blocks(nodes: Sequence[Node], indent: str = "") -> str:
    return "\n\n".join(_block(node, indent) for node in nodes)


def _block(node: Node, indent: str) -> str:
    if node.kind == "paragraph":
        return _wrap(_inlines(node.children), indent, indent)
    if node.kind == "heading":
        title = _inlines(node.children)
        return f"{indent}{title}\n{indent}{'-' * min(len(title), _WIDTH)}"
    if node.kind in ("bullets", "numbers"):
        items = []
        for number, item in enumerate(node.children, node.number):
            mark = "- " if node.kind == "bullets" else f"{number}. "
            body = _blocks(item.children, indent + " " * len(mark))
            items.append(indent + mark + body[len(indent) + len(mark) :])
        return ("\n" if node.tight else "\n\n").join(items)
    if node.kind == "quote":
        return "\n".join(f"> {line}" for line in _blocks(node.children).split("\n"))
    if node.kind == "image":
        return _wrap(f"[{node.text}]", indent, indent)
    if node.kind == "table":
        return _table(node, indent)
    return indent + "-" * 20


def _table(node: Node, indent: str) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    head, *rows = node.children
    table = Table(box=box.ASCII2, show_lines=False)
    for cell in head.children:
        justify: Any = cell.align or "left"
        table.add_column(Text(_inlines(cell.children)), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_inlines(cell.children)) for cell in row.children))
    out = io.StringIO()
    width = _WIDTH - len(indent)
    console = Console(file=out, width=width, color_system=None, legacy_windows=False, _environ={})
    console.print(table)
    return "\n".join(indent + line.rstrip() for line in out.getvalue().splitlines())


def _inlines(nodes: Sequence[Node]) -> str:
    return "".join(_inline(node) for node in nodes)


def _inline(node: Node) -> str:
    inner = _inlines(node.children)
    if node.kind == "link":
        same = inner == node.target.removeprefix("mailto:")
        return inner if same else f"{inner} <{node.target}>"
    return {
        "break": "\n",
        "space": " ",
        "strong": f"*{inner}*",
        "emphasis": f"_{inner}_",
    }.get(node.kind, node.text)
