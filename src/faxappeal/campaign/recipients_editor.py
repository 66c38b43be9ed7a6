"""recipients.yaml with a person's check of a contact written into it: only its own lines change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yaml import MappingNode, Node

from ..core.errors import UsageError
from . import yaml_reader
from .contact import Channel
from .recipient_keys import ADDRESS_KEYS


@dataclass(frozen=True)
class Verification:
    """What a person has found out, when and how."""

    day: date
    by: str
    method: str
    source: str | None  # None: the one that the file has

    @property
    def keys(self) -> dict[str, str]:
        """As YAML has it, in the order of the file's other keys."""
        source = {"source": _quoted(self.source)} if self.source else {}
        return {
            **source,
            "status": "active",
            "last_verified": self.day.isoformat(),
            "verified_by": _quoted(self.by),
            "method": self.method,
        }


def verified(text: str, id: str, channel: Channel, check: Verification) -> str:
    """The file's `text` with the contact of recipient `id` checked. Comments, order and quotes of
    all else stay as they are. UsageError where it is written in a way that cannot be edited."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    editor = _Editor(text.removeprefix("\ufeff"))
    entry = _entry(editor.root, id)
    contact = _value(entry, channel)
    assert contact  # the caller has it
    other = _value(entry, "email" if channel == "fax" else "fax")
    if isinstance(contact, MappingNode):
        if contact.flow_style:
            editor.put(contact, _flow(contact, check))
        else:
            editor.set(contact, check.keys)
    elif entry.flow_style:
        raise UsageError(
            f"{id} is written on one line", "give each of its keys a line of its own, and try again"
        )
    elif other is None:
        editor.set(entry, check.keys, behind=contact)
    else:
        editor.open(entry, contact, ADDRESS_KEYS[channel], check.keys)
    return mark + editor.text


class _Editor:
    """Changes a text at the places of its nodes, from its end to its beginning."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = yaml_reader.nodes(text)
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def set(
        self, mapping: MappingNode, keys: Mapping[str, str], behind: Node | None = None
    ) -> None:
        """Give keys of a block mapping these values; new ones stand behind the status, or
        `behind` a value, or last."""
        indent = " " * mapping.start_mark.column
        known = {name.value: value for name, value in mapping.value}
        last = known.get("status") or behind or mapping.value[-1][1]
        edits = [(*self._span(known[name]), value) for name, value in keys.items() if name in known]
        new = [f"{indent}{name}: {value}" for name, value in keys.items() if name not in known]
        if new:
            edits.append(self._below(last, new))
        self._apply(edits)

    def open(self, entry: MappingNode, contact: Node, name: str, keys: Mapping[str, str]) -> None:
        """Make a mapping of a plain contact, for what is known of it alone."""
        indent = " " * (entry.start_mark.column + 2)
        start, end = self._span(contact)
        lines = [f"{indent}{key}: {value}" for key, value in keys.items()]
        written = self.text[start:end]
        before = self.text[:start].rstrip(" ")
        head = (len(before), end, f"{self._newline}{indent}{name}: {written}")
        self._apply([head, self._below(contact, lines)])

    def put(self, node: Node, words: str) -> None:
        """Another text in the place of a node."""
        self._apply([(*self._span(node), words)])

    def _span(self, node: Node) -> tuple[int, int]:
        start = self._starts[node.start_mark.line] + node.start_mark.column
        end = self._starts[node.end_mark.line] + node.end_mark.column
        return start, start + len(self.text[start:end].rstrip())

    def _below(self, node: Node, lines: list[str]) -> tuple[int, int, str]:
        """Lines below the one on which a node ends."""
        _, end = self._span(node)
        at = self.text.find("\n", end)
        words = self._newline.join(lines)
        if at < 0:
            return len(self.text), len(self.text), self._newline + words
        return at + 1, at + 1, words + self._newline

    def _apply(self, edits: list[tuple[int, int, str]]) -> None:
        for start, end, words in sorted(edits, reverse=True):
            self.text = self.text[:start] + words + self.text[end:]


def _entry(root: Node, id: str) -> MappingNode:
    assert isinstance(root, MappingNode)  # it was read without a finding
    recipients = _value(root, "recipients")
    entries: list[MappingNode] = recipients.value if recipients else []
    return next(entry for entry in entries if getattr(_value(entry, "id"), "value", None) == id)


def _value(mapping: MappingNode, key: str) -> Node | None:
    return next((value for name, value in mapping.value if name.value == key), None)


def _flow(contact: MappingNode, check: Verification) -> str:
    """A contact in braces, with the check's keys after its others."""
    values = {name.value: _quoted(value.value) for name, value in contact.value}
    others = {name: value for name, value in values.items() if name not in check.keys}
    pairs = (f"{name}: {value}" for name, value in (others | check.keys).items())
    return "{" + ", ".join(pairs) + "}"


def _quoted(text: str) -> str:
    """In double quotes, which JSON and YAML write alike."""
    return json.dumps(text, ensure_ascii=False)
