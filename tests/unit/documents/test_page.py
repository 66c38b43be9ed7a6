"""The page: nothing is lost on it, in any script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents import page
from faxappeal.documents.content import Content
from faxappeal.documents.fax import raster
from faxappeal.documents.html import as_html
from faxappeal.documents.plaintext import as_text
from tests.support.appeal import (
    build_message,
    content_for,
    ink,
    loaded,
    parsed,
    png,
    rich,
    rich_again,
)
from tests.support.campaigns import write
from tests.support.clock import MORNING
from tests.support.letters import letter


def test_the_appeal_fits_one_page_of_either_paper(appeal: LoadedCampaign) -> None:
    content = content_for(appeal, "state-council")
    assert page.page_count(page.pdf(content, "a4")) == 1
    assert page.page_count(page.pdf(content, "letter")) <= 2


def test_the_pdf_says_what_the_letter_says(appeal: LoadedCampaign) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(page.pdf(content_for(appeal, "state-council"), "a4")) as pdf:
        text = " ".join(pdf[0].get_textpage().get_text_range().split())
        tagged = pdf.get_metadata_dict()
    for words in (
        "Premier Wen Jiabao",
        "(c/o Ministry of Justice)",
        "labelling the incidents in the embassies",
        "People's Republic China.",
        "Copy to:",
        "Page 1 of 1",
    ):
        assert words in text
    assert tagged["Author"] == "Erika Mustermann"


def test_a_character_without_a_glyph_is_an_error_that_names_it(tmp_path: Path) -> None:
    source = "---\nsubject: Hello\n---\n{{ to.salutation }} \U0001f4e0"
    ready = loaded(write(tmp_path, letter=source))
    with pytest.raises(page.PageError, match="\U0001f4e0"):
        page.pdf(content_for(ready, "one"), "a4")


def test_a_name_cannot_become_markup(tmp_path: Path) -> None:
    import pypdfium2

    hostile = '#panic() $x$ *b* @ref "quoted" \\ <label> [c/o] = a'
    recipients = (
        "recipients:\n  - {id: a, name: '" + hostile + "', country: US, salutation: Hello,"
        ' fax: "+12025550101", source: test}\n'
    )
    ready = loaded(write(tmp_path, recipients))
    with pypdfium2.PdfDocument(page.pdf(content_for(ready, "a"), "a4")) as pdf:
        assert hostile in pdf[0].get_textpage().get_text_range()


def test_a_table_and_images_are_in_every_output(tmp_path: Path) -> None:
    import pypdfium2

    content = rich(tmp_path)
    text = as_text(content)
    assert "| Monday" in text and "[A photograph of a road]" in text and "[A signature]" in text
    assert max(map(len, text.splitlines())) <= 72
    pdf = page.pdf(content, "a4")
    with pypdfium2.PdfDocument(pdf) as opened:
        assert "Monday" in opened[0].get_textpage().get_text_range()
        kind = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
        boxes = [image.get_bounds() for image in opened[0].get_objects(filter=[kind])]
        widths = [round((right - left) / 72 * 25.4) for left, _, right, _ in boxes]
    assert widths == [60, 51], "as asked for, and as the file says"
    read = parsed(build_message(content, pdf))
    html = read.get_body(("related", "html"))
    assert html is not None
    images = [part for part in read.walk() if part.get_content_maintype() == "image"]
    assert [part.get_content_type() for part in images] == ["image/jpeg", "image/png"]
    source = html.as_string()
    for part in images:
        assert f"cid:{part['Content-ID'][1:-1]}" in source.replace("=3D", "=").replace(
            "=\r\n", ""
        ).replace("=\n", "")


def test_an_image_is_never_cut_off(tmp_path: Path) -> None:
    import pypdfium2

    (tmp_path / "tall.png").write_bytes(png(100, 9_000))
    source = "---\nsubject: Hello\n---\n![A long list](tall.png)\n\nend\n"
    write(tmp_path, letter=source)
    with pypdfium2.PdfDocument(page.pdf(rich_again(tmp_path), "letter")) as opened:
        kind = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
        boxes = [one.get_bounds() for sheet in opened for one in sheet.get_objects(filter=[kind])]
    [(_left, bottom, _right, top)] = boxes
    assert bottom > 0 and (top - bottom) / 72 * 25.4 == pytest.approx(220, abs=1)


def test_a_long_word_is_broken_and_not_lost(tmp_path: Path) -> None:
    import pypdfium2

    word = "".join(f"{n:04}" for n in range(200))
    source = f"---\nsubject: Hello\n---\n{word}\n\n|a|b|\n|-|-|\n|{word[:200]}|x|\n"
    ready = loaded(write(tmp_path, letter=source))
    pdf = page.pdf(content_for(ready, "one"), "a4")
    raster.render(pdf, "a4", "fine")  # nothing runs off the paper
    with pypdfium2.PdfDocument(pdf) as opened:
        said = re.sub(r"\s|\u200b", "", opened[0].get_textpage().get_text_range())
    assert word in said and said.count(word[:200]) == 2


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Bitte antworten Sie. Größe, Straße."), ("ru", "Пожалуйста, ответьте."),
        ("ar", "نرجو الرد على هذه الرسالة."), ("he", "אנא השיבו למכתב זה."),
        ("zh", "请答复这封信。"), ("zh-Hant", "請答覆這封信。"), ("ja", "お返事をお願いします。"),
        ("ko", "답변해 주시기 바랍니다."), ("el", "Παρακαλούμε απαντήστε."), ("vi", "Xin vui lòng trả lời."),
    ],
)  # fmt: skip
def test_a_letter_in_another_script(tmp_path: Path, language: str, text: str) -> None:
    import pypdfium2

    source = f"---\nsubject: {text}\nlanguage: {language}\n---\n{text} **{text}**\n"
    ready = loaded(write(tmp_path, letter=source))
    content = content_for(ready, "one")
    for coarse in (False, True):
        pdf = page.pdf(content, "a4", coarse=coarse)
        with pypdfium2.PdfDocument(pdf) as opened:
            said = opened[0].get_textpage().get_text_range()
    assert content.words.telefax in as_text(content)
    if language not in ("ar", "he"):  # PDFium gives these in the order of the eye
        assert text.split(" ")[0].strip(".") in said
    blank = raster.Fax((Image.new("1", (1728, 2292), 255),), "fine")
    line = raster.header(MORNING, text, "+12025550101")
    assert ink(raster.stamp(blank, MORNING, line, language).pages[0]) > 500


@pytest.mark.parametrize("language", ["ar", "he"])
def test_no_number_is_turned_round_in_a_letter_from_right_to_left(
    tmp_path: Path, language: str
) -> None:
    """Read by their places on the page, not by their order in the file."""
    words = {"ar": "رقم الفاكس", "he": "מספר הפקס"}[language]
    source = (
        f"---\nsubject: {words}\nlanguage: {language}\n---\n"
        f"{words} {{{{ sender.phone }}}}\n\n{words} +1 202 555 0177 {words}\n"
    )
    ready = loaded(write(tmp_path, letter=source))
    content = content_for(ready, "one")
    seen = "\n".join(lines_as_seen(page.pdf(content, "a4")))
    phone = ready.settings.sender.phone
    for number in ("+12025550101", "+12025550177", phone.replace(" ", "")):
        assert number in seen
    for text in (as_text(content), as_html(content)):
        assert "\u2068+12025550101\u2069" in text


def lines_as_seen(pdf: bytes) -> list[str]:
    """Each line of the first page from left to right, without spaces."""
    import pypdfium2

    found: dict[int, list[tuple[float, str]]] = {}
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        for index in range(text.count_chars()):
            left, bottom, _right, top = text.get_charbox(index, loose=True)
            found.setdefault(round((bottom + top) / 2), []).append(
                (left, text.get_text_range(index, 1))
            )
    return ["".join(c for _, c in sorted(line) if not c.isspace()) for line in found.values()]


# -- how many pages --------------------------------------------------------------------------------


def of_paragraphs(number: int, language: str = "en") -> Content:
    words = "Please answer this letter, and tell us what has become of those who were held. "
    return letter("\n\n".join([words * 4] * number), language=language)


@pytest.mark.parametrize(("paragraphs", "pages"), [(1, 1), (10, 1), (30, 2)])
def test_a_letter_is_set_on_as_few_pages_as_it_fits(paragraphs: int, pages: int) -> None:
    assert page.page_count(page.pdf(of_paragraphs(paragraphs), "a4")) == pages


def test_a_letter_looks_alike_whatever_letter_was_set_before() -> None:
    short, long = of_paragraphs(1), of_paragraphs(10)
    first = page.pdf(short, "a4")
    page.pdf(long, "a4")
    assert page.pdf(short, "a4") == first
    page.pdf(short, "letter")
    assert page.pdf(short, "a4") == first


def test_chinese_for_a_coarse_fax_is_set_larger_and_other_letters_are_not() -> None:
    chinese, english = letter("请答复这封信。" * 200, language="zh"), of_paragraphs(3)
    fine, coarse = (page.pdf(chinese, "a4", coarse=each) for each in (False, True))
    assert page.page_count(coarse) > page.page_count(fine)
    assert page.pdf(english, "a4", coarse=True) == page.pdf(english, "a4")


@pytest.mark.parametrize(
    ("paper", "size"), [("a4", (210, 297)), ("letter", (215.9, 279.4))], ids=["a4", "letter"]
)
def test_the_sheet_has_the_size_of_its_paper(paper: str, size: tuple[float, float]) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(page.pdf(letter(), paper)) as opened:
        found = tuple(round(points / 72 * 25.4, 1) for points in opened[0].get_size())
    assert found == size


# -- what cannot be set ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "character", "code"),
    [("fax \U0001f4e0", "\U0001f4e0", "U+1F4E0"), ("নমস্কার", "ন", "U+09A8"), ("a\ue000b", "\ue000", "U+E000")],
)  # fmt: skip
def test_a_character_that_no_font_has_is_named_by_its_number(
    text: str, character: str, code: str
) -> None:
    with pytest.raises(page.PageError) as refused:
        page.pdf(letter(text), "a4")
    assert code in str(refused.value) and refused.value.character == character
    assert refused.value.hint


@pytest.mark.parametrize(
    ("template", "words"),
    [
        pytest.param("#panic()", "the page cannot be set: panicked", id="an error"),
        pytest.param(
            '#set document(title: "x")\n#set text(font: "Nowhere Sans")\nx',
            "the page cannot be set: unknown font family: nowhere sans",
            id="a warning",
        ),
    ],
)
def test_what_typst_says_is_passed_on(tmp_path: Path, template: str, words: str) -> None:
    (tmp_path / "own.typ").write_text(template)
    with pytest.raises(page.PageError) as refused:
        page.typeset(tmp_path / "own.typ", {}, "en")
    assert str(refused.value).startswith(words)
