"""One mailbox stays one mailbox, whatever a name is like, and a subject arrives as it was typed."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faxappeal.documents import email_message
from tests.support.campaigns import run, write

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


@settings(max_examples=500, deadline=None)
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


def test_a_long_name_with_commas_is_one_mailbox_in_what_is_handed_over(tmp_path: Path) -> None:
    folder = write(tmp_path, ["office office@example.org"])
    recipients_file = folder / "recipients.yaml"
    recipients_file.write_text(recipients_file.read_text().replace("Office office", f'"{LONG}"'))
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text().replace("Erika Mustermann", LONG.replace("other@", "third@")))
    assert run("send", "--dry-run", folder=folder).code == 0
    read = message_from_bytes(
        (folder / "outbox" / "office-email.eml").read_bytes(), policy=policy.default
    )
    assert [(box.display_name, box.addr_spec) for box in read["To"].addresses] == [
        (LONG, "office@example.org")
    ]
    assert [box.addr_spec for box in read["From"].addresses] == ["appeals@example.org"]


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
