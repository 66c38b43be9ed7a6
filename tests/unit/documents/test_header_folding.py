"""One mailbox stays one mailbox, whatever a name is like, and a subject arrives as it was typed."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faxappeal.documents.header_folding import REGISTRY
from tests.support.examples import examples

POLICY = policy.SMTP.clone(cte_type="7bit", header_factory=REGISTRY)
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
    built = EmailMessage(policy=POLICY)
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


def written(header: str, *values: Address | str) -> str:
    """A header as it is written on the wire."""
    built = EmailMessage(policy=POLICY)
    built[header] = values if isinstance(values[0], Address) else values[0]
    return built.as_bytes().decode("ascii").removesuffix("\r\n\r\n")


OFFICE = "office@example.org"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        pytest.param("", f"To: {OFFICE}", id="no name"),
        pytest.param("The Office", f"To: The Office <{OFFICE}>", id="plain words"),
        pytest.param("Office, Hall 3", f'To: "Office, Hall 3" <{OFFICE}>', id="a comma"),
        pytest.param('The "Office"', f'To: "The \\"Office\\"" <{OFFICE}>', id="quotes"),
        pytest.param("a\\b", f'To: "a\\\\b" <{OFFICE}>', id="a backslash"),
        pytest.param("Büro", f"To: =?utf-8?b?QsO8cm8=?= <{OFFICE}>", id="an umlaut"),
        pytest.param(
            "Minister of Culture, Department of Protocol, Hall 3",
            f'To: "Minister of Culture, Department of Protocol, Hall 3"\r\n <{OFFICE}>',
            id="a long name stays quoted",
        ),
    ],
)
def test_a_name_is_written_so_that_it_is_one(name: str, line: str) -> None:
    assert written("To", Address(name, addr_spec=OFFICE)) == line


def test_several_mailboxes_are_parted_by_commas() -> None:
    boxes = [Address("Office, Hall", addr_spec=OFFICE), Address(addr_spec="b@example.org")]
    assert written("Cc", *boxes) == f'Cc: "Office, Hall" <{OFFICE}>, b@example.org'


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("Please answer", "Subject: Please answer"),
        ("a" * 100, "Subject: " + "a" * 100),
        (
            " ".join(["please answer"] * 6),
            "Subject: please answer please answer please answer please answer please\r\n"
            " answer please answer",
        ),
        ("Größe", "Subject: =?utf-8?b?R3LDtsOfZQ==?="),
    ],
    ids=["short", "one long word", "long", "an umlaut"],
)
def test_a_subject_is_broken_at_its_spaces(subject: str, line: str) -> None:
    assert written("Subject", subject) == line


def test_other_headers_are_as_ever() -> None:
    assert written("X-Faxappeal-Job", "abc") == "X-Faxappeal-Job: abc"
