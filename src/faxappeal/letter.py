"""letter.j2: front matter, then Markdown with Jinja2, for one recipient and one sender.

What data brings in stays data: every substituted value is escaped for Markdown, so that a name
with an asterisk is a name with an asterisk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import tree, yamltext
from .finding import Finding, Place
from .text import clean, did_you_mean, invisible, show

if TYPE_CHECKING:
    from types import TracebackType

    from jinja2 import Environment, Template

FILE = "letter.j2"
MAX_LENGTH = 200_000  # characters of one rendered letter: some hundred pages

Context = Mapping[str, Any]

_FRONT = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*\n", re.S)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # CommonMark 2.4: what a backslash may escape
_RIGHT_TO_LEFT = {"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}
# filters that would get text past the escaping, or are of no use in a letter
_NO_FILTERS = (
    *("safe", "escape", "e", "forceescape", "xmlattr", "urlize", "tojson", "pprint"),
    *("striptags", "attr", "center", "indent", "format", "filesizeformat"),
)


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
    body: tuple[tree.Node, ...]
    attachments: tuple[str, ...] = ()

    @property
    def right_to_left(self) -> bool:
        return is_right_to_left(self.language)


@dataclass(frozen=True)
class LetterSource:
    """The file: what its front matter says, and the template behind it."""

    path: str
    text: str
    subject: tuple[str, ...]
    language: str
    attachments: tuple[str, ...]
    first_line: int  # of the template
    body: str

    @cached_property
    def _template(self) -> Template:
        environment = _environment(is_right_to_left(self.language))
        return environment.from_string(self._padded)

    @property
    def _padded(self) -> str:
        """The template at its own line numbers, so that errors name the line in the file."""
        return "\n" * (self.first_line - 1) + self.body

    def render(self, context: Context) -> Letter:
        """The letter with the context's values; LetterError names the line and the variable."""
        from jinja2 import TemplateError

        try:
            markdown = _limited(self._template.generate(**context))
            body = tree.parse(markdown)
        except tree.MarkdownError as error:
            place = Place(self._line_of(markdown, error.line))
            raise LetterError(self._finding(place, "letter-markdown", str(error))) from error
        except TemplateError as error:
            raise LetterError(self._template_finding(error)) from error
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            place = Place(_template_line(error.__traceback__) or self.first_line)
            message = "this expression cannot be worked out"
            raise LetterError(self._finding(place, "letter-template", message)) from error
        except (RecursionError, MemoryError) as error:
            place = Place(self.first_line)
            raise LetterError(
                self._finding(place, "letter-template", "the template has no end")
            ) from error
        return Letter(self.subject, self.language, body, self.attachments)

    def _line_of(self, markdown: str, line: int) -> int:
        """The template's line that holds a rendered line, where it is there as it stands."""
        words = markdown.splitlines()[line - 1 : line]
        for number, own in enumerate(self._padded.splitlines(), 1):
            if words and own.strip() == words[0].strip():
                return number
        return self.first_line

    def _finding(self, place: Place, rule: str, message: str, hint: str = "") -> Finding:
        return Finding(self.path, place, "error", rule, show(message), hint)

    def _template_finding(self, error: Exception) -> Finding:
        from jinja2 import TemplateSyntaxError, UndefinedError

        if isinstance(error, TemplateSyntaxError):
            message = (error.message or "not a template").rstrip(".")
            return self._finding(Place(error.lineno), "letter-template", message)
        line = _template_line(error.__traceback__) or self.first_line
        message = (getattr(error, "message", None) or str(error)).rstrip(".")
        if not isinstance(error, UndefinedError):
            return self._finding(Place(line), "letter-template", message)
        name = (re.findall(r"'(\w+)'", message) or [""])[-1]
        written, place = self._expression(line, name)
        return self._finding(
            place, "unknown-variable", f"{written or name} is unknown or empty", _suggest(name)
        )

    def _expression(self, line: int, name: str) -> tuple[str, Place]:
        """How a variable is written in the template, and where."""
        text = (self._padded.splitlines() or [""])[line - 1]
        match = name and re.search(rf"(?:\w+\.)*\b{re.escape(name)}\b", text)
        if not match:
            return name, Place(line)
        return match[0], Place(line, match.start() + 1)


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left."""
    return language.split("-")[0].lower() in _RIGHT_TO_LEFT


# -- reading -----------------------------------------------------------------------------------


def read(text: str, path: str = FILE) -> tuple[LetterSource | None, list[Finding]]:
    """The letter's source, or what is wrong with it before any recipient comes in."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    match = _FRONT.match(text)
    if not match:
        hint = "begin the file with ---, subject: …, ---"
        return None, [Finding(path, Place(), "error", "letter-front-matter", "no subject", hint)]
    yaml = yamltext.read(match[1], path, first_line=2)
    findings = [*yaml.findings, *_front_findings(yaml, path)]
    if any(finding.level == "error" for finding in findings):
        return None, findings
    data = yaml.data
    subject = data["subject"] if isinstance(data["subject"], list) else [data["subject"]]
    source = LetterSource(
        path,
        text,
        tuple(clean(line) for line in subject),
        data.get("language", "en"),
        tuple(data.get("attachments", ())),
        text.count("\n", 0, match.end()) + 1,
        text[match.end() :],
    )
    return source, findings + _syntax_findings(source)


