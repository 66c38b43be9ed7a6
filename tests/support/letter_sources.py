"""Letters as tests write them: a template behind a head, and what is in the tree of one."""

from __future__ import annotations

from typing import Any

from faxappeal.campaign.letter import LetterSource, read
from faxappeal.campaign.markdown import Node

HEAD = "---\nsubject: Please answer\n---\n"
CONTEXT: dict[str, Any] = {
    "to": {"name": "Office", "salutation": "Dear Madam or Sir", "office": None},
    "sender": {"name": "Erika Mustermann", "organisation": None},
    "campaign": {"id": "test"},
    "date": "24 November 2026",
    "copies": [{"name": "First copy"}, {"name": "Second copy"}],
}


def source(body: str, head: str = HEAD) -> LetterSource:
    """The letter with this template, which has no errors."""
    letter, findings = read(head + body)
    assert letter is not None, findings
    return letter


def text_of(nodes: tuple[Node, ...]) -> str:
    """All words of a tree."""
    return "".join(node.text + text_of(node.children) for node in nodes)


def shape(nodes: tuple[Node, ...]) -> list[Any]:
    """The kinds of a tree, without its words."""
    return [(node.kind, shape(node.children)) for node in nodes]
