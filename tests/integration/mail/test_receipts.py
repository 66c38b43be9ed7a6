"""What comes back: notifications, bounces, copies, and what only looks like them."""

from __future__ import annotations

import imaplib
import os
import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.support.campaigns import Ended, run, write
from tests.support.clock import FakeClock
from tests.support.servers.faulty_imap import FAULTS, FaultyImap
from tests.support.servers.faulty_smtp import FaultySmtp
from tests.support.servers.mail import Mail
from tests.support.servers.postfix import Postfix

pytestmark = pytest.mark.mail


@pytest.fixture(autouse=True)
def _right_time(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.moment = datetime.now(UTC)  # the servers' is the machine's
    clock.real = 0.1
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "s3nd-pass")


def settings(server: Mail, more: str = "") -> str:
    return (
        f'\n[email]\naccount = "smtp"\npdf = false\n[email.smtp]\nhost = "localhost"\n'
        f'port = {server.smtps}\nusername = "sender@lab.test"\n'
        f'ca_file = "{server.ca_file}"\n[email.imap]\nhost = "localhost"\nport = {server.imaps}\n'
        f'ca_file = "{server.ca_file}"\n{more}'
    )


def state(folder: Path) -> tuple[str, str | None]:
    [row] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    return row["state"], row["cause"]


def until(server: Mail, folder: Path, told: Callable[[Ended], bool]) -> Ended:
    """The status, once the servers have done their work."""
    ended: list[Ended] = []

    def asked() -> bool:
        ended[:] = [run("status", folder=folder)]
        return told(ended[0])

    server.await_(asked)
    return ended[0]


FATES = {
    "at a server with DSN": ("postfix", "ok@example.net", "delivered", None),
    "on to a server without": ("postfix", "ok@example.com", "relayed", None),
    "on by LMTP": ("postfix", "embassy@desk.example.org", "relayed", None),
    "through an alias": ("postfix", "embassy@example.org", "relayed", None),
    "no such mailbox": ("postfix", "nobody@example.net", "failed", "bounce"),
    "a full mailbox": ("postfix", "full@example.net", "failed", "refused"),
    "greylisted for too long": ("postfix", "grey@example.net", "failed", "expired"),
    "in a mailbox of Exim's": ("exim", "embassy@example.org", "delivered", None),
    "back from Exim": ("exim", "latebounce@example.org", "failed", "bounce"),
}


@pytest.mark.parametrize("fate", FATES)
def test_what_became_of_an_email(tmp_path: Path, fate: str, request: pytest.FixtureRequest) -> None:
    which, address, ends, cause = FATES[fate]
    server = request.getfixturevalue("postfix" if which == "postfix" else "mail_server")
    folder = write(tmp_path / "c", [f"one {address}"], settings=settings(server))
    sent = run("send", "--yes", folder=folder)
    assert sent.code == 0 and "accepted" in sent.out
    ended = until(server, folder, lambda _: state(folder) == (ends, cause))
    assert ended.code == (3 if ends == "failed" else 0)
    last = run("log", "--json", folder=folder).lines[-1]
    assert last["event"] == ends
    assert last["raw"].startswith(ends if fate != "through an alias" else "expanded")
    assert run("status", folder=folder).out == ended.out, "told once"
    assert len(run("log", "--json", folder=folder).lines) == last["seq"]


def test_a_letter_that_is_late_is_said_to_be(tmp_path: Path, postfix: Postfix) -> None:
    folder = write(tmp_path / "c", ["one grey@example.net"], settings=settings(postfix))
    run("send", "--yes", folder=folder)
    ended = until(postfix, folder, lambda ended: "delayed" in ended.out)
    assert ended.code == 0 and "Greylisted, try again" in ended.out


def test_an_address_that_bounced_is_held_in_every_campaign(
    tmp_path: Path, postfix: Postfix
) -> None:
    folder = write(tmp_path / "c", ["one nobody@example.net"], settings=settings(postfix))
    run("send", "--yes", folder=folder)
    until(postfix, folder, lambda _: state(folder)[0] == "failed")
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text().replace('id = "test"', 'id = "another"'))
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 3 and "held: failing" in ended.out


