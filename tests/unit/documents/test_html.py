"""The e-mail as HTML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from faxappeal.documents.html import as_html, image_id
from tests.support.appeal import content_for, loaded
from tests.support.campaigns import write
from tests.support.letters import letter


def body(markdown: str) -> str:
    """What is written after the subject."""
    html = as_html(letter(markdown))
    return html.partition("</h1>\n")[2].removesuffix("\n</body>\n</html>\n")


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        pytest.param("one\ntwo", "<p>one\ntwo</p>", id="a line end"),
        pytest.param("one\\\ntwo", "<p>one<br>\ntwo</p>", id="a break"),
        pytest.param(
            "**one** *two*", "<p><strong>one</strong> <em>two</em></p>", id="emphasis"
        ),
        pytest.param("## A title", "<h2>A title</h2>", id="a heading"),
        pytest.param("- one\n- two", "<ul><li>one</li><li>two</li></ul>", id="a list"),
        pytest.param("- one\n\n- two", "<ul><li><p>one</p></li><li><p>two</p></li></ul>", id="room"),
        pytest.param("1. one", "<ol><li>one</li></ol>", id="numbers"),
        pytest.param("3. one", '<ol start="3"><li>one</li></ol>', id="numbers from three"),
        pytest.param("- one\n  - two", "<ul><li>one<ul><li>two</li></ul></li></ul>", id="nested"),
        pytest.param("> one", "<blockquote><p>one</p></blockquote>", id="a quotation"),
        pytest.param("one\n\n---\n\ntwo", "<p>one</p>\n<hr>\n<p>two</p>", id="a rule"),
        pytest.param(
            "[us](https://www.example.org/?a=1&b=2)",
            '<p><a href="https://www.example.org/?a=1&amp;b=2">us</a></p>',
            id="a link",
        ),
        pytest.param('a \\<b> & "c"', "<p>a &lt;b&gt; &amp; &quot;c&quot;</p>", id="no HTML"),
    ],
)  # fmt: skip
def test_each_thing_that_a_letter_may_have(markdown: str, html: str) -> None:
    assert body(markdown) == html


@pytest.mark.parametrize(
    ("title", "width"), [(' "80 mm"', "width:80mm;max-width:100%"), ("", "max-width:100%")]
)
def test_an_image_is_beside_the_text_and_as_wide_as_asked_for(title: str, width: str) -> None:
    assert body(f"![A \\<map>](map.png{title})") == (
        f'<p><img src="cid:{image_id("map.png")}" alt="A &lt;map&gt;" style="{width}"></p>'
    )


def test_two_images_have_two_names_that_tell_nothing() -> None:
    one, two = image_id("secret.png"), image_id("other.png")
    assert one != two and "secret" not in one and one.endswith("@images.invalid")


def test_a_table_has_a_head_and_aligned_cells() -> None:
    html = body("| day | held |\n|---|--:|\n| Monday | 40 |")
    plain = re.sub(r' style="(text-align:\w+)?[^"]*"', r" \1", html)
    assert plain == (
        "<table ><thead><tr><th text-align:start>day</th><th text-align:right>held</th></tr></thead>"
        "<tbody><tr><td text-align:start>Monday</td><td text-align:right>40</td></tr></tbody>"
        "</table>"
    )


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("he-IL", "rtl"), ("zh-Hant", "ltr")]
)
def test_the_language_and_its_direction_are_named(language: str, direction: str) -> None:
    assert f'<html lang="{language}" dir="{direction}">' in as_html(letter(language=language))


def test_all_that_stands_round_a_letter_is_there_in_its_order() -> None:
    html = as_html(
        letter(
            subject=("first & last", "second"),
            address=("Office", "10117 Berlin"),
            telefax=("+49 30 23125 012",),
            original="The <Minister>",
            signed=("A. Miller", "and 3 others"),
            copies=("Office two",),
        )
    )
    assert "<title>first &amp; last second</title>" in html
    text = re.sub(r"<[^>]*>", "", html.partition("<body")[2].partition(">\n")[2])
    assert text.split("\n") == [
        "Copy. The original goes to The &lt;Minister&gt;.",
        *("Office", "10117 Berlin", "Telefax: +49 30 23125 012", "24 November 2026"),
        *("first &amp; last", "second", "Please answer."),
        *("Signed also by:", "A. Miller; and 3 others", "Copy to:", "Office two"),
        *("", "", ""),
    ]


def test_what_is_missing_leaves_no_empty_paragraph() -> None:
    html = as_html(letter())
    assert "<p></p>" not in html and "<h2" not in html and "\n\n" not in html


def test_a_name_with_html_is_text(tmp_path: Path) -> None:
    recipients = (
        "recipients:\n  - {id: a, name: '<script>alert(1)</script>', country: US,"
        " email: office@example.org, salutation: '\" onmouseover=\"alert(1)', source: test}\n"
    )
    ready = loaded(write(tmp_path, recipients))
    html = as_html(content_for(ready, "a"))
    assert "<script" not in html and 'onmouseover="' not in html
