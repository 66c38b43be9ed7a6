"""Notifications as they are read: what a mail server wrote, and what is no notification."""

from __future__ import annotations

import base64

import pytest

from faxappeal.providers import dsn
from tests.support.notifications import BOUNCE, SAMPLES


def report(*blocks: str, head: str = "Original-Envelope-Id: fa-1\n", more: str = "") -> bytes:
    """A notification with these blocks, one for each recipient."""
    status = "\n".join((head, *blocks))
    return (
        "From: MAILER-DAEMON@mx.example.org\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        "--x\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n"
        f"--x\nContent-Type: message/delivery-status\n\n{status}\n{more}--x--\n"
    ).encode()


def block(
    action: str = "failed",
    recipient: str = "rfc822;office@example.org",
    status: str = "5.1.1",
    words: str = "smtp; 550 5.1.1 no such user",
) -> str:
    return (
        f"Final-Recipient: {recipient}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: {words}\n"
    )


def only(raw: bytes) -> dsn.Notice:
    [notice] = dsn.read(raw)
    return notice


@pytest.mark.parametrize(
    ("name", "action", "status", "recipient"),
    [
        ("dsn1", "delivered", "2.0.0", "ok@remote.test"),
        ("dsn2", "relayed", "2.0.0", None),
        ("dsn5", "failed", "5.1.1", "nobody@remote.test"),
        ("dsn6", "delayed", "4.2.1", "grey@remote.test"),
        ("dsn7", "failed", "4.2.1", None),
        ("exim2", "failed", "5.0.0", "latebounce@lab.test"),
    ],
)
def test_what_postfix_and_exim_write(
    name: str, action: str, status: str, recipient: str | None
) -> None:
    notice = only(SAMPLES[name])
    assert (notice.action, notice.status) == (action, status)
    assert recipient is None or notice.recipients == {recipient}
    assert notice.envelope and notice.message_id


@pytest.mark.parametrize("name", SAMPLES)
def test_line_ends_and_coding_make_no_difference(name: str) -> None:
    raw = SAMPLES[name].replace(b"\r\n", b"\n")
    expected = dsn.read(raw)
    assert expected == dsn.read(raw.replace(b"\n", b"\r\n"))
    head, kind, rest = raw.partition(b"message/delivery-status\n")
    blocks, end, tail = rest.partition(b"\n--")
    coded = b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(blocks.lstrip(b"\n"))
    assert dsn.read(head + kind + coded + end + tail) == expected


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\x00\xfe", id="rubbish"),
        pytest.param(b"From: a@example.org\n\nAction: failed\n", id="a letter"),
        pytest.param(report(block()).replace(b"delivery-status\n", b"x-status\n"), id="no report"),
        pytest.param(report(), id="a report on no recipient"),
        pytest.param(report(head=""), id="an empty report"),
        pytest.param(report(block().replace("Action", "X-Action")), id="no action"),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: message/rfc822\n\n"
            + report(block())
            + b"\n--y--\n",
            id="somebody forwards a bounce",
        ),
        pytest.param(
            report(block()).replace(
                b"message/delivery-status\n",
                b"message/delivery-status\nContent-Transfer-Encoding: base64\n",
            ),
            id="said to be base64 and is not",
        ),
        pytest.param(
            report(head="Content-Transfer-Encoding: base64\n").replace(
                b"message/delivery-status\n\nContent", b"message/delivery-status\nContent"
            )[: -len(b"\n--x--\n")]
            + b"\nabcde\n--x--\n",
            id="base64 that is cut",
        ),
    ],
)
def test_what_is_no_notification_says_nothing(raw: bytes) -> None:
    assert dsn.read(raw) == ()


def test_each_recipient_has_a_notice_of_its_own() -> None:
    second = block("delivered", "rfc822;second@example.org", "2.0.0", "smtp; 250 ok")
    first, other = dsn.read(report(block(), second))
    assert (first.action, first.status, first.words) == (
        "failed",
        "5.1.1",
        "550 5.1.1 no such user",
    )
    assert (other.action, other.status, other.words) == ("delivered", "2.0.0", "250 ok")
    assert first.envelope == other.envelope == "fa-1"


def test_of_very_many_recipients_fifty_are_read() -> None:
    assert len(dsn.read(report(*[block()] * 200))) == 50


def test_only_the_beginning_of_a_notification_is_read() -> None:
    assert dsn.read(BOUNCE + b"\n" + b"x" * 10_000_000) == dsn.read(BOUNCE)
    late = report(block(), head="X-Long: " + "x" * dsn.MAX_BYTES + "\nOriginal-Envelope-Id: fa-1\n")
    assert dsn.read(late) == ()


