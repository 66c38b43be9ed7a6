"""The e-mail: what is in it, and what does not leave."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents import email_message
from faxappeal.documents.content import Content
from tests.support.appeal import (
    build_message,
    content_for,
    loaded,
    parsed,
    png,
)
from tests.support.campaigns import write
from tests.support.clock import BERLIN, MORNING
from tests.support.letters import letter

LONG = "Minister of Culture (acting), Department of Protocol, other@example.net, Second Division, Hall 3"


def test_what_would_be_read_otherwise_does_not_leave() -> None:
    """As where a library folds a header, or an attachment's name, in its own way."""
    built = EmailMessage(policy=email_message._POLICY)
    built["To"] = Address(LONG, addr_spec="office@example.org")
    built["Subject"] = "An appeal"
    built.set_content("text")
    built.add_attachment(b"x", maintype="application", subtype="pdf", filename="facts.pdf")
    raw = built.as_bytes()
    email_message._check(raw, built)
    for old, new in (
        (b'To: "Minister', b"To: Minister"),
        (b"An appeal", b"An  appeal"),
        (b"facts.pdf", b"facts.exe"),
        (b"office@", b"0ffice@"),
    ):
        assert old in raw
        with pytest.raises(email_message.MessageError):
            email_message._check(raw.replace(old, new), built)


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
    content = content_for(appeal, "embassy-berlin")
    with pytest.raises((email_message.MessageError, ValueError)) as refused:
        build_message(content, recipient=Address(name, addr_spec="a@example.org"))
    assert not isinstance(refused.value, UnicodeError)


def test_an_address_as_a_name_is_no_second_address(appeal: LoadedCampaign) -> None:
    raw = build_message(
        content_for(appeal, "embassy-berlin"),
        recipient=Address("evil@x.y, b@c.d", addr_spec="a@example.org"),
    )
    assert [a.addr_spec for a in parsed(raw)["To"].addresses] == ["a@example.org"]


def test_umlauts_in_the_subject_and_file_name_arrive(tmp_path: Path) -> None:
    text = "---\nsubject: The plight … Märkisches Ufer\n---\nx"
    ready = loaded(write(tmp_path, letter=text))
    raw = build_message(content_for(ready, "one"), pdf_name="Märkisches-Brief.pdf")
    read = parsed(raw)
    assert read["Subject"] == "The plight … Märkisches Ufer"
    [attachment] = read.iter_attachments()
    assert attachment.get_filename() == "Märkisches-Brief.pdf"
    assert b"M%C3%A4rkisches-Brief.pdf" in raw


def test_the_same_message_for_the_same_time(appeal: LoadedCampaign) -> None:
    content = content_for(appeal, "embassy-berlin")
    assert build_message(content) == build_message(content)
    later = datetime(2026, 11, 25, tzinfo=UTC).astimezone(BERLIN)
    assert build_message(content) != build_message(content, moment=later)


def attached(raw: bytes) -> list[tuple[str | None, str, Any]]:
    parts = parsed(raw).iter_attachments()
    return [(part.get_filename(), part.get_content_type(), part.get_content()) for part in parts]


def made(content: Content, pdf: bytes | None = None, **values: Any) -> bytes:
    arguments: dict[str, Any] = {
        "sender": Address("Erika", addr_spec="appeals@example.org"),
        "reply_to": "appeals@example.org",
        "recipient": Address("Office", addr_spec="office@example.org"),
        "message_id": "<fa.0123@example.org>",
        "job": "abc",
        "moment": MORNING,
    }
    headed = email_message.headed(content, **(arguments | values))
    return email_message.build(headed, content, pdf=pdf, pdf_name="letter.pdf")


@pytest.mark.parametrize(
    ("name", "shown", "kind"),
    [
        ("facts.pdf", "facts.pdf", "application/pdf"),
        ("photos/road.jpg", "road.jpg", "image/jpeg"),
        ("list.unknown-kind", "list.unknown-kind", "application/octet-stream"),
        ("Größe.pdf", "Größe.pdf", "application/pdf"),
    ],
)
def test_an_attachment_comes_by_its_name_and_kind(name: str, shown: str, kind: str) -> None:
    raw = made(letter(attachments=(name,)), b"%PDF-")
    assert attached(raw) == [
        ("letter.pdf", "application/pdf", b"%PDF-"),
        (shown, kind, b"data"),
    ]


def test_an_email_without_the_page_has_no_attachment() -> None:
    assert attached(made(letter())) == []
    assert parsed(made(letter())).get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    ("reply_to", "expected"),
    [("appeals@example.org", None), ("answers@example.org", "answers@example.org")],
)
def test_answers_go_elsewhere_only_where_that_is_another_address(
    reply_to: str, expected: str | None
) -> None:
    assert parsed(made(letter(), reply_to=reply_to))["Reply-To"] == expected


def test_an_image_is_beside_the_html_and_named_by_it() -> None:
    image = png(100, 50)
    read = parsed(made(letter("![A map](map.png)", pictures={"map.png": image})))
    [part] = [part for part in read.walk() if part.get_content_maintype() == "image"]
    html = read.get_body(("html",))
    assert html and f"cid:{part['Content-ID'][1:-1]}" in html.get_content()
    assert part.get_content_type() == "image/png"


def test_each_part_has_a_boundary_of_its_own() -> None:
    image = png(100, 50)
    raw = made(letter("![A map](map.png)", pictures={"map.png": image}), b"%PDF-")
    boundaries = [part.get_boundary() for part in parsed(raw).walk() if part.is_multipart()]
    assert len(boundaries) == 3 == len(set(boundaries))


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param("a\x00b", id="a control character"),
        pytest.param("a\u202eb", id="another direction"),
        pytest.param("=?utf-8?q?a?=", id="an encoded word"),
        pytest.param("x" * 901, id="too long"),
    ],
)
def test_a_subject_that_is_no_header_is_refused(subject: str) -> None:
    with pytest.raises(email_message.MessageError) as refused:
        made(letter(subject=(subject,)))
    assert "900 characters" in refused.value.hint


def test_a_subject_of_two_lines_is_one_in_an_email() -> None:
    assert parsed(made(letter(subject=("first", "second"))))["Subject"] == "first second"