def _front_findings(yaml: yamltext.YamlText, path: str) -> list[Finding]:
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


_KEYS = ("subject", "language", "attachments")


def _is_lines(value: object) -> bool:
    """One or a few lines that a mail header can hold (RFC 5322 2.1.1: 998 octets)."""
    lines = value if isinstance(value, list) else [value]
    texts = [line for line in lines if isinstance(line, str) and clean(line) and "=?" not in line]
    return bool(texts) and len(texts) == len(lines) and sum(map(len, texts)) <= 900


def is_file_name(name: object) -> bool:
    """A visible file below the campaign's folder, safe in a header and on any system."""
    if not isinstance(name, str) or not name or len(name.encode()) > 120 or invisible(name):
        return False
    parts = name.split("/")
    return not any(
        not part or part.startswith((".", "-")) or re.search(r'[\\:*?"<>|]', part) for part in parts
    )


def _syntax_findings(source: LetterSource) -> list[Finding]:
    from jinja2 import TemplateSyntaxError

    try:
        _ = source._template
    except TemplateSyntaxError as error:
        return [source._template_finding(error)]
    return []


# -- the template's world ------------------------------------------------------------------------


def _environment(right_to_left: bool) -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=True,
        finalize=lambda value: _as_markdown(value, right_to_left),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in _NO_FILTERS:
        environment.filters.pop(name, None)
    environment.globals.clear()  # no range(), lipsum(), cycler(): nothing to climb out by
    return environment


def _as_markdown(value: object, right_to_left: bool) -> Any:
    """A value as Markdown that shows exactly this value."""
    from jinja2 import TemplateRuntimeError, Undefined
    from markupsafe import Markup

    if isinstance(value, Undefined):
        return str(value)  # StrictUndefined raises here, with the variable's name
    if isinstance(value, Markup):  # a macro's result: its values were escaped inside
        return value
    if value is None:
        raise TemplateRuntimeError("a value that is used here is empty")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TemplateRuntimeError("only text and numbers can be written")
    text = _PUNCTUATION.sub(r"\\\1", clean(str(value)))
    # first strong isolate: digits and brackets keep their order in an Arabic or Hebrew sentence
    return Markup(f"\u2068{text}\u2069" if right_to_left and text else text)  # noqa: S704


def _limited(parts: Any) -> str:
    kept, length = [], 0
    for part in parts:
        length += len(part)
        if length > MAX_LENGTH:
            raise MemoryError
        kept.append(str(part))  # added to a Markup, a plain part would be escaped for HTML
    return "".join(kept)


def _template_line(trace: TracebackType | None) -> int | None:
    """The template's line in a traceback that Jinja2 has rewritten."""
    line = None
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _suggest(name: str) -> str:
    known = ["to", "sender", "campaign", "date", "copies", *RECIPIENT_KEYS, *SENDER_KEYS]
    guess = did_you_mean(name, known)
    return f"did you mean {guess}?" if guess and guess != name else ""


RECIPIENT_KEYS = (
    *("id", "name", "office", "care_of", "address", "country", "salutation", "language"),
    *("fax", "email"),
)
SENDER_KEYS = ("name", "organisation", "address", "phone", "email", "fax")