@pytest.mark.parametrize(
    ("head", "envelope"),
    [
        ("Original-Envelope-Id: fa-1\n", "fa-1"),
        ("original-envelope-id:  fa-1 \n", "fa-1"),
        ("Original-Envelope-Id: fa+2B1\n", "fa+1"),
        ("Original-Envelope-Id: \n", None),
        ("Reporting-MTA: dns; mx.example.org\n", None),
    ],
)
def test_the_envelope_is_the_one_that_we_gave(head: str, envelope: str | None) -> None:
    assert only(report(block(), head=head)).envelope == envelope


@pytest.mark.parametrize(
    ("recipient", "addresses"),
    [
        ("rfc822;office@example.org", {"office@example.org"}),
        ("rfc822; <Office@Example.ORG>", {"office@example.org"}),
        ("office@example.org", {"office@example.org"}),
        ("rfc822;office+2Bpress@example.org", {"office+press@example.org"}),
        ("utf-8; büro@example.org", {"büro@example.org"}),
        ("rfc822;", set()),
        ("", set()),
    ],
)
def test_an_address_in_each_of_its_spellings(recipient: str, addresses: set[str]) -> None:
    raw = report(block(recipient="{}")).replace(b"{}", recipient.encode())
    if "ü" in recipient:  # a header of other bytes than ASCII is read in base64 alone
        raw = coded(raw)
    assert only(raw).recipients == addresses


def coded(raw: bytes) -> bytes:
    head, kind, rest = raw.partition(b"message/delivery-status\n")
    blocks, end, tail = rest.partition(b"\n--")
    text = base64.encodebytes(blocks.lstrip(b"\n"))
    return head + kind + b"Content-Transfer-Encoding: base64\n\n" + text + end + tail


def test_an_alias_is_known_by_both_of_its_addresses() -> None:
    written = block() + "Original-Recipient: rfc822;press@example.org\n"
    assert only(report(written)).recipients == {"office@example.org", "press@example.org"}


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ("failed", "failed"),
        ("Failed", "failed"),
        ("delayed (will be tried again)", "delayed"),
        ("EXPANDED", "expanded"),
    ],
)
def test_an_action_is_read_without_its_comment(said: str, action: str) -> None:
    assert only(report(block(said))).action == action


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("5.1.1", "5.1.1"),
        ("5.1.1 (bad destination mailbox address)", "5.1.1"),
        ("4.4.316", "4.4.316"),
        ("550", ""),
        ("1.1.1", ""),
        ("", ""),
    ],
)
def test_a_status_is_a_code_or_nothing(said: str, status: str) -> None:
    assert only(report(block(status=said))).status == status


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("smtp; 550 no; really not", "550 no; really not"),
        ("550 no", "550 no"),
        ("smtp;", "smtp;"),
        ("smtp; 550 no\n such\n\tuser", "550 no such user"),
        ("smtp; 550 \x1b[2Jno", "550 \\u001b[2Jno"),
        ("smtp; " + "x" * 1000, "x" * 300),
    ],
    ids=["a kind", "no kind", "a kind alone", "folded", "control characters", "very long"],
)
def test_a_servers_words_are_one_safe_line(said: str, words: str) -> None:
    assert only(report(block(words=said))).words == words


HEADERS = "Message-ID: <fa.1@example.org>\nSubject: x\n"
CODED = base64.encodebytes(HEADERS.encode()).decode()


@pytest.mark.parametrize(
    ("returned", "message_id"),
    [
        (f"Content-Type: text/rfc822-headers\n\n{HEADERS}", "<fa.1@example.org>"),
        (f"Content-Type: message/rfc822\n\n{HEADERS}\ntext\n", "<fa.1@example.org>"),
        (f"Content-Type: message/global\n\n{HEADERS}\ntext\n", "<fa.1@example.org>"),
        (
            "Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n" + CODED,
            "<fa.1@example.org>",
        ),
        ("Content-Type: text/rfc822-headers\n\nSubject: x\n", None),
        (f"Content-Type: text/plain\n\n{HEADERS}", None),
    ],
    ids=["headers", "a message", "a global message", "base64", "no Message-ID", "prose"],
)
def test_the_letter_is_known_by_what_is_returned_of_it(
    returned: str, message_id: str | None
) -> None:
    assert only(report(block(), more=f"--x\n{returned}\n")).message_id == message_id