def test_a_sender_who_may_not_write_under_that_address(tmp_path: Path, postfix: Postfix) -> None:
    folder = write(tmp_path / "c", ["one ok@example.net"], settings=settings(postfix))
    toml = folder / "faxappeal.toml"
    toml.write_text(toml.read_text().replace("appeals@example.org", "other@example.org"))
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and "not owned by user" in ended.err
    assert state(folder) == ("waiting", "account"), "it goes when that is mended"


@pytest.mark.parametrize(
    ("port", "security", "words"),
    [
        ("in_clear", "starttls", "offers no encryption"),
        ("untrusted", "tls", "no safe connection"),
    ],
)
def test_no_password_leaves_where_the_line_is_not_safe(
    tmp_path: Path, postfix: Postfix, port: str, security: str, words: str
) -> None:
    safe = f"port = {postfix.smtps}\n"
    written = f'port = {getattr(postfix, port)}\nsecurity = "{security}"\n'
    folder = write(
        tmp_path / "c",
        ["one ok@example.net"],
        settings=settings(postfix).replace(safe, written, 1),
    )
    before = postfix.log.count("sasl_username")
    ended = run("send", "--yes", folder=folder)
    assert ended.code == 5 and words in ended.err and "s3nd-pass" not in ended.err
    assert postfix.log.count("sasl_username") == before


@pytest.mark.parametrize("is_good", [True, False])
def test_a_token_signs_in_to_both(
    tmp_path: Path, postfix: Postfix, monkeypatch: pytest.MonkeyPatch, is_good: bool
) -> None:
    """XOAUTH2 at a real Postfix and a real Dovecot; a token that is over is refused, not shown."""
    monkeypatch.delenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD")
    token = "ya29.s3cret-token"
    monkeypatch.setitem(postfix.tokens, token if is_good else "another", "sender@lab.test")
    user = 'username = "sender@lab.test"\n'
    command = f'token_command = "echo {token}"\n'
    folder = write(
        tmp_path / "c",
        ["one ok@example.net"],
        settings=settings(postfix).replace(user, user + command),
    )
    ended = run("send", "--yes", folder=folder)
    if is_good:
        assert ended.code == 0
        until(postfix, folder, lambda _: state(folder) == ("delivered", None))
    else:
        assert ended.code == 5 and "535" in ended.err and "token_command" in ended.err
    assert token not in ended.out + ended.err + run("log", folder=folder).out


def deliver_message(server: Mail, head: str, body: str = "Hello.\n") -> None:
    """A message into the sender's mailbox, as from outside."""
    tls = ssl.create_default_context(cafile=str(server.ca_file))
    with smtplib.SMTP_SSL("localhost", server.smtps, "localhost", context=tls) as smtp:
        smtp.login("sender@lab.test", "s3nd-pass")
        message = f"To: appeals@example.org\nSubject: Re: Please answer\n{head}\n{body}"
        smtp.sendmail("sender@lab.test", "appeals@example.org", message.replace("\n", "\r\n"))


def message_id(folder: Path) -> str:
    """Of the one letter, as the log's document has it."""
    [document] = {e["document"] for e in run("log", "--json", folder=folder).lines} - {None}
    raw = (Path(os.environ["XDG_DATA_HOME"]) / "faxappeal/documents" / document).read_bytes()
    return str(message_from_bytes(raw)["Message-ID"])


