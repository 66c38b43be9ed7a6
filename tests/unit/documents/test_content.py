"""What a letter says, and what makes it another one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from faxappeal.campaign import markdown
from faxappeal.campaign.letter import Letter, LetterError
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.campaign.recipients import Recipient
from faxappeal.campaign.senders import Signatory
from faxappeal.documents import content as contents
from faxappeal.documents.content import Content
from faxappeal.documents.plaintext import as_text
from tests.support.appeal import (
    content_for,
    loaded,
    rich,
    rich_again,
)
from tests.support.campaigns import write
from tests.support.letters import letter


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
    ready = loaded(write(tmp_path, recipients))
    assert content_for(ready, "a").address == ("Office", "c/o Other office")


def test_the_identity_leaves_out_the_date(appeal: LoadedCampaign) -> None:
    recipient = appeal.recipients.get("state-council")
    assert recipient
    days = (date(2003, 2, 14), date(2026, 11, 24))
    one, two = (contents.build(appeal, recipient, day) for day in days)
    assert one.sha256 == two.sha256
    assert (one.date_text, two.date_text) == ("14 February 2003", "24 November 2026")


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
    ("content", "digest"),
    [
        (PLAIN, "6bc39b95aff255ef9746114c0ebbd32e7d132c437171c983a8b48072a33a094c"),
        (FULL, "5b5bd3c37bc9e0352b59aeb3beda62ab6bc6393ab76377ba8a4bb481db08c304"),
    ],
)
def test_the_hash_is_the_one_in_older_ledgers(content: Content, digest: str) -> None:
    """It identifies a letter for ever: with another one, letters would go out a second time."""
    assert content.sha256 == digest


def test_another_image_is_another_letter(tmp_path: Path) -> None:
    first = rich(tmp_path).sha256
    Image.new("L", (10, 10)).save(tmp_path / "road.jpg")
    assert rich_again(tmp_path).sha256 != first


# -- what is printed round a letter ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "24 November 2026"),
        ("EN", "24 November 2026"),
        ("en-US", "November 24, 2026"),
        ("de", "24. November 2026"),
        ("zh-Hant", "2026年11月24日"),
        ("xx", "24 November 2026"),
        ("not-a-tag", "24 November 2026"),
    ],
)
def test_the_date_is_in_the_letters_language_or_in_english(language: str, text: str) -> None:
    assert letter(language=language).date_text == text


@pytest.mark.parametrize(
    ("original", "notice"),
    [(None, ""), ("The Minister", "Copy. The original goes to The Minister.")],
)
def test_a_copy_says_so(original: str | None, notice: str) -> None:
    assert letter(original=original).notice == notice


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        ({"body": "Please answer!"}, True),
        ({"subject": ("Please", "answer")}, True),
        ({"language": "en-US"}, True),
        ({"address": ("Another office",)}, True),
        ({"telefax": ("+49 30 23125 012",)}, True),
        ({"copies": ("Office two",)}, True),
        ({"sender": ("A. Miller",)}, True),
        ({"reach": ("Telephone: +49 30 23125 012",)}, True),
        ({"signed": ("A. Miller",)}, True),
        ({"attachments": ("facts.pdf",)}, True),
        ({"pictures": {"map.png": b"png"}}, True),
        ({"date": date(2026, 11, 25)}, False),
        ({"original": "The Minister"}, False),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_makes_another_letter(change: dict[str, Any], is_another: bool) -> None:
    assert (letter(**change).sha256 != letter().sha256) is is_another


def test_other_bytes_of_a_file_are_another_letter() -> None:
    one, two = (letter(pictures={"map.png": data}) for data in (b"one", b"two"))
    assert one.sha256 != two.sha256


def office(folder: Path, entry: str, letter: str = "---\nsubject: x\n---\nx\n") -> LoadedCampaign:
    """A campaign with one recipient."""
    return loaded(write(folder, f"recipients:\n  - {{id: a, source: test, {entry}}}\n", letter))


FAX = 'name: Office, country: US, salutation: Hello, fax: "+12025550101"'


@pytest.mark.parametrize(
    ("entry", "lines"),
    [
        (FAX, ("Office",)),
        (FAX + ", office: Hall 3", ("Office", "Hall 3")),
        (FAX + ", care_of: Embassy", ("Office", "c/o Embassy")),
        (
            FAX + ', office: Hall 3, care_of: Embassy, address: "One St.\\nWashington"',
            ("Office", "Hall 3", "c/o Embassy", "One St.", "Washington"),
        ),
    ],
)
def test_the_address_block_has_each_line_that_is_known(
    tmp_path: Path, entry: str, lines: tuple[str, ...]
) -> None:
    assert content_for(office(tmp_path, entry), "a").address == lines


@pytest.mark.parametrize(("lines", "expected"), [(5, False), (6, True)])
def test_an_address_that_does_not_fit_the_window_is_too_long(lines: int, expected: bool) -> None:
    recipient = Recipient("a", "Office", "US", address=("line",) * lines)
    assert contents.too_long(recipient) is expected


@pytest.mark.parametrize(
    ("status", "is_shown"),
    [("active", True), ("unverified", True), ("retired", False), ("opted_out", False)],
)
def test_a_number_that_is_not_used_any_more_is_not_printed(
    tmp_path: Path, status: str, is_shown: bool
) -> None:
    entry = f"{FAX}, status: {status}"
    content = content_for(office(tmp_path, entry), "a")
    assert content.telefax == (("+12025550101",) if is_shown else ())


def test_the_template_knows_the_date_the_sender_and_the_recipient(tmp_path: Path) -> None:
    text = (
        "---\nsubject: Hello\n---\n"
        "{{ date }}; {{ campaign.id }}; {{ sender.name }}; {{ to.name }}; {{ to.fax }};"
        " {{ to.email or 'no e-mail' }}; {{ to.address }}; {{ copies | length }}\n"
    )
    campaign = office(tmp_path, FAX + ', address: "One St.\\nWashington"', text)
    written = " ".join(as_text(content_for(campaign, "a")).split())
    assert written.endswith(
        "14 February 2003; test; Erika Mustermann; Office; +12025550101; no e-mail;"
        " One St., Washington; 0"
    )


def test_a_value_keeps_its_order_in_a_letter_from_right_to_left(tmp_path: Path) -> None:
    text = "---\nsubject: x\nlanguage: ar\n---\nx\n"
    content = content_for(office(tmp_path, FAX, text), "a")
    for line in (*content.address, *content.telefax, *content.sender):
        assert line.startswith("\u2068") and line.endswith("\u2069")


@pytest.mark.parametrize(
    ("letter", "data", "message", "line"),
    [
        pytest.param(
            "---\nsubject: x\n---\none\n\n![A map](map.png)\n", None,
            "map.png: not a file in the campaign's folder", 6, id="an image that is missing",
        ),
        pytest.param(
            "---\nsubject: x\n---\none\n\n- ![A map](map.png)\n", b"no image",
            "map.png: not a PNG or JPEG image, or a damaged one", 6, id="an image that is none",
        ),
        pytest.param(
            "---\nsubject: x\nattachments: [map.png]\n---\none\n", None,
            "map.png: not a file in the campaign's folder", 3, id="an attachment that is missing",
        ),
    ],
)  # fmt: skip
def test_a_file_that_cannot_go_with_the_letter_is_named_with_its_line(
    tmp_path: Path, letter: str, data: bytes | None, message: str, line: int
) -> None:
    campaign = office(tmp_path, FAX, letter)
    if data is not None:
        (tmp_path / "map.png").write_bytes(data)
    with pytest.raises(LetterError) as refused:
        content_for(campaign, "a")
    finding = refused.value.finding
    assert (finding.message, finding.place.line) == (message, line)


def test_an_attachment_may_be_any_file(tmp_path: Path) -> None:
    text = "---\nsubject: x\nattachments: [facts.txt]\n---\none\n"
    (tmp_path / "facts.txt").write_bytes(b"facts")
    assert content_for(office(tmp_path, FAX, text), "a").attachments == {"facts.txt": b"facts"}


@pytest.mark.parametrize(
    ("names", "signed"),
    [
        (10, ("A. Miller, Berlin", "B. Smith", "C. Jones")),
        (2, ("A. Miller, Berlin", "B. Smith", "and 1 others")),
    ],
)
def test_under_a_joint_letter_stand_the_first_names_and_how_many_more(
    tmp_path: Path, names: int, signed: tuple[str, ...]
) -> None:
    day = date(2026, 11, 1)
    people = (("A. Miller", "Berlin"), ("B. Smith", ""), ("C. Jones", ""))
    settings = f'\n[senders]\nmode = "joint"\nnames = {names}\n'
    campaign = replace(
        loaded(write(tmp_path, settings=settings)),
        signatories=tuple(Signatory(name[0], name, place, day) for name, place in people),
    )
    assert content_for(campaign, "one").signed == signed


def test_a_copy_goes_with_the_first_letter_where_it_names_none(tmp_path: Path) -> None:
    recipients = (
        "recipients:\n"
        f"  - {{id: a, source: test, {FAX}}}\n"
        "  - {id: b, source: test, name: Embassy, country: US, role: cc, email: b@example.org}\n"
    )
    campaign = loaded(write(tmp_path, recipients))
    copy = content_for(campaign, "b")
    assert copy.original == "Office" and copy.address == ("Office",)
    assert content_for(campaign, "a").copies == ("Embassy, e-Mail: b@example.org",)
