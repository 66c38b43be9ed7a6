"""The template: what it may use, what it may not do, and where its errors are."""

from __future__ import annotations

import io
import json
import os
import sys
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from faxappeal.campaign import template
from faxappeal.campaign.letter import Letter, LetterError
from faxappeal.core.text import clean
from tests.support.examples import examples
from tests.support.letter_sources import CONTEXT, shape, source, text_of


def render(body: str, **values: Any) -> Letter:
    return template.render(source(body), CONTEXT | values)


def refused(body: str, **values: Any) -> LetterError:
    with pytest.raises(LetterError) as error:
        render(body, **values)
    return error.value


# -- what it may use ---------------------------------------------------------------------------------


def test_the_letter_has_what_the_front_matter_says() -> None:
    head = "---\nsubject: [One, Two]\nlanguage: de\nattachments: [facts.pdf]\n---\n"
    letter = template.render(source("{{ to.salutation }},", head), CONTEXT)
    assert (letter.subject, letter.language) == (("One", "Two"), "de")
    assert letter.attachments == ("facts.pdf",)
    assert text_of(letter.body) == "Dear Madam or Sir,"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("{{ to.name }}, {{ date }}", "Office, 24 November 2026", id="values"),
        pytest.param(
            "{% if to.office %}{{ to.office }}{% else %}no office{% endif %}", "no office", id="if"
        ),
        pytest.param(
            "{% for copy in copies %}{{ copy.name }};{% endfor %}",
            "First copy;Second copy;",
            id="for",
        ),
        pytest.param("{{ copies | length }}", "2", id="a number"),
        pytest.param("{{ 0.5 }}", "0.5", id="a fraction"),
        pytest.param("{{ to.name | upper }}", "OFFICE", id="a filter"),
        pytest.param("{{ to.office or 'the office' }}", "the office", id="or"),
        pytest.param("{% set who = to.name %}{{ who }}", "Office", id="set"),
        pytest.param(
            "{% macro m(x) %}**{{ x }}**{% endmacro %}{{ m('a*b') }}", "a*b", id="a macro"
        ),
        pytest.param("{# a note #}x", "x", id="a note that is not printed"),
        pytest.param("{% if true %}\nx\n{% endif %}\ny", "xy", id="lines of tags leave no lines"),
    ],
)
def test_what_a_template_says(body: str, words: str) -> None:
    assert text_of(render(body).body).replace("  ", " ") == words


# -- where its errors are ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "line", "column", "said"),
    [
        ("Hello\n\n{{ recipient.name }}\n", 6, 4, "recipient"),
        ("Hello\n\n  {{ to.nmae }}\n", 6, 6, "to.nmae"),
        ("{{ to.salutation }}\n{{ salutation }}", 5, 4, "salutation"),
    ],
)
def test_an_unknown_variable_is_named_with_its_place(
    body: str, line: int, column: int, said: str
) -> None:
    finding = refused(body).finding
    assert (finding.place.line, finding.place.column) == (line, column)
    assert finding.message.startswith(said)


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        pytest.param("{{ to.nmae }}", "did you mean name?", id="misspelt"),
        pytest.param("{{ salutation }}", "where it may be empty, ask first", id="known elsewhere"),
        pytest.param("{{ xyzzy }}", "", id="like nothing"),
        pytest.param("{{ to.\nnmae }}", "did you mean name?", id="over two lines"),
    ],
)
def test_an_unknown_variable_is_said_with_what_helps(body: str, hint: str) -> None:
    finding = refused(body).finding
    assert finding.hint.startswith(hint) and bool(finding.hint) == bool(hint)


