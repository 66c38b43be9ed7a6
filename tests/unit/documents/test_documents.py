"""The page, the fax and the e-mail of the sample: geometry, header line, sameness, headers."""

from __future__ import annotations

import hashlib
import io
import random
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, TiffImagePlugin

from faxappeal.campaign import loading, markdown
from faxappeal.campaign.letter import Letter
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents import content as contents
from faxappeal.documents import email_message, images, page
from faxappeal.documents.content import Content
from faxappeal.documents.fax import raster
from faxappeal.documents.html import as_html
from faxappeal.documents.plaintext import as_text
from tests.support import servers
from tests.support.campaigns import ROOT, run, write
from tests.support.clock import BERLIN, MORNING
from tests.support.servers import line

HEADER = raster.header(MORNING, "Example Human Rights Group", "+49 30 23125 012")


@pytest.fixture(scope="module")
def appeal() -> LoadedCampaign:
    ready = loading.ready(loading.read(ROOT))
    assert ready is not None
    return ready


def content_for(appeal: LoadedCampaign, id: str) -> Content:
    recipient = appeal.recipients.get(id)
    assert recipient is not None
    return contents.build(appeal, recipient, date(2003, 2, 14))


@pytest.fixture(scope="module")
def sheet(appeal: LoadedCampaign) -> raster.Fax:
    pdf = page.pdf(content_for(appeal, "state-council"), "a4")
    return raster.stamp(raster.render(pdf, "a4", "fine"), MORNING, HEADER)


# -- what stands in it -------------------------------------------------------------------------


def test_both_ministries_get_the_same_letter_to_the_premier(appeal: LoadedCampaign) -> None:
    one, two = (content_for(appeal, id) for id in ("state-council", "ministry-of-justice"))
    assert one.sha256 == two.sha256
    assert one.address == (
        "Premier Wen Jiabao",
        "Prime Minister's Office (Guowuyuan Zongli)",
        "State Council (Guonwuyuan)",
        "9 Xihuangchenggenbeijie Beijingshu 100 032",
        "People's Republic of China",
    )
    assert one.telefax == (
        "+86 10 6529 2345 (c/o Ministry of Communications)",
        "+86 10 6520 6722 (c/o Ministry of Justice)",
    )


def test_the_embassy_gets_a_copy_of_that_letter(appeal: LoadedCampaign) -> None:
    copy, letter = content_for(appeal, "embassy-berlin"), content_for(appeal, "state-council")
    assert copy.sha256 == letter.sha256
    assert copy.original == "Premier Wen Jiabao" and letter.original is None
    [line] = letter.copies
    assert line == (
        "Kanzlei der Botschaft der Volksrepublik China, Märkisches Ufer 54,"
        " D-10179 Berlin / Germany, Telefax: +49 30 2758 8221, e-Mail: botschaft.china@debitel.net"
    )


def test_a_lone_recipient_has_care_of_in_the_address(tmp_path: Path) -> None:
    recipients = (
        "recipients:\n  - {id: a, name: Office, care_of: Other office, country: US,"
        ' fax: "+12025550101", source: test, salutation: Hello}\n'
    )
    ready = loading.ready(loading.read(write(tmp_path, recipients)))
    assert ready is not None
    assert content_for(ready, "a").address == ("Office", "c/o Other office")


def test_the_identity_leaves_out_the_date(appeal: LoadedCampaign) -> None:
    recipient = appeal.recipients.get("state-council")
    assert recipient
    days = (date(2003, 2, 14), date(2026, 11, 24))
    one, two = (contents.build(appeal, recipient, day) for day in days)
    assert one.sha256 == two.sha256
    assert (one.date_text, two.date_text) == ("14 February 2003", "24 November 2026")


# -- the page ----------------------------------------------------------------------------------


def test_the_appeal_fits_one_page_of_either_paper(appeal: LoadedCampaign) -> None:
    letter = content_for(appeal, "state-council")
    assert page.page_count(page.pdf(letter, "a4")) == 1
    assert page.page_count(page.pdf(letter, "letter")) <= 2


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
    letter = "---\nsubject: Hello\n---\n{{ to.salutation }} \U0001f4e0"
    ready = loading.ready(loading.read(write(tmp_path, letter=letter)))
    assert ready is not None
    with pytest.raises(page.PageError, match="\U0001f4e0"):
        page.pdf(content_for(ready, "one"), "a4")


