"""Markdown as a small tree, the one source of the letter's text, HTML and page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core.text import is_file_name

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
    "table_open": "table",
    "tr_open": "row",
    "th_open": "cell",
    "td_open": "cell",
}
_UNSHOWN = {
    "code_block": "begin the line with fewer than four spaces and no tab",
    "fence": "leave out the line of ``` or ~~~",
    "html_block": "write **bold** or *italic*; a note that is not printed is {# … #}",
    "html_inline": "write **bold** or *italic*; a note that is not printed is {# … #}",
    "s_open": "leave out the ~~",
    "code_inline": "leave out the `…`, or write a backslash before each `",
}
MAX_DEPTH = 8  # lists in lists, quotes in quotes: more leaves no room for words
_GROUPS = ("thead_open", "tbody_open")  # a table's first row is its head
MAX_COLUMNS = 8  # more would leave less than 20 mm for each
MAX_WIDTH = 160  # mm, of an image: the text's width on the narrower paper
_IMAGE = re.compile(r"[^:]+\.(png|jpe?g)\Z", re.I)
_WIDTH = re.compile(r"(\d{1,3}) ?mm\Z")
_INLINES = {"strong_open": "strong", "em_open": "emphasis", "link_open": "link"}


class MarkdownError(ValueError):
    """Something in the letter that not every output can show; `line` counts from 1."""

    def __init__(self, message: str, line: int, hint: str = "") -> None:
        super().__init__(message)
        self.line, self.hint = line, hint


@dataclass(frozen=True)
class Node:
    """A block or a piece of text.

    `kind` is paragraph, heading (`number` is its level), bullets, numbers (`number` is the first),
    item, quote, rule, table (its first row is the head), row, cell (`align`: left, center, right),
    image (`target` is a file, `text` says what it shows, `number` is its width in mm or 0);
    or text, break, space, strong, emphasis, link (`target`).
    """

    kind: str
    children: tuple[Node, ...] = ()
    text: str = ""
    number: int = 0
    target: str = ""
    tight: bool = True
    align: str = ""


def parse(markdown: str) -> tuple[Node, ...]:
    """The tree of a letter; MarkdownError names what cannot be shown on every desk."""
    from markdown_it import MarkdownIt

    # HTML is read so that it can be refused: printed as it stands, it would tell what nobody
    # meant to say. What data brings in is escaped before, and is no HTML.
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.disable(["autolink", "reference", "lheading"])
    tokens = parser.parse(markdown)
    for token in tokens:
        if token.type in ("list_item_open", "blockquote_open") and token.level > 2 * MAX_DEPTH:
            line = token.map[0] + 1 if token.map else 1
            raise MarkdownError("lists or quotes are nested too deeply", line)
    blocks, rest = _blocks(tokens, 0)
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
        elif token.type in _GROUPS:
            rows, tokens = _blocks(tokens, line)
            blocks += rows
        elif token.type in _BLOCKS:
            children, tokens = _blocks(tokens, line)
            blocks.append(_block(token, children, line))
        elif token.type == "hr":
            blocks.append(Node("rule"))
        else:
            raise _unshown(token, line)
    return tuple(blocks), tokens


def _unshown(token: Token, line: int) -> MarkdownError:
    """Code among others: in it, what data brings in could not be escaped."""
    names = {"html_block": "HTML", "html_inline": "HTML", "s_open": "text that is struck out"}
    name = names.get(token.type, token.type.replace("_", " "))
    return MarkdownError(f"a letter cannot hold {name}", line, _UNSHOWN.get(token.type, ""))


def _block(token: Token, children: tuple[Node, ...], line: int) -> Node:
    kind = _BLOCKS[token.type]
    if any(child.kind == "image" for child in children) and kind not in ("item", "quote"):
        if len(children) > 1 or kind != "paragraph":
            raise MarkdownError("an image must stand in a paragraph of its own", line)
        return children[0]
    if kind == "table" and len(children[0].children) > MAX_COLUMNS:
        raise MarkdownError(f"a table of more than {MAX_COLUMNS} columns fits no page", line)
    if kind == "cell":
        style = str(token.attrGet("style") or "")
        return Node(kind, children, align=style.removeprefix("text-align:"))
    if kind == "heading" and not children:
        raise MarkdownError("a heading without words", line, "write some behind the ##")
    if kind == "heading":
        return Node(kind, children, number=int(token.tag[1]))
    if kind in ("numbers", "bullets"):
        first = int(token.attrGet("start") or 1) if kind == "numbers" else 0
        tight = all(child.tight for item in children for child in item.children)
        return Node(kind, children, number=first, tight=tight)
    # markdown-it hides the paragraphs of a tight list; an item remembers it for its list
    return Node(kind, children, tight=token.hidden if kind == "paragraph" else True)


def _inlines(tokens: Sequence[Token], line: int) -> list[Node]:
    root: list[Node] = []
    stack: list[tuple[Token, list[Node]]] = []
    nodes = root
    for token in tokens:
        if token.nesting == 1 and token.type in _INLINES:
            stack.append((token, nodes))
            nodes = []
        elif token.nesting == -1:
            opened, outer = stack.pop()
            target = str(opened.attrGet("href") or "")
            kind = _INLINES[opened.type]
            if kind == "link" and not _LINK.match(target):
                raise MarkdownError("a link must begin with https:, http:, mailto: or tel:", line)
            if opened.attrGet("title"):
                raise MarkdownError("paper cannot show the title of a link", line)
            outer.append(Node(kind, tuple(nodes), target=target))
            nodes = outer
        elif token.type in ("text", "text_special"):
            _add_text(nodes, token.content)
        elif token.type == "image":
            nodes.append(_image(token, line))
        elif token.type == "softbreak":
            nodes.append(Node("space"))
        elif token.type == "hardbreak":
            nodes.append(Node("break"))
        else:
            raise _unshown(token, line)
    return root


def _image(token: Token, line: int) -> Node:
    from urllib.parse import unquote

    target, title = unquote(str(token.attrGet("src"))), str(token.attrGet("title") or "")
    if not _IMAGE.match(target) or not is_file_name(target):
        message = "an image must be a .png or .jpg file in the campaign's folder"
        raise MarkdownError(message, line)
    if not token.content.strip():
        raise MarkdownError("an image needs words for those who cannot see it: ![words](…)", line)
    width = _WIDTH.match(title)
    if title and not (width and 5 <= int(width[1]) <= MAX_WIDTH):
        message = f'after the file an image has its width, "5 mm" to "{MAX_WIDTH} mm", or nothing'
        raise MarkdownError(message, line)
    alt = "".join(child.content for child in token.children or [])
    return Node("image", text=alt, number=int(width[1]) if width else 0, target=target)


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