@pytest.mark.parametrize(
    ("body", "line", "column", "message", "hint"),
    [
        pytest.param(
            "one\n\n{{ sender.organisation }}", 6, 4, "sender.organisation is empty",
            "where it may be empty, ask first: {% if … %} … {% endif %}", id="the sender's",
        ),
        pytest.param(
            "{{ to.name }} {{ to.office }}", 4, 18, "to.office is empty",
            "add office: … to the recipient, or where it may be empty, ask first: "
            "{% if … %} … {% endif %}", id="the recipient's",
        ),
        pytest.param(
            "a\n{% for copy in copies %}{{ copy.office }}{% endfor %}", 5, 1,
            "a value that is used here is empty",
            "where it may be empty, ask first: {% if … %} … {% endif %}", id="a copy's",
        ),
    ],
)  # fmt: skip
def test_an_empty_value_is_an_error_and_not_silence(
    body: str, line: int, column: int, message: str, hint: str
) -> None:
    finding = refused(body, copies=[{"name": "Copy", "office": None}]).finding
    assert (finding.rule, finding.place.line, finding.place.column) == ("letter", line, column)
    assert (finding.message, finding.hint) == (message, hint)


@pytest.mark.parametrize(
    ("body", "line", "message", "hint"),
    [
        pytest.param("{{ to.name }", 4, "a brace is missing", "two braces", id="one brace"),
        pytest.param("a\n{% if to.office %}\nb", 6, "has no end", "{% endif %}", id="no end"),
        pytest.param("a\n{% elif x %}", 5, "unknown tag 'elif'", "", id="a tag that is alone"),
        pytest.param("a\n\n{{ to.name|safe }}", 6, "no filter named 'safe'", "", id="a filter"),
    ],
)
def test_a_slip_in_the_template_is_said_at_its_line(
    body: str, line: int, message: str, hint: str
) -> None:
    [finding] = template.syntax(source(body))
    assert (finding.rule, finding.place.line) == ("letter-template", line)
    assert message.lower() in finding.message.lower() and hint in finding.hint


def test_a_good_template_has_no_findings() -> None:
    assert template.syntax(source("{{ to.name }}{% if x %}{% endif %}")) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("a\n{{ 1 / 0 }}", "this expression cannot be worked out", id="zero"),
        pytest.param("a\n{{ to.name + 1 }}", "this expression cannot be worked out", id="types"),
        pytest.param("a\n{{ to }}", "only text and numbers can be written", id="a mapping"),
        pytest.param("a\n{{ copies }}", "only text and numbers can be written", id="a list"),
        pytest.param("a\n{{ to.name == date }}", "only text and numbers can be written", id="a truth"),
        pytest.param(
            "a\n{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "the template has no end",
            id="without end",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_said_at_its_line(body: str, message: str) -> None:
    finding = refused(body).finding
    assert finding.rule == "letter-template" and finding.message.startswith(message)
    assert finding.place.line == 5


def test_a_template_that_is_nested_too_deeply_is_refused() -> None:
    [finding] = template.syntax(source("{% if 1 %}" * 5_000 + "{% endif %}" * 5_000))
    assert "nested too deeply" in finding.message


@pytest.mark.parametrize("body", ["", "\n\n", "{# nothing #}", "{% if to.office %}x{% endif %}"])
def test_a_letter_needs_words(body: str) -> None:
    finding = refused(body).finding
    assert (finding.rule, finding.place.line) == ("letter-empty", 4)


def test_an_error_stands_at_its_own_line_and_not_at_one_like_it() -> None:
    finding = refused("- a\n\nb\n\n" + "\n".join("  " * n + "- a" for n in range(12))).finding
    assert finding.place.line == 8 + 8  # the ninth list
    finding = refused("one\n\n    code\n").finding
    assert finding.place.line == 6 and "four spaces" in finding.hint


def test_an_error_in_a_filled_in_line_stands_at_the_templates_first() -> None:
    finding = refused("one\n\n## {{ to.name }} `x`").finding
    assert (finding.rule, finding.place.line) == ("letter-markdown", 4)


@pytest.mark.parametrize("body", ["one\n\n    a\n", "one\n\n{% if true %}\n    a\n{% endif %}"])
def test_an_error_in_a_line_as_it_stands_is_said_there(body: str) -> None:
    finding = refused(body).finding
    assert (finding.rule, finding.place.line) == (
        "letter-markdown",
        3 + body.split("a")[0].count("\n") + 1,
    )


# -- what it may not do ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{{ cycler.__init__.__globals__.os.popen('id').read() }}", id="T01"),
        pytest.param("{{ lipsum.__globals__['os'].popen('id').read() }}", id="T02"),
        pytest.param("{{ to.__class__.__mro__ }}", id="class"),
        pytest.param("{% include '../secret.txt' %}", id="T07"),
        pytest.param("{% include '/etc/passwd' %}", id="T08"),
        pytest.param("{% import 'x' as x %}", id="import"),
        pytest.param("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", id="T12"),
        pytest.param("{% for i in range(99999) %}x{% endfor %}", id="T13"),
        pytest.param("{{ to.update({'fax': '+1'}) }}", id="T17"),
        pytest.param("{{ config.smtp_password }}{{ env }}", id="T18"),
        pytest.param("{{ 1 / 0 }}", id="zero"),
        pytest.param("{{ to }}", id="mapping"),
        pytest.param("{{ to.name + 1 }}", id="types"),
        pytest.param("{# nothing #}", id="no words"),
    ],
)
def test_what_a_template_may_not_do(body: str) -> None:
    assert refused(body).finding.level == "error"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('{{ ""|attr("__class__") }}', id="T04"),
        pytest.param('{{ ("{0.__class__}"|attr("format"))(to) }}', id="T06"),
        pytest.param("{{ recipient", id="T15"),
        pytest.param('{{ "<b>"|safe }}', id="T16"),
        pytest.param("{% if x %}", id="unclosed"),
    ],
)
def test_what_is_no_template_of_ours(body: str) -> None:
    findings = template.syntax(source("Hello\n\n" + body))
    assert [(f.level, f.rule) for f in findings] == [("error", "letter-template")]
    assert findings[0].place.line >= 6 or "end" in findings[0].message


