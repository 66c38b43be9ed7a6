"""Markdown as a small tree, the one source of the letter's text, HTML and page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token

_LINK = re.compile(r"(https?://|mailto:|tel:)[^\s\x00-\x1f]*\Z", re.I)

_BLOCKS = {
    "paragraph_open": "paragraph",
    "heading_open": "heading",
    "bullet_list_open": "bullets",
    "ordered_list_open": "numbers",
    "list_item_open": "item",
    "blockquote_open": "quote",
}
_INLINES = {"strong_open": "strong", "em_open": "emphasis", "link_open": "link"}


class MarkdownError(ValueError):
    """Something in the letter that not every output can show; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Node:
    """A block or a piece of text.

    `kind` is paragraph, heading (`number` is its level), bullets, numbers (`number` is the first),
    item, quote, rule; or text, code, break, space, strong, emphasis, link (`target`).
    """

    kind: str
    children: tuple[Node, ...] = ()
    text: str = ""
    number: int = 0
    target: str = ""
    tight: bool = True

    def as_data(self) -> dict[str, Any]:
        """For JSON: what Typst reads, and what the content hash is made of."""
        data: dict[str, Any] = {"kind": self.kind}
        if self.children:
            data["children"] = [child.as_data() for child in self.children]
        for name, value, default in (
            ("text", self.text, ""),
            ("number", self.number, 0),
            ("target", self.target, ""),
            ("tight", self.tight, True),
        ):
            if value != default:
                data[name] = value
        return data

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Node:
        """What `as_data` gave, read again."""
        children = tuple(cls.from_data(child) for child in data.get("children", ()))
        return cls(**(data | {"children": children}))


def parse(markdown: str) -> tuple[Node, ...]:
    """The tree of a letter; MarkdownError names what cannot be shown on every desk."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).disable(
        ["html_block", "html_inline", "autolink", "reference", "lheading"]
    )
    blocks, rest = _blocks(parser.parse(markdown), 0)
    assert not rest  # markdown-it closes what it opens
    return _without_level_jumps(blocks)


def _blocks(tokens: Sequence[Token], line: int) -> tuple[tuple[Node, ...], Sequence[Token]]:
    """The blocks up to the closing token, and the tokens behind it."""
    blocks: list[Node] = []
    while tokens:
        token, tokens = tokens[0], tokens[1:]
        line = token.map[0] + 1 if token.map else line
        if token.nesting == -1:
            break
        if token.type == "inline":
            blocks += _inlines(token.children or [], line)
        elif token.type in _BLOCKS:
            children, tokens = _blocks(tokens, line)
            blocks.append(_block(token, children))
        elif token.type == "hr":
            blocks.append(Node("rule"))
        else:
            raise MarkdownError(f"a letter cannot hold a {token.type.replace('_', ' ')}", line)
    return tuple(blocks), tokens


def _block(token: Token, children: tuple[Node, ...]) -> Node:
    kind = _BLOCKS[token.type]
    if kind == "heading":
        return Node(kind, children, number=int(token.tag[1]))
    if kind == "numbers":
        first = int(token.attrGet("start") or 1)
        return Node(kind, children, number=first, tight=_is_tight(children))
    if kind == "bullets":
        return Node(kind, children, tight=_is_tight(children))
    # markdown-it hides the paragraphs of a tight list; an item remembers it for its list
    return Node(kind, children, tight=token.hidden if kind == "paragraph" else True)


def _is_tight(items: tuple[Node, ...]) -> bool:
    return all(child.tight for item in items for child in item.children)


def _inlines(tokens: Sequence[Token], line: int) -> list[Node]:
    root: list[Node] = []
    stack: list[tuple[Token, list[Node]]] = []
    here = root
    for token in tokens:
        if token.nesting == 1 and token.type in _INLINES:
            stack.append((token, here))
            here = []
        elif token.nesting == -1:
            opened, outer = stack.pop()
            target = str(opened.attrGet("href") or "")
            kind = _INLINES[opened.type]
            if kind == "link" and not _LINK.match(target):
                raise MarkdownError("a link must begin with https:, http:, mailto: or tel:", line)
            outer.append(Node(kind, tuple(here), target=target))
            here = outer
        elif token.type in ("text", "text_special"):
            _add_text(here, token.content)
        elif token.type == "code_inline":
            here.append(Node("code", text=token.content))
        elif token.type == "softbreak":
            here.append(Node("space"))
        elif token.type == "hardbreak":
            here.append(Node("break"))
        else:
            raise MarkdownError(f"a letter cannot hold an {token.type.replace('_', ' ')}", line)
    return root


def _add_text(nodes: list[Node], text: str) -> None:
    if nodes and nodes[-1].kind == "text":
        nodes[-1] = replace(nodes[-1], text=nodes[-1].text + text)
    elif text:
        nodes.append(Node("text", text=text))


def _without_level_jumps(blocks: tuple[Node, ...]) -> tuple[Node, ...]:
    """PDF/UA-1 allows no skipped heading levels; the subject is level 1, so ours begin at 2."""
    level, result = 1, []
    for block in blocks:
        if block.kind == "heading":
            level = min(max(block.number, 2), level + 1)
            block = replace(block, number=level)
        result.append(block)
    return tuple(result)