def test_an_answer_and_a_forged_bounce_are_listed_and_change_nothing(
    tmp_path: Path, mail_server: Mail
) -> None:
    folder = write(tmp_path / "c", ["one embassy@example.org"], settings=settings(mail_server))
    run("send", "--yes", folder=folder)
    until(mail_server, folder, lambda _: state(folder)[0] == "delivered")
    id = message_id(folder)
    deliver_message(mail_server, f"From: Office <office@example.net>\nIn-Reply-To: {id}\n")
    kind = "multipart/report; report-type=delivery-status; boundary=b"
    deliver_message(
        mail_server,
        f"From: \x1b]0;pwned\x07 <postmaster@example.net>\nContent-Type: {kind}\n",
        "--b\nContent-Type: message/delivery-status\n\n"
        f"Original-Envelope-Id: fa-{'0' * 32}\n\n"
        "Final-Recipient: rfc822;embassy@example.org\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {id}\n\n--b--\n",
    )
    ended = until(mail_server, folder, lambda ended: ended.out.count("To look at") == 2)
    assert "an answer about" in ended.out and "office@example.net" in ended.out
    assert "perhaps forged" in ended.out and "\x1b" not in ended.out
    assert state(folder) == ("delivered", None)
    assert all(len(line) <= 100 for line in ended.out.splitlines())
    mails = run("status", "--json", folder=folder).json["data"]["mail"]
    assert {mail["kind"] for mail in mails} == {"answer", "forged"}


def test_a_mailbox_is_only_looked_at(tmp_path: Path, mail_server: Mail) -> None:
    folder = write(tmp_path / "c", ["one embassy@example.org"], settings=settings(mail_server))
    run("send", "--yes", folder=folder)
    until(mail_server, folder, lambda _: state(folder)[0] == "delivered")
    tls = ssl.create_default_context(cafile=str(mail_server.ca_file))
    with imaplib.IMAP4_SSL("localhost", mail_server.imaps, ssl_context=tls) as imap:
        imap.login("sender@lab.test", "s3nd-pass")
        imap.select("INBOX", readonly=True)
        assert imap.search(None, "SEEN")[1] == [b""] == imap.search(None, "DELETED")[1]
        assert imap.search(None, "ALL")[1] != [b""]


@pytest.mark.parametrize(
    ("without", "setting", "words"),
    [
        ("-", 'password_command = "echo hunter2"', "refused the sign-in to the mailbox"),
        ("port", "port = 1", "the mailbox: "),
        ("ca_file", "", "no safe connection to the mailbox"),
    ],
)
def test_a_mailbox_that_cannot_be_read_hinders_no_letter(
    tmp_path: Path, mail_server: Mail, without: str, setting: str, words: str
) -> None:
    head, mark, imap = settings(mail_server).partition("[email.imap]\n")
    kept = [line for line in imap.splitlines() if not line.startswith(without)]
    folder = write(
        tmp_path / "c",
        ["one embassy@example.org"],
        settings=head + mark + "\n".join([*kept, setting, ""]),
    )
    sent = run("send", "--yes", folder=folder)
    assert sent.code == 0 and not sent.err
    ended = run("status", folder=folder)
    assert ended.code == 0 and "accepted" in ended.out
    assert words in ended.err and "Hint:" in ended.err and "hunter2" not in ended.err


def test_an_unknown_email_says_what_to_look_for(tmp_path: Path) -> None:
    with FaultySmtp("close_after_dot") as server:
        folder = write(
            tmp_path / "c",
            ["one office@example.org"],
            settings='\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "127.0.0.1"\n'
            f'security = "none"\nport = {server.port}\n',
        )
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 4
    assert f"for Message-ID {message_id(folder)}" in ended.out
    assert "faxappeal resolve" in ended.out


@pytest.mark.parametrize("fault", FAULTS)
def test_a_mailbox_that_is_out_of_order_is_told_and_changes_nothing(
    tmp_path: Path, mail_server: Mail, fault: str
) -> None:
    head, mark, _ = settings(mail_server).partition("[email.imap]\n")
    with FaultyImap(tmp_path, fault) as server:
        imap = f'host = "localhost"\nport = {server.port}\nca_file = "{server.ca_file}"\n'
        recipients = ["one embassy@example.org"]
        folder = write(tmp_path / "c", recipients, settings=head + mark + imap)
        assert run("send", "--yes", folder=folder).code == 0
        ended = run("status", folder=folder)
        tried = run("accounts", folder=folder)
    assert ended.code == 0 and state(folder) == ("accepted", None)
    assert ("the mailbox" in ended.err) == (fault != "fetches a wrong date"), ended.err
    assert tried.code in (0, 5)
