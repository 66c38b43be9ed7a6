"""letter.j2: front matter, then Markdown with Jinja2; and the letter that one recipient gets.

The front matter is read here. The template is filled in by `template.py`, in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.finding import Finding, Location
from ..core.text import clean, did_you_mean, invisible, is_file_name, show
from . import markdown

if TYPE_CHECKING:
    from .yaml_reader import YamlText

FILE = "letter.j2"

Context = Mapping[str, Any]

_FRONT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*\n", re.S)
_RIGHT_TO_LEFT = {"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}


class LetterError(Exception):
    """The letter cannot be written for this recipient; `finding` says where and why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True)
class Letter:
    """The letter as one recipient gets it, before it takes a form."""

    subject: tuple[str, ...]
    language: str
    body: tuple[markdown.Node, ...]
    attachments: tuple[str, ...] = ()

    @property
    def right_to_left(self) -> bool:
        return is_right_to_left(self.language)


@dataclass(frozen=True)
class LetterSource:
    """The file: what its front matter says, and the template behind it."""

    path: str
    subject: tuple[str, ...]
    language: str
    attachments: tuple[str, ...]
    first_line: int  # of the template
    body: str
    attachments_line: int = 1

    def line_of(self, text: str) -> int:
        """The file's line in which the template first says `text`."""
        at = self.body.find(text)
        return self.first_line + (self.body.count("\n", 0, at) if at >= 0 else 0)


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left."""
    return language.split("-")[0].lower() in _RIGHT_TO_LEFT


# -- reading -----------------------------------------------------------------------------------


def read(text: str, path: str = FILE) -> tuple[LetterSource | None, list[Finding]]:
    """The letter's source, or what is wrong with it before any recipient comes in."""
    from . import yaml_reader  # the process that fills in the template has no use for it

    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    match = _FRONT.match(text)
    if not match:
        hint = "begin the file with ---, subject: …, ---"
        return None, [Finding(path, Location(), "error", "letter-front-matter", "no subject", hint)]
    yaml = yaml_reader.read(match[1], path, first_line=2)
    findings = [*yaml.findings, *_front_findings(yaml, path)]
    findings += _invisible_findings(text, match.end(), path)
    if any(finding.level == "error" for finding in findings):
        return None, findings
    data = yaml.data
    subject = data["subject"] if isinstance(data["subject"], list) else [data["subject"]]
    source = LetterSource(
        path,
        tuple(clean(line) for line in subject),
        data.get("language", "en"),
        tuple(data.get("attachments", ())),
        text.count("\n", 0, match.end()) + 1,
        text[match.end() :],
        yaml.place("attachments").line,
    )
    return source, findings


def _front_findings(yaml: YamlText, path: str) -> list[Finding]:
    if yaml.data is None:
        return []

    def wrong(key: str, message: str, rule: str = "bad-value", hint: str = "") -> Finding:
        return Finding(path, yaml.place(key), "error", rule, message, hint)

    if not isinstance(yaml.data, dict):
        return [wrong("", "the front matter must be a mapping with the key subject")]
    found = []
    for key in yaml.data:
        if key not in _KEYS:
            guess = did_you_mean(key, list(_KEYS))
            place = yaml.key_place(key)
            hint = f"did you mean {guess}?" if guess else ""
            message = f"unknown key {show(key)}"
            found.append(Finding(path, place, "error", "unknown-key", message, hint))
    subject = yaml.data.get("subject")
    if subject is None:
        found.append(wrong("", "subject is missing", "missing-key", "add subject: …"))
    elif not _is_lines(subject):
        found.append(wrong("subject", "subject must be a text, or a list of lines"))
    language = yaml.data.get("language", "en")
    if not (isinstance(language, str) and re.fullmatch(r"[A-Za-z]{2,3}(-\w{2,8})*", language)):
        found.append(wrong("language", "language must be a tag of BCP 47: en or zh-Hans"))
    names = yaml.data.get("attachments", [])
    if not isinstance(names, list):
        found.append(wrong("attachments", "attachments must be a list of file names"))
    elif bad := [name for name in names if not is_file_name(name)]:
        message = f"{show(str(bad[0]))}: not the name of a file in this folder"
        found.append(wrong("attachments", message, "attachment"))
    return found


# what a writer of Arabic or Hebrew may need; overrides and embeddings are none of it
_MARKS = "\n\t\u200e\u200f\u061c\u2066\u2067\u2068\u2069"


def _invisible_findings(text: str, start: int, path: str) -> list[Finding]:
    """Characters of the template that nobody sees: the page would not say what the editor shows."""
    found = []
    for number, line in enumerate(text[start:].split("\n"), text.count("\n", 0, start) + 1):
        if character := invisible(line, _MARKS):
            place = Location(number, line.index(character) + 1)
            message = f"invisible or control character U+{ord(character):04X}"
            found.append(Finding(path, place, "error", "invisible-character", message, "delete it"))
    return found


_KEYS = ("subject", "language", "attachments")


def _is_lines(value: object) -> bool:
    """One or a few lines that a mail header can hold (RFC 5322 2.1.1: 998 octets)."""
    lines = value if isinstance(value, list) else [value]
    texts = [line for line in lines if isinstance(line, str) and clean(line) and "=?" not in line]
    return bool(texts) and len(texts) == len(lines) and sum(map(len, texts)) <= 900
