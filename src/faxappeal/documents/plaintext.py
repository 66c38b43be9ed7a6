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
    parts = [
        _wrap(f"[{content.notice}]") if content.notice else "",
        "\n".join(content.address),
        "\n".join(content.telefax_lines),
        content.date_text,
        _wrap("\n".join(content.letter.subject)),
        _blocks(content.letter.body),
    ]
    if content.signed:
        parts.append(_wrap(f"{content.words.signed}:\n{'; '.join(content.signed)}"))
    if content.copies:
        parts += map(_wrap, (f"{content.words.copy}:", *content.copies))
    return "\n\n".join(part for part in parts if part) + "\n"


def _wrap(text: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.fill(
            line,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.split("\n")
    )


def _blocks(nodes: Sequence[Node], indent: str = "") -> str:
    return "\n\n".join(_block(node, indent) for node in nodes)


def _block(node: Node, indent: str) -> str:
    if node.kind == "paragraph":
        return _wrap(_inlines(node.children), indent)
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
        return _wrap(f"[{node.text}]", indent)
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