def test_a_name_cannot_become_markup(tmp_path: Path) -> None:
    import pypdfium2

    hostile = '#panic() $x$ *b* @ref "quoted" \\ <label> [c/o] = a'
    recipients = (
        "recipients:\n  - {id: a, name: '" + hostile + "', country: US, salutation: Hello,"
        ' fax: "+12025550101", source: test}\n'
    )
    ready = loading.ready(loading.read(write(tmp_path, recipients)))
    assert ready is not None
    with pypdfium2.PdfDocument(page.pdf(content_for(ready, "a"), "a4")) as pdf:
        assert hostile in pdf[0].get_textpage().get_text_range()


# -- the fax -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paper", "resolution", "rows"),
    [("a4", "fine", 2292), ("a4", "standard", 1146), ("letter", "fine", 2156), ("letter", "standard", 1078)],
)  # fmt: skip
def test_the_grid_of_the_far_end(
    appeal: LoadedCampaign, paper: Any, resolution: Any, rows: int
) -> None:
    pdf = page.pdf(content_for(appeal, "state-council"), paper)
    sheet = raster.stamp(raster.render(pdf, paper, resolution), MORNING, HEADER)
    for image in sheet.pages:
        assert (image.mode, image.size) == ("1", (1728, rows))
        assert ink(image.crop((0, 0, 1728, 30 * rows // 2292))) == 0, "the top 4 mm are white"
        assert ink(image.crop((0, rows - 8, 1728, rows))) == 0, "the last rows are white"
        assert 0.01 < ink(image) / (1728 * rows) < 0.15


def ink(image: Image.Image) -> int:
    return image.convert("L").histogram()[0]


def test_the_tiff_is_one_that_hylafax_sends_as_it_is(sheet: raster.Fax) -> None:
    with Image.open(io.BytesIO(sheet.tiff())) as tiff:
        assert isinstance(tiff, TiffImagePlugin.TiffImageFile)
        tags = tiff.tag_v2
        assert tags[TiffImagePlugin.COMPRESSION] == 4
        assert tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] == 0, "white is 0"
        assert tags[TiffImagePlugin.ROWSPERSTRIP] == tiff.height, "one strip"
        assert len(tags[TiffImagePlugin.STRIPOFFSETS]) == 1
        assert (tags[TiffImagePlugin.X_RESOLUTION], tags[TiffImagePlugin.Y_RESOLUTION]) == (
            204,
            196,
        )
        assert tiff.convert("1").tobytes() == sheet.pages[0].tobytes()


def test_several_pages_are_in_one_file(sheet: raster.Fax) -> None:
    three = raster.Fax(sheet.pages * 3, "fine")
    with Image.open(io.BytesIO(three.tiff())) as tiff:
        assert tiff.n_frames == 3  # type: ignore[attr-defined]
        for number in range(3):
            tiff.seek(number)
            assert tiff.tag_v2[297] == (number, 3)  # type: ignore[attr-defined]
            assert tiff.convert("1").tobytes() == sheet.pages[0].tobytes()


def test_the_pdf_for_accounts_holds_the_same_pixels(sheet: raster.Fax) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(sheet.pdf()) as pdf:
        [image] = pdf[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        assert image.get_bitmap().to_pil().convert("1").tobytes() == sheet.pages[0].tobytes()


def test_the_header_line_names_time_sender_number_and_page(sheet: raster.Fax) -> None:
    seen = HEADER.translate(dict.fromkeys(map(ord, "\u2066\u2068\u2069")))
    assert seen == "2026-11-24 09:00 +0100   Example Human Rights Group   +49 30 23125 012"
    assert ink(sheet.pages[0].crop((0, 30, 1728, 80))) > 500


def test_a_header_line_that_is_too_long_is_cut_and_not_printed_over_the_page_number(
    sheet: raster.Fax,
) -> None:
    blank = raster.Fax((Image.new("1", (1728, 2292), 255),), "fine")
    [long] = raster.stamp(blank, MORNING, "x" * 500).pages
    [short] = raster.stamp(blank, MORNING, "").pages
    right = (1500, 0, 1728, 90)
    assert ink(short.crop(right)) <= ink(long.crop(right)) < ink(short.crop(right)) + 2000
    assert ink(long) > ink(short)


def test_preview_calculates_the_seconds_of_both_rates(tmp_path: Path) -> None:
    folder = write(tmp_path)
    [shown] = run("preview", "--json", folder=folder).json["data"]["sheets"]
    assert not shown["seconds_measured"]
    text = run("preview", folder=folder).out.splitlines()[-2]
    fast, slow = re.findall(r"(\d+) s\b", text)
    assert text == f"    about {fast} s on the line at 14,400 bit/s, {slow} s at 9,600"
    assert (int(fast), int(slow)) == (round(shown["seconds"]), round(shown["slow_seconds"]))


@pytest.mark.hylafax
@pytest.mark.parametrize("rate", [14_400, 9_600])
@pytest.mark.parametrize("kind", ["letter", "white", "three", "noise"])
def test_the_seconds_are_those_of_a_real_call(
    sheet: raster.Fax, tmp_path: Path, kind: str, rate: int
) -> None:
    """Within 3 % of T.30 calls between two spandsp machines, V.17 and V.29."""
    white = Image.new("1", (1728, 2292), 255)
    noise = white.copy()
    noise.paste(Image.frombytes("1", (1728, 600), random.Random(7).randbytes(216 * 600)), (0, 99))
    pages = {"letter": sheet.pages, "white": (white,), "three": sheet.pages * 3, "noise": (noise,)}
    tested = raster.Fax(pages[kind], "fine")
    (tmp_path / "sent.tif").write_bytes(tested.tiff())
    modems = line.V17 | line.V29 | line.V27 if rate == 14_400 else line.V29 | line.V27
    with servers.needed("spandsp"):
        call = line.line_time(tmp_path / "sent.tif", tmp_path / "received.tif", modems=modems)
    assert (call.bit_rate, call.result, call.code) == (rate, "OK", "MMR")
    assert tested.seconds(rate) == pytest.approx(call.seconds, rel=0.03)


def test_the_same_letter_at_the_same_time_is_the_same_bytes_in_another_process() -> None:
    script = (
        "import hashlib, sys; from datetime import date; sys.path.insert(0, '.')\n"
        "from tests.unit.documents.test_documents import *\n"
        "print(fingerprint(loading.ready(loading.read(ROOT))))\n"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PATH": "/usr/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(prints) == 1


def fingerprint(appeal: LoadedCampaign) -> str:
    """A hash over every form of the sample letter."""
    letter = content_for(appeal, "embassy-berlin")
    pdf = page.pdf(letter, "a4")
    sheet = raster.stamp(raster.render(pdf, "a4", "fine"), MORNING, HEADER)
    forms = (pdf, sheet.tiff(), sheet.pdf(), build_message(letter, pdf))
    return hashlib.sha256(b"".join(forms)).hexdigest()


# -- tables and images ---------------------------------------------------------------------------


RICH = """---
subject: What we saw
---
{{ to.salutation }},

| day | place | held |
|:--|:-:|--:|
| Monday | Tumen | 40 |
| Tuesday | a long name that has to be broken over several lines somewhere | 5 |

![A photograph of a road](road.jpg "60 mm")

- one

  ![A signature](files/name.png)
"""


MARKDOWN = """## Dear *Sir*, שלום

1. one

2. [two](https://www.example.org/a)

> quoted\\
> **text**

- a
- b

---

| a | b |
|:--|--:|
| c | d |

![A map](map.png "80 mm")
"""
PLAIN = Content(
    Letter(("Please answer",), "en", markdown.parse("Please **answer**.")),
    address=("Office",),
    telefax=(),
    date=date(2026, 11, 24),
    copies=(),
    sender=("E. Mustermann",),
    reach=(),
)
FULL = Content(
    Letter(("Bitte", "antworten"), "de", markdown.parse(MARKDOWN), ("a.pdf",)),
    address=("Amt", "10117 Berlin"),
    telefax=("+49 30 23125 012",),
    date=date(2026, 11, 24),
    copies=("Office two",),
    sender=("E. Mustermann", "Zürich"),
    reach=("Telefon: +49 30 23125 012",),
    original="Amt",
    pictures={"map.png": b"png"},
    attachments={"a.pdf": b"pdf"},
    signed=("A. Miller", "and 3 others"),
)


@pytest.mark.parametrize(
    ("letter", "digest"),
    [
        (PLAIN, "6bc39b95aff255ef9746114c0ebbd32e7d132c437171c983a8b48072a33a094c"),
        (FULL, "5b5bd3c37bc9e0352b59aeb3beda62ab6bc6393ab76377ba8a4bb481db08c304"),
    ],
)
def test_the_hash_is_the_one_in_older_ledgers(letter: Content, digest: str) -> None:
    """It identifies a letter for ever: with another one, letters would go out a second time."""
    assert letter.sha256 == digest


def rich(folder: Path) -> Content:
    """A letter with a table, a photograph of two greys and a signature."""
    (folder / "files").mkdir()
    road = Image.linear_gradient("L").resize((600, 400)).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "Camera of an activist"
    road.save(folder / "road.jpg", exif=exif)
    name = Image.new("RGBA", (400, 100), (0, 0, 0, 0))
    name.paste((0, 0, 0, 255), (20, 40, 380, 50))
    name.save(folder / "files" / "name.png", dpi=(200, 200))
    ready = loading.ready(loading.read(write(folder, letter=RICH)))
    assert ready is not None
    return content_for(ready, "one")


def test_a_table_and_images_are_in_every_output(tmp_path: Path) -> None:
    import pypdfium2

    letter = rich(tmp_path)
    text = as_text(letter)
    assert "| Monday" in text and "[A photograph of a road]" in text and "[A signature]" in text
    assert max(map(len, text.splitlines())) <= 72
    pdf = page.pdf(letter, "a4")
    with pypdfium2.PdfDocument(pdf) as opened:
        assert "Monday" in opened[0].get_textpage().get_text_range()
        kind = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
        boxes = [image.get_bounds() for image in opened[0].get_objects(filter=[kind])]
        widths = [round((right - left) / 72 * 25.4) for left, _, right, _ in boxes]
    assert widths == [60, 51], "as asked for, and as the file says"
    read = parsed(build_message(letter, pdf))
    html = read.get_body(("related", "html"))
    assert html is not None
    images = [part for part in read.walk() if part.get_content_maintype() == "image"]
    assert [part.get_content_type() for part in images] == ["image/jpeg", "image/png"]
    source = html.as_string()
    for part in images:
        assert f"cid:{part['Content-ID'][1:-1]}" in source.replace("=3D", "=").replace(
            "=\r\n", ""
        ).replace("=\n", "")


def test_a_photograph_is_dots_and_a_signature_is_not(tmp_path: Path) -> None:
    sheet = raster.render(page.pdf(rich(tmp_path), "a4"), "a4", "fine")
    [image] = sheet.pages
    share = ink(image) / (1728 * 2292)
    assert 0.02 < share < 0.2
    standard = raster.render(page.pdf(rich_again(tmp_path), "a4"), "a4", "standard")
    assert abs(ink(standard.pages[0]) / (1728 * 1146) - share) < 0.03
    assert len(sheet.tiff()) < 40_000, "scattered dots would take three times as much"


def rich_again(folder: Path) -> Content:
    ready = loading.ready(loading.read(folder))
    assert ready is not None
    return content_for(ready, "one")


def test_what_a_camera_wrote_stays_here(tmp_path: Path) -> None:
    letter = rich(tmp_path)
    assert b"activist" in (tmp_path / "road.jpg").read_bytes()
    pdf = page.pdf(letter, "a4")
    assert b"activist" not in pdf and b"activist" not in build_message(letter, pdf)
    assert all(b"activist" not in images.picture(data).data for data in letter.pictures.values())


def test_another_image_is_another_letter(tmp_path: Path) -> None:
    first = rich(tmp_path).sha256
    Image.new("L", (10, 10)).save(tmp_path / "road.jpg")
    assert rich_again(tmp_path).sha256 != first


def png(width: int, height: int) -> bytes:
    """A white image; of few bytes, whatever its size."""
    out = io.BytesIO()
    Image.new("1", (width, height), 1).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "not a file in the campaign's folder"),
        (b"", "not a PNG or JPEG image"),
        (b"\x89PNG\r\n\x1a\n damaged", "not a PNG or JPEG image"),
        (b"GIF89a" + bytes(100), "not a PNG or JPEG image"),
        (png(20_000, 20_000), "more than 40 million pixels"),
        (png(7_000, 7_000), "more than 40 million pixels"),
    ],
)
def test_a_file_that_is_no_image_is_named_with_its_line(
    tmp_path: Path, data: bytes | None, said: str
) -> None:
    if data is not None:
        (tmp_path / "x.png").write_bytes(data)
    letter = "---\nsubject: Hello\n---\n{{ to.salutation }},\n\n![words](x.png)\n"
    ended = run("check", folder=write(tmp_path, letter=letter))
    assert ended.code == 1
    assert f"letter.j2:6:1: error letter x.png: {said}" in ended.out


def test_an_image_is_never_taken_from_outside_the_folder(tmp_path: Path) -> None:
    Image.new("L", (10, 10)).save(tmp_path / "secret.png")
    folder = tmp_path / "campaign"
    folder.mkdir()
    (folder / "x.png").symlink_to(tmp_path / "secret.png")
    letter = "---\nsubject: Hello\n---\n![words](x.png)\n"
    assert run("check", folder=write(folder, letter=letter)).code == 1


def test_an_image_is_never_cut_off(tmp_path: Path) -> None:
    import pypdfium2

    (tmp_path / "tall.png").write_bytes(png(100, 9_000))
    letter = "---\nsubject: Hello\n---\n![A long list](tall.png)\n\nend\n"
    write(tmp_path, letter=letter)
    with pypdfium2.PdfDocument(page.pdf(rich_again(tmp_path), "letter")) as opened:
        kind = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
        boxes = [one.get_bounds() for sheet in opened for one in sheet.get_objects(filter=[kind])]
    [(_left, bottom, _right, top)] = boxes
    assert bottom > 0 and (top - bottom) / 72 * 25.4 == pytest.approx(220, abs=1)


def test_a_long_word_is_broken_and_not_lost(tmp_path: Path) -> None:
    import pypdfium2

    word = "".join(f"{n:04}" for n in range(200))
    letter = f"---\nsubject: Hello\n---\n{word}\n\n|a|b|\n|-|-|\n|{word[:200]}|x|\n"
    ready = loading.ready(loading.read(write(tmp_path, letter=letter)))
    assert ready is not None
    pdf = page.pdf(content_for(ready, "one"), "a4")
    raster.render(pdf, "a4", "fine")  # nothing runs off the paper
    with pypdfium2.PdfDocument(pdf) as opened:
        said = re.sub(r"\s|\u200b", "", opened[0].get_textpage().get_text_range())
    assert word in said and said.count(word[:200]) == 2


def test_what_runs_off_the_paper_is_an_error(tmp_path: Path) -> None:
    cells = "|" + ("W" * 13 + "|") * 8
    letter = f"---\nsubject: Hello\n---\n{'|a' * 8}|\n{'|-' * 8}|\n{cells}\n"
    ended = run("preview", folder=write(tmp_path, letter=letter))
    assert ended.code == 2 and "on page 1 something is wider than the paper" in ended.err


# -- scripts ---------------------------------------------------------------------------------------


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

    letter = f"---\nsubject: {text}\nlanguage: {language}\n---\n{text} **{text}**\n"
    ready = loading.ready(loading.read(write(tmp_path, letter=letter)))
    assert ready is not None
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
    letter = (
        f"---\nsubject: {words}\nlanguage: {language}\n---\n"
        f"{words} {{{{ sender.phone }}}}\n\n{words} +1 202 555 0177 {words}\n"
    )
    ready = loading.ready(loading.read(write(tmp_path, letter=letter)))
    assert ready is not None
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


def test_a_missing_character_names_what_to_install(tmp_path: Path) -> None:
    letter = "---\nsubject: Hello\nlanguage: th\n---\nสวัสดี\n"
    ended = run("preview", folder=write(tmp_path, letter=letter))
    assert ended.code == 1
    assert re.search("no font has the character . \\(U\\+0E..\\)", ended.err)
    assert "pip install 'faxappeal[thai]'" in ended.err


def test_a_font_file_of_ones_own(tmp_path: Path) -> None:
    import fontpkg_hind_siliguri as package

    file = Path(str(package.__file__)).parent / "files" / "HindSiliguri-Medium.ttf"
    (tmp_path / "own.ttf").write_bytes(file.read_bytes())
    letter = "---\nsubject: Hello\nlanguage: bn\n---\nনমস্কার\n"
    folder = write(tmp_path, letter=letter, settings='\n[fax]\nfonts = ["own.ttf"]\n')
    assert run("preview", folder=folder).code == 0
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    folder = write(tmp_path, letter=letter, settings='\n[fax]\nfonts = ["bad.ttf"]\n')
    ended = run("preview", folder=folder)
    assert ended.code == 1 and "faxappeal.toml:11:1: bad.ttf is no font file" in ended.err


# -- the e-mail --------------------------------------------------------------------------------


def build_message(
    letter: Content, pdf: bytes = b"%PDF-", pdf_name: str = "letter.pdf", **values: Any
) -> bytes:
    arguments: dict[str, Any] = {
        "sender": Address("Erika Müller, Göttingen", addr_spec="appeals@example.org"),
        "reply_to": "erika@example.org",
        "recipient": Address("Kanzlei", addr_spec="embassy@example.org"),
        "message_id": "<fa.0123@example.org>",
        "job": "abc",
        "moment": MORNING,
    }
    headed = email_message.headed(letter, **(arguments | values))
    return email_message.build(headed, letter, pdf=pdf, pdf_name=pdf_name)


def parsed(raw: bytes) -> EmailMessage:
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_the_message_has_text_html_and_the_page(appeal: LoadedCampaign) -> None:
    raw = build_message(content_for(appeal, "embassy-berlin"))
    read = parsed(raw)
    kinds = [part.get_content_type() for part in read.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf",
    ]  # fmt: skip
    text = read.get_body(("plain",))
    html = read.get_body(("html",))
    assert text and html
    assert "The original goes to Premier Wen Jiabao" in text.get_content()
    assert "Märkisches Ufer 54" in text.get_content()
    assert "http" not in html.get_content(), "nothing is loaded from anywhere"
    assert max(raw) < 128, "7-bit clean"
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_its_headers_tell_neither_host_nor_time_zone(appeal: LoadedCampaign) -> None:
    read = parsed(build_message(content_for(appeal, "embassy-berlin")))
    assert list(read.keys()) == [
        "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "X-Faxappeal-Job",
        "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert read["Date"] == "Tue, 24 Nov 2026 08:00:00 +0000"
    assert read["From"] == '"Erika Müller, Göttingen" <appeals@example.org>'
    assert len(read["From"].addresses) == 1


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x\rBcc: v@y.z", id="H03"),
        pytest.param("a\x1b[31mb", id="H05"),
        pytest.param("a\u2028b", id="H06"),
        pytest.param("a\ud800b", id="H07"),
        pytest.param("x" * 2000, id="H08"),
        pytest.param("=?utf-8?q?a=0D=0ABcc:_v@x.y?=", id="CVE-2024-6923"),
    ],
)
def test_a_name_that_could_become_a_header_is_refused(appeal: LoadedCampaign, name: str) -> None:
    letter = content_for(appeal, "embassy-berlin")
    with pytest.raises((email_message.MessageError, ValueError)) as refused:
        build_message(letter, recipient=Address(name, addr_spec="a@example.org"))
    assert not isinstance(refused.value, UnicodeError)


