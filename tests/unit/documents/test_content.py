"""What a letter says, and what makes it another one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from faxappeal.campaign import markdown
from faxappeal.campaign.letter import Letter
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents import content as contents
from faxappeal.documents.content import Content
from tests.support.appeal import (
    content_for,
    loaded,
    rich,
    rich_again,
)
from tests.support.campaigns import write


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
    ("letter", "digest"),
    [
        (PLAIN, "6bc39b95aff255ef9746114c0ebbd32e7d132c437171c983a8b48072a33a094c"),
        (FULL, "5b5bd3c37bc9e0352b59aeb3beda62ab6bc6393ab76377ba8a4bb481db08c304"),
    ],
)
def test_the_hash_is_the_one_in_older_ledgers(letter: Content, digest: str) -> None:
    """It identifies a letter for ever: with another one, letters would go out a second time."""
    assert letter.sha256 == digest


def test_another_image_is_another_letter(tmp_path: Path) -> None:
    first = rich(tmp_path).sha256
    Image.new("L", (10, 10)).save(tmp_path / "road.jpg")
    assert rich_again(tmp_path).sha256 != first
