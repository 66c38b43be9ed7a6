"""letter.j2: what it may use, what it may not do, and where its errors are."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from faxappeal.campaign import markdown, template
from faxappeal.campaign.letter import Letter, LetterError, LetterSource, read
from faxappeal.campaign.markdown import Node
from faxappeal.core.text import clean
from tests.support.examples import examples

HEAD = "---\nsubject: Please answer\n---\n"
CONTEXT: dict[str, Any] = {
    "to": {"name": "Office", "salutation": "Dear Madam or Sir", "office": None},
    "sender": {"name": "Erika Mustermann", "organisation": None},
    "campaign": {"id": "test"},
    "date": "24 November 2026",
    "copies": [{"name": "First copy"}, {"name": "Second copy"}],
}


def source(body: str, head: str = HEAD) -> LetterSource:
    letter, findings = read(head + body)
    assert letter is not None, findings
    return letter


def render(body: str, **values: Any) -> Letter:
    return template.render(source(body), CONTEXT | values)


def text_of(nodes: tuple[Node, ...]) -> str:
    return "".join(node.text + text_of(node.children) for node in nodes)


def shape(nodes: tuple[Node, ...]) -> list[Any]:
    return [(node.kind, shape(node.children)) for node in nodes]


def refused(body: str, **values: Any) -> LetterError:
    with pytest.raises(LetterError) as error:
        render(body, **values)
    return error.value


def test_the_letter_is_a_tree() -> None:
    letter = render(
        "{{ to.salutation }},\n\n## Heading\n\nplain **bold** *italic*  \n"
        "[link](https://example.org)\n\n- one\n- two\n\n3. three\n\n> quote\n\n---\n\n"
        "| day | held |\n|:--|--:|\n| Monday | 40 |\n\n![A signature](files/name.png '40 mm')\n"
    )
    kinds = [node.kind for node in letter.body]
    assert kinds == [
        "paragraph", "heading", "paragraph", "bullets", "numbers", "quote", "rule", "table", "image",
    ]  # fmt: skip
    table, image = letter.body[-2:]
    assert [[text_of(cell.children) for cell in row.children] for row in table.children] == [
        ["day", "held"], ["Monday", "40"],
    ]  # fmt: skip
    assert [cell.align for cell in table.children[1].children] == ["left", "right"]
    assert (image.text, image.target, image.number) == ("A signature", "files/name.png", 40)
    assert [n.kind for n in letter.body[2].children] == [
        "text", "strong", "text", "emphasis", "break", "link",
    ]  # fmt: skip
    assert letter.body[4].number == 3
    assert letter.subject == ("Please answer",)


def test_the_subject_may_have_lines() -> None:
    made = source("x", "---\nsubject:\n  - One\n  - Two\nlanguage: de\n---\n")
    letter = template.render(made, CONTEXT)
    assert letter.subject == ("One", "Two") and letter.language == "de"


def test_data_may_be_asked_for_and_listed() -> None:
    letter = render(
        "{% if to.office %}{{ to.office }}{% else %}no office{% endif %}"
        "{% for copy in copies %} {{ copy.name }}{% endfor %} {{ date }}"
    )
    assert text_of(letter.body) == "no office First copy Second copy 24 November 2026"


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


def test_an_empty_value_is_an_error_and_not_silence() -> None:
    finding = refused("one\n\n{{ sender.organisation }}").finding
    assert finding.place.line == 6 and "empty" in finding.message


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
        pytest.param("![picture](https://example.org/x.png)", id="W04: an image from the web"),
        pytest.param("![picture](../x.png)", id="an image outside the folder"),
        pytest.param("![picture](logo.svg)", id="an image that a fax cannot show"),
        pytest.param("![](logo.png)", id="an image without words for who cannot see it"),
        pytest.param("see ![picture](logo.png) here", id="an image in a sentence"),
        pytest.param("![picture](logo.png 'wide')", id="an image of no width"),
        pytest.param("[x](https://example.org 'title')", id="a title that paper cannot show"),
        pytest.param("```\ncode\n```", id="code block"),
        pytest.param("`code`", id="code"),
        pytest.param("|a" * 9 + "|\n" + "|-" * 9 + "|\n", id="a table wider than the page"),
        pytest.param("##\n\nx", id="a heading without words"),
        pytest.param("> " * 40 + "a", id="quotes in quotes"),
        pytest.param("\n".join("  " * n + "- a" for n in range(300)), id="lists in lists"),
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


def test_an_error_stands_at_its_own_line_and_not_at_one_like_it() -> None:
    finding = refused("- a\n\nb\n\n" + "\n".join("  " * n + "- a" for n in range(12))).finding
    assert finding.place.line == 8 + 8  # the ninth list
    finding = refused("one\n\n    code\n").finding
    assert finding.place.line == 6 and "four spaces" in finding.hint


@pytest.mark.parametrize(
    ("body", "line", "column", "named"),
    [
        ("a\n\nb\x07", 6, 2, "U+0007"),
        ("abc \u202edef", 4, 5, "U+202E"),
        ("a\u200bb", 4, 2, "U+200B"),
        ("a\x00", 4, 2, "U+0000"),
    ],
)
def test_what_no_editor_shows_is_refused(body: str, line: int, column: int, named: str) -> None:
    _letter, [finding] = read(HEAD + body)
    assert (finding.place.line, finding.place.column) == (line, column)
    assert finding.rule == "invisible-character" and named in finding.message


def test_marks_that_writing_needs_are_none_of_it() -> None:
    assert source("\u0645\u06cc\u200c\u0634\u0648\u062f \u200f+1\u200e co\u00adoperate")


@pytest.mark.parametrize(
    "text",
    ["no front matter", "---\nlanguage: en\n---\nx", "---\nsubject: a\nsubjekt: b\n---\nx",
     "---\nsubject: =?utf-8?q?a=0D=0ABcc:_v@x.y?=\n---\nx", "---\nsubject: [a, [b]]\n---\nx",
     "---\nsubject: a\nattachments: [/etc/passwd]\n---\nx", "---\nsubject: a\nattachments: x\n---\n",
     "---\nsubject: a\nattachments: [../x.pdf]\n---\nx", "---\nsubject: a\nattachments: [.bashrc]\n---\n",
     '---\nsubject: a\nattachments: ["a\\r\\nX-Evil: 1.pdf"]\n---\nx',
     "---\nsubject: a\nattachments: [-rf.pdf]\n---\nx", '---\nsubject: "a\\r\\nBcc: x"\n---\nx'],
)  # fmt: skip
def test_front_matter_that_is_refused(text: str) -> None:
    _letter, findings = read(text)
    assert any(finding.level == "error" for finding in findings)


def test_links_lead_only_where_a_reader_expects() -> None:
    assert text_of(render("[x](javascript:alert)").body) == "[x](javascript:alert)"
    assert refused("[x](//evil.example)").finding.rule == "letter-markdown"


@pytest.mark.parametrize(
    "text",
    [
        "Please <b>answer</b>.",
        "<!-- ask Anna -->\n\nx",
        "a <!-- ask Anna --> b",
        "<div>\nx\n</div>",
        "<script>x</script>",
        "x <br> y",
        "~~stop~~",
    ],
)
def test_what_would_be_printed_as_it_stands_is_refused(text: str) -> None:
    """A note in a comment, above all: it would be on the fax."""
    finding = refused(f"Dear all,\n\n{text}").finding
    assert finding.rule == "letter-markdown" and finding.place.line == 6 and finding.hint


def test_a_sign_is_no_html() -> None:
    words = "3 < 4, a<b, x <- y, 5 > 4, &c."
    assert text_of(render(words).body) == words


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


def test_heading_levels_never_jump() -> None:
    levels = [n.number for n in markdown.parse("# a\n\n#### b\n\n## c\n")]
    assert levels == [2, 3, 2]


def test_a_letter_has_an_end() -> None:
    body = "{% for a in copies %}" * 12 + "x" * 100 + "{% endfor %}" * 12
    assert refused(body).finding.rule == "letter-template"
