"""The template filled in for one recipient, in a world where it can do no harm.

What data brings in stays data: every substituted value is escaped for Markdown, so that a name
with an asterisk is a name with an asterisk. `template_process.py` runs `main` in a process of its
own, for a sandbox bounds neither time nor memory.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

from jinja2 import (
    Environment,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from ..core.finding import Finding, Location
from ..core.text import clean, guess_hint, show
from . import markdown as tree
from .letter import Context, Letter, LetterError, LetterSource, is_right_to_left

if TYPE_CHECKING:
    from types import TracebackType

MAX_LENGTH = 200_000  # characters of one rendered letter: some hundred pages
MAX_MEMORY = 512 << 20  # bytes of address space; a letter takes about 60 MB of it

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")  # CommonMark 2.4: what a backslash may escape
# filters that would get text past the escaping, or are of no use in a letter
_NO_FILTERS = (
    *("safe", "escape", "e", "forceescape", "xmlattr", "urlize", "tojson", "pprint"),
    *("striptags", "attr", "center", "indent", "format", "filesizeformat"),
)
RECIPIENT_KEYS = (
    *("id", "name", "office", "care_of", "address", "country", "salutation", "language"),
    *("fax", "email"),
)
_ASK_FIRST = "where it may be empty, ask first: {% if … %} … {% endif %}"
SENDER_KEYS = ("name", "organisation", "address", "phone", "email", "fax")
_KNOWN = ["to", "sender", "campaign", "date", "copies", *RECIPIENT_KEYS, *SENDER_KEYS]


def render(source: LetterSource, context: Context) -> Letter:
    """The letter with the context's values; LetterError names the line and the variable."""
    markdown = ""
    try:
        markdown = _limited(_template(source).generate(**context))
        body = tree.parse(markdown)
    except tree.MarkdownError as error:
        place = Location(_line_of(source, markdown, error.line))
        raise source.error(place, "letter-markdown", str(error), error.hint) from error
    except TemplateError as error:
        raise _template_error(source, error, context) from error
    except (RecursionError, MemoryError) as error:
        message = "the template has no end, or takes too much memory"
        raise _broken(source, error, message) from error
    except Exception as error:  # a template may raise whatever Python can
        raise _broken(source, error, "this expression cannot be worked out") from error
    if not body:
        place = Location(source.first_line)
        raise source.error(place, "letter-empty", "the letter has no words")
    return Letter(source.subject, source.language, body, source.attachments)


def syntax(source: LetterSource) -> list[Finding]:
    """What is wrong with the template before any recipient comes in."""
    try:
        _template(source)
    except TemplateError as error:
        return [_template_error(source, error).finding]
    except (MemoryError, RecursionError) as error:
        message = "the template is too large, or nested too deeply"
        return [_broken(source, error, message).finding]
    return []


@lru_cache(1)
def _template(source: LetterSource) -> Template:
    return _environment(is_right_to_left(source.language)).from_string(_padded(source))


def _padded(source: LetterSource) -> str:
    """The template at its own line numbers, so that errors name the line in the file."""
    return "\n" * (source.first_line - 1) + source.body


# -- what went wrong, and where ------------------------------------------------------------------


def _broken(source: LetterSource, error: BaseException, message: str) -> LetterError:
    place = Location(_template_line(error.__traceback__) or source.first_line)
    return source.error(place, "letter-template", message)


def _line_of(source: LetterSource, markdown: str, line: int) -> int:
    """The template's line that holds a rendered line, where it is there as it stands."""
    words = "".join(markdown.splitlines()[line - 1 : line])
    own = _padded(source).splitlines()
    stripped = [each.strip() for each in own]
    if words in own:
        return own.index(words) + 1
    return stripped.index(words.strip()) + 1 if words.strip() in stripped else source.first_line


def _template_error(
    source: LetterSource, error: TemplateError, context: Context | None = None
) -> LetterError:
    if isinstance(error, TemplateSyntaxError):
        message = (error.message or "not a template").rstrip(".")
        message, hint = _SYNTAX.get(message.split(". ")[0], (message, ""))
        return source.error(Location(error.lineno), "letter-template", show(message), hint)
    line = _template_line(error.__traceback__) or source.first_line
    message = (error.message or str(error)).rstrip(".")
    if isinstance(error, _EmptyValue):
        written, place = _empty(source, line, context or {})
        whose, _, key = written.partition(".")
        fill = f"add {key}: … to the recipient, or " if whose == "to" else ""
        return source.error(place, "letter", f"{written} is empty", fill + _ASK_FIRST)
    if not isinstance(error, UndefinedError):
        return source.error(Location(line), "letter-template", show(message))
    name = (re.findall(r"'(\w+)'", message) or [""])[-1]
    written, place = _expression(source, line, name)
    hint = _ASK_FIRST if not name or name in _KNOWN else guess_hint(name, _KNOWN)
    return source.error(place, "letter", f"{written or name} is unknown or empty", hint)


