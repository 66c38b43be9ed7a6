"""Markdown as a tree: what a letter may hold, and what no page can show."""

from __future__ import annotations

import pytest

from faxappeal.campaign.markdown import MAX_COLUMNS, MAX_DEPTH, MarkdownError, Node, parse
from tests.support.letter_sources import text_of


def kinds(nodes: tuple[Node, ...]) -> list[str]:
    return [node.kind for node in nodes]


def refused(text: str) -> MarkdownError:
    with pytest.raises(MarkdownError) as error:
        parse(text)
    return error.value


# -- what it may hold --------------------------------------------------------------------------------


def test_the_letter_is_a_tree() -> None:
    body = parse(
        "Dear all,\n\n## Heading\n\nplain **bold** *italic*  \n"
        "[link](https://example.org)\n\n- one\n- two\n\n3. three\n\n> quote\n\n---\n\n"
        "| day | held |\n|:--|--:|\n| Monday | 40 |\n\n![A signature](files/name.png '40 mm')\n"
    )
    assert kinds(body) == [
        "paragraph", "heading", "paragraph", "bullets", "numbers", "quote", "rule", "table", "image",
    ]  # fmt: skip
    table, image = body[-2:]
    assert [[text_of(cell.children) for cell in row.children] for row in table.children] == [
        ["day", "held"], ["Monday", "40"],
    ]  # fmt: skip
    assert [cell.align for cell in table.children[1].children] == ["left", "right"]
    assert (image.text, image.target, image.number) == ("A signature", "files/name.png", 40)
    assert kinds(body[2].children) == ["text", "strong", "text", "emphasis", "break", "link"]
    assert body[4].number == 3


def test_a_letter_of_nothing_is_an_empty_tree() -> None:
    assert parse("\n \n") == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("one\ntwo", ["text", "space", "text"], id="a line goes on"),
        pytest.param("one  \ntwo", ["text", "break", "text"], id="two spaces at the end"),
        pytest.param("one\\\ntwo", ["text", "break", "text"], id="a backslash at the end"),
        pytest.param("a ***b*** c", ["text", "emphasis", "text"], id="bold in italic"),
        pytest.param("3 \\* 4 &amp; 5", ["text"], id="signs that are escaped"),
    ],
)
def test_words_and_what_stands_between_them(text: str, shown: list[str]) -> None:
    [paragraph] = parse(text)
    assert kinds(paragraph.children) == shown


def test_an_escaped_sign_is_the_sign() -> None:
    assert text_of(parse("3 \\* 4 &amp; 5 \\<b>")) == "3 * 4 & 5 <b>"


@pytest.mark.parametrize(
    "target",
    [
        "https://example.org/a?b=c",
        "http://example.org",
        "mailto:a@example.org",
        "tel:+493023125012",
    ],
)
def test_a_link_may_lead_there(target: str) -> None:
    [paragraph] = parse(f"[words]({target})")
    [link] = paragraph.children
    assert (link.kind, link.target, text_of(link.children)) == ("link", target, "words")


@pytest.mark.parametrize(
    ("text", "tight"),
    [
        pytest.param("- a\n- b", True, id="bullets together"),
        pytest.param("- a\n\n- b", False, id="bullets apart"),
        pytest.param("1. a\n2. b", True, id="numbers together"),
        pytest.param("1. a\n\n2. b", False, id="numbers apart"),
        pytest.param("- a\n\n  more\n- b", False, id="an item of two paragraphs"),
    ],
)
def test_a_list_is_as_tight_as_it_was_written(text: str, tight: bool) -> None:
    [made] = parse(text)
    assert made.tight is tight and kinds(made.children) == ["item", "item"]


@pytest.mark.parametrize(("text", "first"), [("1. a", 1), ("7. a\n8. b", 7), ("- a", 0)])
def test_a_list_begins_with_the_number_it_has(text: str, first: int) -> None:
    [made] = parse(text)
    assert made.number == first


@pytest.mark.parametrize(
    ("marks", "align"),
    [(":--", "left"), ("--:", "right"), (":-:", "center"), ("---", "")],
)
def test_a_column_stands_where_its_marks_say(marks: str, align: str) -> None:
    [table] = parse(f"|a|\n|{marks}|\n|b|")
    assert [cell.align for row in table.children for cell in row.children] == [align, align]


@pytest.mark.parametrize(
    ("written", "width"), [("", 0), (" '5 mm'", 5), (" '160mm'", 160), (' "60 mm"', 60)]
)
def test_an_image_has_the_width_that_is_written(written: str, width: int) -> None:
    [image] = parse(f"![A road](road.png{written})")
    assert (image.kind, image.number) == ("image", width)


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("road.PNG", "road.PNG"),
        ("a/b.jpeg", "a/b.jpeg"),
        ("our%20road.jpg", "our road.jpg"),
        ("<our road.jpg>", "our road.jpg"),
    ],
)
def test_an_image_is_a_file_of_the_folder(target: str, file: str) -> None:
    [image] = parse(f"![A road]({target})")
    assert image.target == file


@pytest.mark.parametrize(
    ("text", "around"), [("- ![A](a.png)", "item"), ("> ![A](a.png)", "quote")], ids=str
)
def test_an_image_may_stand_in_a_list_or_a_quote(text: str, around: str) -> None:
    [outer] = parse(text)
    inner = outer if around == "quote" else outer.children[0]
    assert (inner.kind, kinds(inner.children)) == (around, ["image"])