def test_an_address_as_a_name_is_no_second_address(appeal: LoadedCampaign) -> None:
    raw = build_message(
        content_for(appeal, "embassy-berlin"),
        recipient=Address("evil@x.y, b@c.d", addr_spec="a@example.org"),
    )
    assert [a.addr_spec for a in parsed(raw)["To"].addresses] == ["a@example.org"]


def test_umlauts_in_the_subject_and_file_name_arrive(tmp_path: Path) -> None:
    letter = "---\nsubject: The plight … Märkisches Ufer\n---\nx"
    ready = loading.ready(loading.read(write(tmp_path, letter=letter)))
    assert ready
    raw = build_message(content_for(ready, "one"), pdf_name="Märkisches-Brief.pdf")
    read = parsed(raw)
    assert read["Subject"] == "The plight … Märkisches Ufer"
    [attachment] = read.iter_attachments()
    assert attachment.get_filename() == "Märkisches-Brief.pdf"
    assert b"M%C3%A4rkisches-Brief.pdf" in raw


def test_a_name_with_html_is_text(tmp_path: Path) -> None:
    recipients = (
        "recipients:\n  - {id: a, name: '<script>alert(1)</script>', country: US,"
        " email: office@example.org, salutation: '\" onmouseover=\"alert(1)', source: test}\n"
    )
    ready = loading.ready(loading.read(write(tmp_path, recipients)))
    assert ready
    html = as_html(content_for(ready, "a"))
    assert "<script" not in html and 'onmouseover="' not in html


def test_the_same_message_for_the_same_time(appeal: LoadedCampaign) -> None:
    letter = content_for(appeal, "embassy-berlin")
    assert build_message(letter) == build_message(letter)
    later = datetime(2026, 11, 25, tzinfo=UTC).astimezone(BERLIN)
    assert build_message(letter) != build_message(letter, moment=later)
