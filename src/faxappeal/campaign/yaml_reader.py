"""YAML in which every value stays the text that a person typed, with its line and column.

The usual readers turn an unquoted `+4930...` into a number, `NO` into False and `22:00` into 1320
(YAML 1.1), and let the second of two equal keys win. Here nothing is converted, and what could hide
something (anchors, aliases, tags, a second document) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from ..core.finding import FindingList, Location
from ..core.text import invisible, show

MAX_BYTES = 1_000_000
MAX_EVENTS = 100_000
MAX_DEPTH = 20

# libyaml's scanner, where the package has it: ten times as fast, the same places
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# what YAML 1.2 does not allow in a file (5.1), halves of characters, and line ends that only some
# readers take for one
_CONTROL = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufffe\\uffff]|\\r(?!\\n)"
)

Key = tuple[str | int, ...]

# what a YAML 1.1 or 1.2 reader would take for a number, a time, a boolean or null
_CHANGED = re.compile(
    r"""(?: [-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)? | 0[xo][0-9a-fA-F_]+
      | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+ | [-+]?\.inf | \.nan
      | ~ | null | true | false | yes | no | on | off | y | n )\Z""",
    re.X | re.I,
)


@dataclass(frozen=True)
class YamlText:
    """A document as text in lists and mappings; `places` and `keys` say where each stands."""

    data: Any
    findings: FindingList
    places: Mapping[Key, Location]
    keys: Mapping[Key, Location]

    def place(self, *key: str | int) -> Location:
        """Where the value stands, or the nearest thing around it."""
        while key and key not in self.places:
            key = key[:-1]
        return self.places.get(key, Location())

    def key_place(self, *key: str | int) -> Location:
        """Where the key itself stands."""
        return self.keys.get(key) or self.place(*key)


def nodes(text: str) -> yaml.Node:
    """The document of a text that was read without a finding, as nodes with their places."""
    found = yaml.compose(text, Loader=_Loader)
    assert found is not None  # there is no empty document without a finding
    return found


def read(text: str, path: str, first_line: int = 1) -> YamlText:
    """Read one document; `path` and `first_line` only name the place in findings."""
    return _Reader(text, path, first_line).read()


# what libyaml says of the commonest slips, and what helps
_HINTS = {
    "mapping values are not allowed in this context": 'a text with ": " in it stands in quotes',
    "did not find expected key": "a text that begins with a sign, as [ or *, stands in quotes",
    "did not find expected ',' or ']'": "a text that begins with [ stands in quotes",
    "did not find expected ',' or '}'": "a text that begins with { stands in quotes",
    "found character that cannot start any token": "indent with spaces; quote what begins with @",
    "could not find expected ':'": "each line is a key, a colon and a space, and what it says",
    "found unexpected end of stream": "a quote is opened and not closed",
}


class _Reader:
    def __init__(self, text: str, path: str, first_line: int) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.offset = first_line - 1
        self.findings = FindingList(path)
        self.places: dict[Key, Location] = {}
        self.keys: dict[Key, Location] = {}

    def read(self) -> YamlText:
        if len(self.text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
            return self._refuse(Location(), "the file is larger than 1 MB")
        if match := _CONTROL.search(self.text):
            place = Location.of(self.text, match.start())
            place = replace(place, line=place.line + self.offset)
            message = f"control character U+{ord(match[0]):04X}"
            return self._refuse(place, message, rule="invisible-character")
        try:
            if _SUSPECT.search(self.text):
                for event, why in _forbidden(yaml.parse(self.text, Loader=_Loader)):
                    return self._refuse(self._mark(event.start_mark), why)
            node = yaml.compose(self.text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = error.problem or "not YAML"
            problem = "nested too deeply" if "nesting depth" in problem else problem
            place = self._mark(mark) if mark else Location()
            return self._refuse(place, problem, _HINTS.get(problem, ""))
        except yaml.YAMLError:
            return self._refuse(Location(1 + self.offset), "not YAML")
        except RecursionError:
            return self._refuse(Location(), "nested too deeply")
        if node is None:
            return self._refuse(Location(1 + self.offset), "the file is empty")
        return YamlText(self._value(node, ()), self.findings, self.places, self.keys)

    def _refuse(
        self, place: Location, message: str, hint: str = "", rule: str = "yaml-syntax"
    ) -> YamlText:
        self.findings.error(place, rule, show(message), hint)
        return YamlText(None, self.findings, self.places, self.keys)

    def _mark(self, mark: Any) -> Location:
        return Location(mark.line + 1 + self.offset, mark.column + 1)

    def _value(self, node: yaml.Node, key: Key) -> Any:
        self.places[key] = self._mark(node.start_mark)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*key, n)) for n, child in enumerate(node.value)]
        assert isinstance(node, yaml.MappingNode)  # YAML has no fourth kind
        return self._mapping(node, key)

    def _scalar(self, node: yaml.ScalarNode, key: Key) -> str:
        value = str(node.value)
        place = self.places[key]
        if not node.style and _CHANGED.match(value):
            message = f"{value} without quotes is no text to other YAML readers"
            self.findings.warning(place, "unquoted-value", message, "put it in quotes")
        if not node.style and (behind := self._behind(node)):
            message = "what follows # is a comment, not a part of the value"
            hint = "put the value in quotes, or a space behind #"
            self.findings.warning(behind, "comment-in-value", message, hint)
        if hidden := invisible(value, "\n\t"):
            message = f"invisible or control character U+{ord(hidden):04X}"
            self.findings.error(place, "invisible-character", message)
        return value

    def _behind(self, node: yaml.ScalarNode) -> Location | None:
        """Where a # without a space follows a plain value, as in `Ministry #2 of Justice`."""
        end = node.end_mark
        rest = self.lines[end.line][end.column :] if end.line < len(self.lines) else ""
        if match := re.match(r"\s+#(?=[^\s#])", rest):
            return Location(end.line + 1 + self.offset, end.column + match.end())
        return None

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for name_node, value_node in node.value:
            place = self._mark(name_node.start_mark)
            if not isinstance(name_node, yaml.ScalarNode):
                self.findings.error(place, "yaml-syntax", "a key must be a plain word")
                continue
            name = str(name_node.value)
            if name in mapping:
                first = self.keys[(*key, name)].line
                message = f"{show(name)} again (first on line {first})"
                self.findings.error(place, "duplicate-key", message)
                continue
            self.keys[(*key, name)] = place
            mapping[name] = self._value(value_node, (*key, name))
        return mapping


# an anchor, alias, tag or second document takes one of these; deep nesting, brackets or indents
_SUSPECT = re.compile(r"[&*!\[{]|^---|^\.\.\.|^ {40}", re.M)


def _forbidden(events: Iterator[yaml.Event]) -> Iterator[tuple[yaml.Event, str]]:
    """What the file may not hold, found before anything is built from it."""
    depth = documents = 0
    for count, event in enumerate(events):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if isinstance(event, yaml.AliasEvent):
            yield event, "aliases (*) are not allowed"
        elif getattr(event, "anchor", None):
            yield event, "anchors (&) are not allowed"
        elif getattr(event, "tag", None):
            yield event, "tags (!) are not allowed"
        elif documents > 1:
            yield event, "only one document is allowed"
        elif depth > MAX_DEPTH:
            yield event, "nested too deeply"
        elif count > MAX_EVENTS:
            yield event, "too many values"