def test_a_letter_has_an_end() -> None:
    body = "{% for a in copies %}" * 12 + "x" * 100 + "{% endfor %}" * 12
    assert refused(body).finding.rule == "letter-template"


def test_no_filter_gets_text_past_the_escaping() -> None:
    filters = (
        "safe",
        "escape",
        "e",
        "forceescape",
        "xmlattr",
        "urlize",
        "tojson",
        "attr",
        "format",
    )
    for name in filters:
        assert template.syntax(source(f"{{{{ to.name|{name} }}}}")), name


# -- data stays data ---------------------------------------------------------------------------------

HOSTILE = (
    *("*a*", "_a_", "**", "`a`", "[a](https://x.y)", "![a](b)", "<script>alert(1)</script>"),
    *("# a", "> a", "- a", "1. a", "---", "a\n\n# b", "a\\", "\\*", "&lt;", "&#x3c;", "https://x.y"),
    *("{{ 7*7 }}", "{% raw %}", "#panic()", "$x$", "= a", "a  \nb", "|a|b|", "~~a~~", "a@b.c", "\u202e"),
)  # fmt: skip
WORDS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(HOSTILE), max_size=4).map(" ".join),
    st.text(alphabet="*_`[]()<>#+-.!\\&;:{}|~=$ \n\t\"'a1", max_size=30),
)
PLACES = (
    "before {{ to.name }} after",
    "{{ to.name }}",
    "- {{ to.name }}\n- b",
    "**{{ to.name }}**",
    "## {{ to.name }}",
    "> {{ to.name }}",
    "1. {{ to.name }}",
    "a{{ to.name }}b",
    "*{{ to.name }}*, {{ to.name }}",
    "[{{ to.name }}](https://example.org)",
    "|a|b|\n|-|-|\n|{{ to.name }}|{{ to.name }}|",
    "one  \n{{ to.name }}  \nthree",
)
# injections a run; a million were run once, by FAXAPPEAL_TEST_INJECTIONS=1000000
INJECTIONS = int(os.environ.get("FAXAPPEAL_TEST_INJECTIONS", "10000"))


def render_with(place: str, value: str) -> tuple[list[Any], str]:
    """The tree's shape and text with the value at that place."""
    letter = render(place, to={"name": value})
    return shape(letter.body), text_of(letter.body).strip()


@pytest.fixture(scope="module")
def harmless() -> dict[str, tuple[list[Any], str]]:
    return {place: render_with(place, "harmless") for place in PLACES}