def test_the_words_of_an_image_are_plain() -> None:
    [image] = parse("![A **wide** road](road.png)")
    assert image.text == "A wide road"


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n\n#### b\n\n## c\n", [2, 3, 2]),
        ("###### a", [2]),
        ("## a\n\n### b\n\n#### c", [2, 3, 4]),
        ("# a\n\n# b", [2, 2]),
    ],
)
def test_heading_levels_never_jump(text: str, levels: list[int]) -> None:
    assert [node.number for node in parse(text)] == levels


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("[x][y]\n\n[y]: https://example.org", "[x][y][y]: https://example.org"),
        ("a\n===", "a==="),
        ("3 < 4, a<b, x <- y, 5 > 4, &c.", "3 < 4, a<b, x <- y, 5 > 4, &c."),
        ("https://example.org", "https://example.org"),
    ],
    ids=["a link of a script", "a reference", "an underlined heading", "signs", "an address"],
)
def test_what_is_no_markdown_of_a_letter_stays_words(text: str, words: str) -> None:
    assert text_of(parse(text)) == words


# -- what no page can show ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("```\ncode\n```", "fence", id="a fence"),
        pytest.param("    code", "code block", id="four spaces"),
        pytest.param("see `code`", "code inline", id="code in a sentence"),
        pytest.param("~~stop~~", "struck out", id="struck out"),
        pytest.param("Please <b>answer</b>.", "HTML", id="bold in HTML"),
        pytest.param("<!-- ask Anna -->\n\nx", "HTML", id="a comment that would be on the fax"),
        pytest.param("a <!-- ask Anna --> b", "HTML", id="a comment in a sentence"),
        pytest.param("<div>\nx\n</div>", "HTML", id="a block in HTML"),
        pytest.param("<script>x</script>", "HTML", id="a script"),
        pytest.param("x <br> y", "HTML", id="a line break in HTML"),
        pytest.param("##\n\nx", "a heading without words", id="a heading without words"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_what_helps(text: str, words: str) -> None:
    error = refused(f"Dear all,\n\n{text}")
    assert words in str(error) and error.line == 3 and error.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[x](//evil.example)", "must begin with https:", id="a link of no kind"),
        pytest.param("[x](x.html)", "must begin with https:", id="a link to a file"),
        pytest.param(
            "[x](ftp://example.org)", "must begin with https:", id="a link of another kind"
        ),
        pytest.param("[x](https://example.org 'title')", "the title", id="a link with a title"),
        pytest.param(
            "![A](https://example.org/x.png)", "in the campaign's", id="W04: from the web"
        ),
        pytest.param("![A](../x.png)", "in the campaign's folder", id="outside the folder"),
        pytest.param(
            "![A](%2e%2e/x.png)", "in the campaign's folder", id="outside, in other words"
        ),
        pytest.param("![A](.secret.png)", "in the campaign's folder", id="a hidden file"),
        pytest.param("![A](logo.svg)", "a .png or .jpg file", id="what a fax cannot show"),
        pytest.param(
            "![](logo.png)", "words for those who cannot see", id="an image without words"
        ),
        pytest.param("![ ](logo.png)", "words for those who cannot see", id="blanks for words"),
        pytest.param("see ![A](a.png) here", "a paragraph of its own", id="an image in a sentence"),
        pytest.param("![A](a.png)\n![B](b.png)", "a paragraph of its own", id="two images"),
        pytest.param("## ![A](a.png)", "a paragraph of its own", id="an image in a heading"),
        pytest.param("|![A](a.png)|\n|-|", "a paragraph of its own", id="an image in a table"),
        pytest.param("![A](a.png 'wide')", "has its width", id="an image of no width"),
        pytest.param("![A](a.png '4 mm')", "has its width", id="an image too small to see"),
        pytest.param("![A](a.png '161 mm')", "has its width", id="an image wider than the page"),
        pytest.param("![A](a.png '60 cm')", "has its width", id="an image in another unit"),
    ],
)
def test_links_and_images_that_are_refused(text: str, words: str) -> None:
    error = refused(f"Dear all,\n\n{text}")
    assert words in str(error) and error.line in (3, 4)


@pytest.mark.parametrize("text", ["> ", "- ", "1. "], ids=["quotes", "bullets", "numbers"])
def test_nesting_has_an_end(text: str) -> None:
    lines = "\n".join(" " * len(text) * n + text + "a" for n in range(MAX_DEPTH + 8))
    deep = lines if text != "> " else "> " * (2 * MAX_DEPTH + 2) + "a"
    assert "nested too deeply" in str(refused(deep))


def test_what_is_nested_too_deeply_has_its_line() -> None:
    assert refused("\n".join("  " * n + "- a" for n in range(12))).line == 9


@pytest.mark.parametrize(("columns", "fits"), [(MAX_COLUMNS, True), (MAX_COLUMNS + 1, False)])
def test_a_table_fits_the_page_or_is_refused(columns: int, fits: bool) -> None:
    text = "|a" * columns + "|\n" + "|-" * columns + "|\n"
    if fits:
        assert kinds(parse(text)) == ["table"]
    else:
        assert "fits no page" in str(refused(text))
