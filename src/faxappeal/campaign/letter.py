"""letter.j2: front matter, then Markdown with Jinja2; and the letter that one recipient gets.

The front matter is read here. The template is filled in by `template.py`, in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.finding import Finding, FindingList, Location, errors
from ..core.text import clean, guess_hint, invisible, is_file_name, show
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

    def error(self, place: Location, rule: str, message: str, hint: str = "") -> LetterError:
        """An error at a place of this file."""
        return LetterError(Finding(self.path, place, "error", rule, message=message, hint=hint))


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
        findings = FindingList(path)
        hint = "begin the file with ---, subject: …, ---"
        findings.error(Location(), "letter-front-matter", "no subject", hint)
        return None, findings
    yaml = yaml_reader.read(match[1], path, first_line=2)
    first_line, body = text.count("\n", 0, match.end()) + 1, text[match.end() :]
    _check_front_matter(yaml)
    _check_characters(body, first_line, yaml.findings)
    if errors(yaml.findings):
        return None, yaml.findings
    subject = yaml.data["subject"]
    source = LetterSource(
        path=path,
        subject=tuple(map(clean, subject if isinstance(subject, list) else [subject])),
        language=yaml.data.get("language", "en"),
        attachments=tuple(yaml.data.get("attachments", ())),
        first_line=first_line,
        body=body,
        attachments_line=yaml.place("attachments").line,
    )
    return source, yaml.findings


def _check_front_matter(yaml: YamlText) -> None:
    data, error = yaml.data, yaml.findings.error
    if data is None:  # not YAML: said already
        return
    if not isinstance(data, dict):
        message = "the front matter must be a mapping with the key subject"
        error(yaml.place(), "bad-value", message)
        return
    for key in data:
        if key not in _KEYS:
            hint = guess_hint(key, list(_KEYS))
            error(yaml.key_place(key), "unknown-key", f"unknown key {show(key)}", hint)
    subject = data.get("subject")
    if subject is None:
        error(yaml.place(), "missing-key", "subject is missing", "add subject: …")
    elif not _is_lines(subject):
        message = "subject must be a text, or a list of lines"
        error(yaml.place("subject"), "bad-value", message)
    language = data.get("language", "en")
    if not (isinstance(language, str) and re.fullmatch(r"[A-Za-z]{2,3}(-\w{2,8})*", language)):
        message = "language must be a tag of BCP 47: en or zh-Hans"
        error(yaml.place("language"), "bad-value", message)
    names = data.get("attachments", [])
    if not isinstance(names, list):
        message = "attachments must be a list of file names"
        error(yaml.place("attachments"), "bad-value", message)
    elif bad := [name for name in names if not is_file_name(name)]:
        message = f"{show(str(bad[0]))}: not the name of a file in this folder"
        error(yaml.place("attachments"), "attachment", message)


# what a writer of Arabic or Hebrew may need; not the overrides and embeddings
_MARKS = "\n\t\u200e\u200f\u061c\u2066\u2067\u2068\u2069"


def _check_characters(body: str, first_line: int, findings: FindingList) -> None:
    """Characters of the template that nobody sees: the page would not say what the editor shows."""
    for number, line in enumerate(body.split("\n"), first_line):
        if character := invisible(line, _MARKS):
            place = Location(number, line.index(character) + 1)
            message = f"invisible or control character U+{ord(character):04X}"
            findings.error(place, "invisible-character", message, "delete it")


_KEYS = ("subject", "language", "attachments")


def _is_lines(value: object) -> bool:
    """One or a few lines that a mail header can hold (RFC 5322 2.1.1: 998 octets)."""
    lines = value if isinstance(value, list) else [value]
    texts = [line for line in lines if isinstance(line, str) and clean(line) and "=?" not in line]
    return bool(texts) and len(texts) == len(lines) and sum(map(len, texts)) <= 900