# what Jinja2 says of the commonest slips, what it means, and what helps
_BRACES = "a value stands in two braces on each side: {{ to.name }}"
_SYNTAX = {
    "unexpected '}'": ("a brace is missing", _BRACES),
    "unexpected end of template": ("the template ends in the middle of {{ or {%", _BRACES),
    "Unexpected end of template": ("an {% if … %} or {% for … %} has no end", "write {% endif %}"),
}


def _expression(source: LetterSource, line: int, name: str) -> tuple[str, Location]:
    """How a variable is written in the template, and where."""
    text = (_padded(source).splitlines() or [""])[line - 1]
    match = name and re.search(rf"(?:\w+\.)*\b{re.escape(name)}\b", text)
    if not match:
        return name, Location(line)
    return match[0], Location(line, match.start() + 1)


def _empty(source: LetterSource, line: int, context: Context) -> tuple[str, Location]:
    """The first value in a line of the template that is empty, and where."""
    text = _padded(source).splitlines()[line - 1]
    for match in re.finditer(r"\b(to|sender)\.(\w+)", text):
        if context[match[1]].get(match[2], "") is None:
            return match[0], Location(line, match.start() + 1)
    return "a value that is used here", Location(line)


def _template_line(trace: TracebackType | None) -> int | None:
    """The template's line in a traceback that Jinja2 has rewritten."""
    line = None
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


# -- the template's world ------------------------------------------------------------------------


class _EmptyValue(TemplateRuntimeError):
    """A hole in the letter."""


def _environment(right_to_left: bool) -> Environment:
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
    if isinstance(value, Undefined):
        return str(value)  # StrictUndefined raises here, with the variable's name
    if isinstance(value, Markup):  # a macro's result: its values were escaped inside
        return value
    if value is None:
        raise _EmptyValue
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TemplateRuntimeError("only text and numbers can be written")
    text = _PUNCTUATION.sub(_escaped, clean(str(value)))
    # first strong isolate: digits and brackets keep their order in an Arabic or Hebrew sentence
    return Markup(f"\u2068{text}\u2069" if right_to_left and text else text)  # noqa: S704


def _escaped(match: re.Match[str]) -> str:
    # a backslash as an entity: at a value's end it would escape the bar behind it in a table
    return "&#92;" if match[0] == "\\" else f"\\{match[0]}"


def _limited(parts: Any) -> str:
    kept, length = [], 0
    for part in parts:
        length += len(part)
        if length > MAX_LENGTH:
            raise MemoryError
        kept.append(str(part))  # added to a Markup, a plain part would be escaped for HTML
    return "".join(kept)


# -- in a process of its own ---------------------------------------------------------------------


def main() -> None:
    """Answer requests on standard input, one JSON line each, until it ends."""
    _limit()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever may print, the answers stay clean
    serve(requests, answers)


def _limit() -> None:
    """No more memory than a letter takes, no file written: where the system has such limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {resource.RLIMIT_AS: MAX_MEMORY, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for limit, value in limits.items():
        try:
            _soft, hard = resource.getrlimit(limit)
            if hard == resource.RLIM_INFINITY or hard > value:
                resource.setrlimit(limit, (value, value))
        except (ValueError, OSError):  # macOS knows RLIMIT_AS and refuses it
            continue


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Each request is a source, with a context to fill it in or without one to look at it only."""
    for line in requests:
        request = json.loads(line)
        source = _source(request["source"])
        try:
            if request["context"] is None:
                answer: dict[str, Any] = {"findings": [asdict(each) for each in syntax(source)]}
            else:
                letter = render(source, request["context"])
                answer = {"body": [asdict(node) for node in letter.body]}
        except LetterError as error:
            answer = {"findings": [asdict(error.finding)]}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _source(data: dict[str, Any]) -> LetterSource:
    """A source from JSON. Without pydantic, which would take longer to load than all else here."""
    lines = {name: tuple(data[name]) for name in ("subject", "attachments")}
    return LetterSource(**(data | lines))
