"""The letters of a campaign: what each delivery's job is, and what several of them share."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from faxappeal.campaign.delivery import Delivery, deliveries, keyed
from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.campaign.senders import Signatory
from faxappeal.documents import renderer
from faxappeal.documents.renderer import Letters
from faxappeal.providers.base import Job
from tests.support.appeal import loaded, parsed
from tests.support.campaigns import write
from tests.support.clock import MORNING

DIGEST = keyed(b"a key of this machine")
LATER = MORNING + timedelta(hours=2)
TWO = ["one +12025550101", "two office@example.org"]
SMTP = '\n[email]\naccount = "smtp"\n{}[email.smtp]\nhost = "mail.example.net"\n'


def planned(folder: Path, recipients: Any = TWO, **options: Any) -> tuple[Letters, list[Delivery]]:
    campaign = loaded(write(folder, recipients, **options))
    return Letters(campaign, MORNING.date(), DIGEST), deliveries(campaign, DIGEST, MORNING)


def message(job: Job) -> EmailMessage:
    return parsed(job.document)


def test_a_fax_is_a_tiff_and_a_pdf_of_the_same_pages(tmp_path: Path) -> None:
    import pypdfium2

    letters, [fax, _] = planned(tmp_path)
    job = letters.job(fax, "fa-1", MORNING)
    assert (job.reference, job.address) == ("fa-1", "+12025550101")
    with Image.open(io.BytesIO(job.document)) as tiff, pypdfium2.PdfDocument(job.pdf) as pdf:
        assert tiff.n_frames == len(pdf) == 1  # type: ignore[attr-defined]
        [image] = pdf[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])
        pels = image.get_bitmap().to_pil().convert("1").tobytes()
        assert pels == tiff.convert("1").tobytes()


@pytest.mark.parametrize("resolution", ["fine", "standard"])
@pytest.mark.parametrize(("paper", "rows"), [("a4", 2292), ("letter", 2156)])
def test_a_fax_is_as_the_settings_want_it(
    tmp_path: Path, resolution: str, paper: str, rows: int
) -> None:
    settings = f'\n[fax]\nresolution = "{resolution}"\npaper = "{paper}"\n'
    letters, [fax, _] = planned(tmp_path, settings=settings)
    job = letters.job(fax, "fa-1", MORNING)
    assert (job.fine, job.letter_paper) == (resolution == "fine", paper == "letter")
    with Image.open(io.BytesIO(job.document)) as tiff:
        assert tiff.size == (1728, rows if job.fine else rows // 2)


def test_each_attempt_of_a_fax_has_its_time_in_the_header_line_alone(tmp_path: Path) -> None:
    letters, [fax, _] = planned(tmp_path)
    content = letters.content(fax.recipient)
    first, second = (letters.stamped(content, moment) for moment in (MORNING, LATER))
    assert first.sha256 != second.sha256
    below = (0, 90, 1728, 2292)
    pels = [each.pages[0].crop(below).tobytes() for each in (first, second)]
    assert pels[0] == pels[1]


def test_the_header_line_names_the_organisation_where_there_is_one(tmp_path: Path) -> None:
    person, [fax, _] = planned(tmp_path)
    sender = person.campaign.settings.sender.model_copy(update={"organisation": "Example Group"})
    settings = person.campaign.settings.model_copy(update={"sender": sender})
    group = Letters(replace(person.campaign, settings=settings), MORNING.date(), DIGEST)
    content = person.content(fax.recipient)  # the same letter, so that the line alone differs
    tops = [
        each.stamped(content, MORNING).pages[0].crop((0, 30, 1728, 90)) for each in (person, group)
    ]
    assert tops[0].tobytes() != tops[1].tobytes()


def test_each_attempt_of_an_email_is_the_same_message(tmp_path: Path) -> None:
    letters, [_, email] = planned(tmp_path)
    again, [_, same] = planned(tmp_path)
    first, second = letters.job(email, "fa-1", MORNING), again.job(same, "fa-2", MORNING)
    assert first.document == second.document
    assert message(first)["Message-ID"] == message(letters.job(email, "fa-3", LATER))["Message-ID"]


def test_an_email_goes_to_its_recipient_from_the_sender(tmp_path: Path) -> None:
    letters, [_, email] = planned(tmp_path)
    job = letters.job(email, "fa-1", MORNING)
    read = message(job)
    assert (job.address, read["To"]) == ("office@example.org", "Office two <office@example.org>")
    assert read["From"] == "Erika Mustermann <appeals@example.org>"
    assert read["Reply-To"] is None
    assert read["X-Faxappeal-Job"] == email.id
    [page] = read.iter_attachments()
    assert (page.get_filename(), page.get_content_type()) == ("test.pdf", "application/pdf")


def test_an_email_may_come_from_another_address_and_answers_go_to_the_senders(
    tmp_path: Path,
) -> None:
    settings = SMTP.format("") + 'from = "robot@example.net"\n'
    letters, [_, email] = planned(tmp_path, settings=settings)
    read = message(letters.job(email, "fa-1", MORNING))
    assert read["From"] == "Erika Mustermann <robot@example.net>"
    assert read["Reply-To"] == "appeals@example.org"
    assert read["Message-ID"].endswith("@example.net>")


def test_an_email_goes_without_the_page_where_the_settings_say_so(tmp_path: Path) -> None:
    letters, [_, email] = planned(tmp_path, settings=SMTP.format("pdf = false\n"))
    assert not list(message(letters.job(email, "fa-1", MORNING)).iter_attachments())


def test_a_message_id_is_of_one_letter_to_one_recipient_and_tells_nothing(tmp_path: Path) -> None:
    letters, [one, two] = planned(tmp_path, ["one a@example.org", "two b@example.org"])
    ids = {
        letters.message_id(one, "letter"),
        letters.message_id(two, "letter"),
        letters.message_id(one, "another letter"),
        Letters(letters.campaign, MORNING.date(), keyed(b"other")).message_id(one, "letter"),
    }
    assert len(ids) == 4
    assert all(id.startswith("<fa.") and id.endswith("@example.org>") for id in ids)
    assert not any(word in id for id in ids for word in ("one", "2026", "test"))


# -- what is shared --------------------------------------------------------------------------------


def test_several_lines_of_one_office_get_one_document(tmp_path: Path) -> None:
    office = "name: Office, country: US, salutation: Hello, source: test"
    recipients = "recipients:\n" + "".join(
        f'  - {{id: {id}, {office}, fax: "+1202555010{number}"}}\n'
        for number, id in enumerate("ab", 1)
    )
    letters, [one, two] = planned(tmp_path, recipients)
    contents = [letters.content(each.recipient) for each in (one, two)]
    assert letters.content_sha256(one) == letters.content_sha256(two)
    assert letters.pdf(contents[0]) is letters.pdf(contents[1])
    assert letters.fax(contents[0]) is letters.fax(contents[1])


def test_two_offices_get_two_letters(tmp_path: Path) -> None:
    letters, [one, two] = planned(tmp_path)
    assert letters.content_sha256(one) != letters.content_sha256(two)


def test_a_letter_is_written_once(tmp_path: Path) -> None:
    letters, [fax, _] = planned(tmp_path)
    assert letters.content(fax.recipient) is letters.content(fax.recipient)


def test_of_many_documents_the_oldest_is_forgotten() -> None:
    kept: dict[str, str] = {}
    for name in "abc":
        renderer._cached(kept, name, name.upper, 2)
    assert kept == {"b": "B", "c": "C"}
    assert renderer._cached(kept, "b", lambda: "made again", 2) == "B"


# -- senders ---------------------------------------------------------------------------------------


@pytest.fixture
def many(tmp_path: Path) -> LoadedCampaign:
    """A letter that two people send, each their own."""
    campaign = loaded(write(tmp_path, TWO, settings='\n[senders]\nmode = "each"\n'))
    people = (("a1", "A. Miller", "Berlin"), ("b2", "B. Smith", ""))
    signatories = tuple(Signatory(*person, date(2026, 11, 1)) for person in people)
    return replace(campaign, signatories=signatories)


def test_each_sender_has_a_letter_of_their_own(many: LoadedCampaign) -> None:
    letters = Letters(many, MORNING.date(), DIGEST)
    recipient = many.recipients.recipients[0]
    one, two = (letters.content(recipient, id) for id in ("a1", "b2"))
    assert one.sender == ("A. Miller", "Berlin") and two.sender == ("B. Smith",)
    assert letters.content(recipient, "a1") is one


def test_an_email_of_a_sender_has_that_name_and_answers_go_where_all_go(
    many: LoadedCampaign,
) -> None:
    letters = Letters(many, MORNING.date(), DIGEST)
    [_, email] = deliveries(many, DIGEST, MORNING)
    read = message(letters.job(replace(email, signatory="a1"), "fa-1", MORNING))
    assert read["From"] == '"A. Miller" <appeals@example.org>'
    assert read["Message-ID"].endswith("@example.org>")


# -- fonts -----------------------------------------------------------------------------------------


def test_a_font_file_of_the_campaigns_folder_is_used(tmp_path: Path) -> None:
    import fontpkg_hind_siliguri as package

    file = Path(str(package.__file__)).parent / "files" / "HindSiliguri-Medium.ttf"
    tmp_path.joinpath("own.ttf").write_bytes(file.read_bytes())
    text = "---\nsubject: Hello\nlanguage: bn\n---\nনমস্কার\n"
    letters, [fax, _] = planned(tmp_path, letter=text, settings='\n[fax]\nfonts = ["own.ttf"]\n')
    assert letters.pdf(letters.content(fax.recipient)).startswith(b"%PDF")
