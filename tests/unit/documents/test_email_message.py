"""One mailbox stays one mailbox, whatever a name is like, and a subject arrives as it was typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faxappeal.campaign.loading import LoadedCampaign
from faxappeal.documents import email_message
from tests.support.appeal import (
    build_message,
    content_for,
    loaded,
    parsed,
)
from tests.support.campaigns import write
from tests.support.clock import BERLIN
from tests.support.examples import examples

LONG = "Minister of Culture (acting), Department of Protocol, other@example.net, Second Division, Hall 3"
# what names are made of: specials of RFC 5322, quotes, letters of several widths and directions
LETTERS = "abcdefghij ,.;:<>@()[]\"\\'öß中文字العربيةไทย😀 -_=?!#%&"
TEXTS = (
    st.text(LETTERS, min_size=1, max_size=300)
    .map(lambda t: " ".join(t.split()))
    .filter(lambda text: text and not ("=?" in text and "?=" in text))
)


def sent(name: str, subject: str) -> bytes:
    """The bytes of a message in which each mailbox has this name."""
    built = EmailMessage(policy=email_message._POLICY)
    for number, header in enumerate(("From", "To", "Cc", "Reply-To")):
        built[header] = Address(name, addr_spec=f"a{number}@example.org")
    built["Subject"] = subject
    built.set_content("text")
    return built.as_bytes()


def decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


@settings(max_examples=examples(500), deadline=None)
@given(TEXTS, TEXTS)
@example(LONG, LONG)
@example(f"{LONG}, Bürger " * 4, "für " * 100)
@example("a" * 300, "b" * 900)
@example("\\" * 120 + '"' * 120, "x")
@example("文" * 250, "文" * 250)
@example("🏛️ " * 60, "א" * 200)
def test_each_mailbox_is_read_as_it_was_meant(name: str, subject: str) -> None:
    name, subject = " ".join(name.split()), " ".join(subject.split())
    raw = sent(name, subject)
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 998 for line in head.split("\r\n"))
    fields = dict(
        line.split(": ", 1) if ": " in line else line.split(":", 1)
        for line in re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n")
    )
    for number, header in enumerate(("From", "To", "Cc", "Reply-To")):
        found = [(decoded(words), box) for words, box in getaddresses([fields[header]])]
        assert found == [(name, f"a{number}@example.org")]
    assert decoded(fields["Subject"].strip()) == subject
    # a second reader; it may show a space between two encoded words, but sees one mailbox
    read = message_from_bytes(raw, policy=policy.default)
    assert [box.addr_spec for box in read["To"].addresses] == ["a1@example.org"]


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
    ready = loaded(write(tmp_path, letter=letter))
    raw = build_message(content_for(ready, "one"), pdf_name="Märkisches-Brief.pdf")
    read = parsed(raw)
    assert read["Subject"] == "The plight … Märkisches Ufer"
    [attachment] = read.iter_attachments()
    assert attachment.get_filename() == "Märkisches-Brief.pdf"
    assert b"M%C3%A4rkisches-Brief.pdf" in raw


def test_the_same_message_for_the_same_time(appeal: LoadedCampaign) -> None:
    letter = content_for(appeal, "embassy-berlin")
    assert build_message(letter) == build_message(letter)
    later = datetime(2026, 11, 25, tzinfo=UTC).astimezone(BERLIN)
    assert build_message(letter) != build_message(letter, moment=later)
