"""The sender's mailbox: what is read in it, and what is said where it cannot be."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from imaplib import IMAP4
from typing import Any

import pytest
from imapclient.exceptions import LoginError

from faxappeal.core.errors import SetupError
from faxappeal.providers.base import Unreachable
from faxappeal.providers.imap import Mailbox
from faxappeal.providers.sign_in import Login

SINCE = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ANSWER = b"From: office@example.org\r\nContent-Type: text/plain\r\n\r\n"
BOUNCE = b"From: MAILER-DAEMON@mx.example.org\r\nContent-Type: multipart/report\r\n\r\n"


@dataclass
class Client:
    """What IMAPClient shows of an account: folders with their messages, by number."""

    folders: dict[str, dict[int, bytes]]
    special: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    locked: dict[str, Exception] = field(default_factory=dict)  # by folder
    at: datetime | None = SINCE
    fetched: list[Any] = field(default_factory=list)
    logout_error: Exception | None = None
    is_shut: bool = False
    selected: str = ""
    asked: list[Any] = field(default_factory=list)

    def list_folders(self) -> list[tuple[Any, bytes, str]]:
        return [(self.special.get(name, ()), b"/", name) for name in self.folders]

    def select_folder(self, folder: str, readonly: bool) -> dict[bytes, Any]:
        assert readonly, "a look leaves no mark"
        if error := self.locked.get(folder):
            raise error
        self.selected = folder
        return {b"EXISTS": len(self.folders[folder])}

    def search(self, words: list[Any]) -> list[int]:
        self.asked.append(words)
        messages = self.folders[self.selected]
        if words[0] == "SINCE":
            return list(messages)
        return [number for number, raw in messages.items() if words[2].encode() in raw]

    def fetch(self, numbers: list[int], parts: list[str]) -> dict[int, dict[bytes, Any]]:
        self.fetched.append((self.selected, tuple(numbers), parts[0].partition("[")[2][:6]))
        messages = self.folders[self.selected]
        found = {n: {b"BODY[HEADER]": messages[n], b"INTERNALDATE": self.at} for n in numbers}
        return found if len(parts) > 1 else {n: {b"BODY[]<0>": messages[n]} for n in numbers}

    def logout(self) -> None:
        if self.logout_error:
            raise self.logout_error

    def shutdown(self) -> None:
        self.is_shut = True


def mailbox(client: Any, secret: str = "hunter2") -> Mailbox:
    login = Login("appeals@example.org", secret)
    made = Mailbox("imap.example.org", 993, "tls", login, None)
    made._open = client
    return made


def test_the_inbox_and_the_junk_are_read() -> None:
    client = Client(
        {"INBOX": {1: ANSWER}, "Spam": {7: BOUNCE}, "Sent": {3: ANSWER}},
        special={"Spam": (b"\\Junk",), "Sent": (b"\\Sent",)},
    )
    found = list(mailbox(client).mails(SINCE))
    assert [mail.folder for mail in found] == ["INBOX", "Spam"]
    assert client.asked[0] == ["SINCE", date(2026, 11, 23)], "the server's day may be another"


def test_only_a_notification_is_read_as_a_whole() -> None:
    client = Client({"INBOX": {1: ANSWER, 2: BOUNCE}})
    answer, bounce = mailbox(client).mails(SINCE)
    assert answer.raw == b"" and bounce.raw == BOUNCE
    assert client.fetched[1][:2] == ("INBOX", (2,)), "the answer stays where it is"


def test_a_message_without_a_date_has_none() -> None:
    [mail] = mailbox(Client({"INBOX": {1: ANSWER}}, at=None)).mails(SINCE)
    assert mail.at is None


def test_hundreds_of_messages_are_asked_for_in_parts() -> None:
    client = Client({"INBOX": dict.fromkeys(range(450), ANSWER)})
    assert len(list(mailbox(client).mails(SINCE))) == 450
    assert [len(numbers) for _, numbers, _ in client.fetched] == [200, 200, 50]


def test_a_folder_that_cannot_be_selected_is_left_out_unless_it_is_the_inbox() -> None:
    folders: dict[str, dict[int, bytes]] = {"INBOX": {1: ANSWER}, "Spam": {7: BOUNCE}}
    client = Client(folders, {"Spam": (b"\\Junk",)}, {"Spam": IMAP4.error("no such mailbox")})
    assert [mail.folder for mail in mailbox(client).mails(SINCE)] == ["INBOX"]
    client = Client(folders, locked={"INBOX": IMAP4.error("in use")})
    with pytest.raises(Unreachable, match="the mailbox: in use"):
        list(mailbox(client).mails(SINCE))


def test_a_connection_that_is_gone_is_not_taken_for_a_missing_folder() -> None:
    folders: dict[str, dict[int, bytes]] = {"INBOX": {}, "Spam": {7: BOUNCE}}
    client = Client(folders, {"Spam": (b"\\Junk",)}, {"Spam": IMAP4.abort("socket error: EOF")})
    with pytest.raises(Unreachable, match="EOF"):
        list(mailbox(client).mails(SINCE))


@pytest.mark.parametrize(
    ("holds", "folder"),
    [("INBOX", "INBOX"), ("Sent", "Sent"), ("All", "All"), ("Drafts", None)],
)
def test_a_copy_is_looked_for_where_it_may_be(holds: str, folder: str | None) -> None:
    folders: dict[str, dict[int, bytes]] = {name: {} for name in ("INBOX", "Sent", "All", "Drafts")}
    folders[holds][1] = b"Message-ID: <fa.1@example.org>\r\n\r\n"
    special: dict[str, tuple[bytes, ...]] = {"Sent": (b"\\Sent",), "All": (b"\\All",)}
    assert mailbox(Client(folders, special)).copy_of("<fa.1@example.org>") == folder


def test_check_says_who_reads_what() -> None:
    client = Client({"INBOX": {1: ANSWER}, "Out": {}}, {"Out": (b"\\Sent",)})
    account, inbox = mailbox(client).check()
    assert account.words == "imap.example.org:993, as appeals@example.org"
    assert inbox.words == "1 messages; sent mail: Out"
    [_, inbox] = mailbox(Client({"INBOX": {}})).check()
    assert inbox.words == "0 messages; sent mail: none that says so"


@pytest.mark.parametrize("error", [None, OSError("gone"), IMAP4.error("gone")])
def test_closing_never_fails_and_may_be_done_twice(error: Exception | None) -> None:
    client = Client({"INBOX": {}}, logout_error=error)
    opened = mailbox(client)
    opened.close()
    opened.close()
    assert client.is_shut is bool(error)


class Refusing:
    """A server that refuses the sign-in, and repeats the secret."""

    def __init__(self, reply: object) -> None:
        self.reply = reply

    def login(self, user: str, secret: str) -> None:
        raise LoginError(self.reply) if self.reply else LoginError()

    oauth2_login = login


@pytest.mark.parametrize("is_token", [False, True])
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"[AUTHENTICATIONFAILED] hunter2 is wrong", "[AUTHENTICATIONFAILED] … is wrong"),
        ("b'LOGIN failed'", "LOGIN failed"),
        ("", ""),
    ],
)
def test_a_refused_sign_in_names_the_reply_and_not_the_secret(
    reply: object, words: str, is_token: bool
) -> None:
    opened = Mailbox(
        "imap.example.org", 993, "tls", Login("a@example.org", "hunter2", is_token), None
    )
    with pytest.raises(SetupError) as caught:
        opened._log_in(Refusing(reply))
    assert caught.value.message == (f"imap.example.org refused the sign-in to the mailbox: {words}")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ssl.SSLCertVerificationError("self-signed certificate"), SetupError, "no safe connection"),
        (ConnectionRefusedError(), Unreachable, "ConnectionRefusedError"),
        (TimeoutError("timed out"), Unreachable, "timed out"),
    ],
)
def test_each_trouble_has_its_words(error: Exception, kind: type[Exception], words: str) -> None:
    client = Client({"INBOX": {}}, locked={"INBOX": error})
    with pytest.raises(kind, match=words):
        list(mailbox(client).mails(SINCE))