@given(WORDS)
@example("*a*")
@example("- a")
@example("\\")
@settings(
    max_examples=examples(INJECTIONS) // len(PLACES) + 1,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_data_stays_data(harmless: dict[str, tuple[list[Any], str]], value: str) -> None:
    """Whatever a value holds: the letter has the same structure, and shows exactly the value."""
    said = clean(value)
    if not said:
        return
    for place, (structure, text) in harmless.items():
        assert render_with(place, value) == (structure, text.replace("harmless", said).strip()), (
            place
        )


def test_numbers_keep_their_order_in_an_arabic_letter() -> None:
    made = source("{{ to.name }}", "---\nsubject: x\nlanguage: ar\n---\n")
    letter = template.render(made, {"to": {"name": "+86 10 6529 2345"}})
    assert text_of(letter.body) == "\u2068+86 10 6529 2345\u2069"


@pytest.mark.parametrize(("language", "marked"), [("ar", True), ("en", False)])
def test_an_empty_text_is_no_value_to_isolate(language: str, marked: bool) -> None:
    made = source("x{{ to.name }}{{ to.fax }}", f"---\nsubject: x\nlanguage: {language}\n---\n")
    letter = template.render(made, {"to": {"name": "", "fax": "a"}})
    assert text_of(letter.body) == ("x\u2068a\u2069" if marked else "xa")


# -- as the process does it --------------------------------------------------------------------------


def served(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    answers = io.BytesIO()
    lines = b"".join(json.dumps(each).encode() + b"\n" for each in requests)
    template.serve(io.BytesIO(lines), answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_each_request_has_its_answer_on_a_line() -> None:
    good, bad = asdict(source("{{ to.name }}")), asdict(source("{{ to.nmae }}"))
    letter, wrong, syntax, again = served(
        {"source": good, "context": CONTEXT},
        {"source": bad, "context": CONTEXT},
        {"source": asdict(source("{{ to")), "context": None},
        {"source": good, "context": None},
    )
    assert letter["body"][0]["children"][0]["text"] == "Office"
    assert wrong["findings"][0]["message"] == "to.nmae is unknown or empty"
    assert syntax["findings"][0]["rule"] == "letter-template"
    assert again == {"findings": []}


class Limits:
    """The system's limits of a process (the module `resource`)."""

    RLIMIT_AS, RLIMIT_FSIZE, RLIMIT_CORE, RLIM_INFINITY = 1, 2, 3, -1

    def __init__(self, hard: int = -1, refuses: int = 0) -> None:
        self.hard, self._refuses = hard, refuses
        self.set: dict[int, tuple[int, int]] = {}

    def getrlimit(self, limit: int) -> tuple[int, int]:
        return (self.hard, self.hard)

    def setrlimit(self, limit: int, values: tuple[int, int]) -> None:
        if limit == self._refuses:
            raise ValueError("not here")
        self.set[limit] = values


MEMORY, NONE = (template.MAX_MEMORY,) * 2, (0, 0)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param(Limits(), {1: MEMORY, 2: NONE, 3: NONE}, id="no limits yet"),
        pytest.param(Limits(hard=1 << 40), {1: MEMORY, 2: NONE, 3: NONE}, id="wider ones"),
        pytest.param(Limits(hard=1 << 20), {2: NONE, 3: NONE}, id="less memory stays less"),
        pytest.param(Limits(hard=0), {}, id="none left"),
        pytest.param(Limits(refuses=1), {2: NONE, 3: NONE}, id="macOS refuses one"),
        pytest.param(None, {}, id="Windows has none"),
    ],
)
def test_the_process_takes_no_more_than_a_letter_does(
    monkeypatch: pytest.MonkeyPatch, limits: Limits | None, expected: dict[int, tuple[int, int]]
) -> None:
    monkeypatch.setitem(sys.modules, "resource", limits)
    request = json.dumps({"source": asdict(source("{{ to.name }}")), "context": CONTEXT})
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(request.encode() + b"\n")))
    monkeypatch.setattr("sys.stdout", out)
    template.main()
    assert (limits.set if limits else {}) == expected
    [answer] = out.buffer.getvalue().splitlines()
    assert json.loads(answer)["body"][0]["children"][0]["text"] == "Office"
    assert sys.stdout is sys.stderr, "whatever prints is among no answers"
