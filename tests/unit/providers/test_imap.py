"""The sender's mailbox: what is read of it, and what happens where it cannot be read."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes
from imaplib import IMAP4
from typing import Any

import pytest
from imapclient.exceptions import LoginError

from faxappeal.core.errors import SetupError
from faxappeal.providers.base import Unreachable
from faxappeal.providers.imap import Mailbox
from faxappeal.providers.sign_in import Login

NOON = datetime(2026, 11, 24, 12)
ANSWER = b"From: office@example.org\r\nIn-Reply-To: <a@example.org>\r\n\r\nThank you.\r\n"
BOUNCE = b"From: MAILER-DAEMON@mx.example.org\r\n\r\nHi. This is qmail.\r\n"
REPORT = (
    b"From: robot@mx.example.org\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x--\r\n"
)
PASSWORD = Login("appeals@example.org", "hunter2")


@dataclass
class Stored:
    raw: bytes
    at: datetime | None = NOON
    is_gone: bool = False  # when its body is asked for


@dataclass
class ImapAccount:
    """A mailbox as IMAPClient shows it; where `fails` names a command, that raises."""

    folders: dict[str, list[Stored]] = field(default_factory=lambda: {"INBOX": []})
    uses: dict[str, bytes] = field(default_factory=dict)  # of folders
    fails: dict[str, Exception] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    selected: str = ""

    def __call__(self, host: str, port: int, **_: Any) -> ImapAccount:
        self._do("connect")
        return self

    def _do(self, command: str) -> None:
        self.done.append(command)
        if error := self.fails.get(command):
            raise error

    def starttls(self, _context: ssl.SSLContext) -> None:
        self._do("starttls")

    def login(self, user: str, secret: str) -> None:
        self._do("login")

    def oauth2_login(self, user: str, token: str) -> None:
        self._do("oauth2_login")

    def list_folders(self) -> list[tuple[tuple[bytes, ...], bytes, str]]:
        self._do("list")
        return [((b"\\HasNoChildren", self.uses.get(n, b"")), b"/", n) for n in self.folders]

    def select_folder(self, folder: str, readonly: bool = False) -> dict[bytes, int]:
        assert readonly, "nothing in it may change"
        self._do(f"select {folder}")
        self.selected = folder
        return {b"EXISTS": len(self.folders[folder])}

    def search(self, criteria: Sequence[Any]) -> list[int]:
        self._do("search")
        mails = enumerate(self.folders[self.selected], 1)
        if criteria[0] == "SINCE":
            assert isinstance(criteria[1], date)
            return [n for n, mail in mails if mail.at is None or mail.at.date() >= criteria[1]]
        _, header, value = criteria
        return [n for n, mail in mails if message_from_bytes(mail.raw)[header] == value]

    def fetch(self, numbers: Sequence[int], items: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        assert items[0].startswith("BODY.PEEK["), "it would be marked as read"
        self._do("fetch")
        mails = {number: self.folders[self.selected][number - 1] for number in numbers}
        if "HEADER" not in items[0]:
            return {n: {b"BODY[]<0>": m.raw} for n, m in mails.items() if not m.is_gone}
        name = items[0].replace(".PEEK", "").encode()
        return {
            n: {name: m.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", b"INTERNALDATE": m.at}
            for n, m in mails.items()
        }

    def logout(self) -> None:
        self._do("logout")

    def shutdown(self) -> None:
        self._do("shutdown")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> ImapAccount:
    account = ImapAccount()
    monkeypatch.setattr("imapclient.IMAPClient", account)
    return account


def mailbox(security: Any = "tls", login: Login = PASSWORD) -> Mailbox:
    return Mailbox("mail.example.org", 993, security, login, None)


SINCE = NOON.astimezone()


# -- what is read ----------------------------------------------------------------------------------


def test_mails_of_the_inbox_and_of_the_junk_are_read(account: ImapAccount) -> None:
    account.folders = {
        "INBOX": [Stored(ANSWER)],
        "Spam": [Stored(BOUNCE)],
        "Work": [Stored(ANSWER)],
    }
    account.uses = {"Spam": b"\\Junk"}
    found = list(mailbox().mails(SINCE))
    assert [(mail.folder, mail.head["From"]) for mail in found] == [
        ("INBOX", "office@example.org"),
        ("Spam", "MAILER-DAEMON@mx.example.org"),
    ]
    assert found[0].at == SINCE


@pytest.mark.parametrize(
    ("raw", "is_read"),
    [(ANSWER, False), (BOUNCE, True), (REPORT, True), (b"\r\n\r\n", False)],
    ids=["a person's answer", "a mail server's prose", "a report", "no headers"],
)
def test_only_what_a_mail_server_wrote_is_read_to_its_end(
    account: ImapAccount, raw: bytes, is_read: bool
) -> None:
    account.folders["INBOX"] = [Stored(raw)]
    [mail] = mailbox().mails(SINCE)
    assert mail.raw == (raw if is_read else b"")


def test_a_mail_of_the_day_before_counts_for_the_server_may_live_elsewhere(
    account: ImapAccount,
) -> None:
    days = [datetime(2026, 11, day, 12) for day in (22, 23, 24)]
    account.folders["INBOX"] = [Stored(ANSWER, day) for day in days]
    assert [mail.at for mail in mailbox().mails(SINCE)] == [day.astimezone() for day in days[1:]]


def test_of_many_mails_none_is_left_out(account: ImapAccount) -> None:
    account.folders["INBOX"] = [Stored(ANSWER)] * 450
    assert len(list(mailbox().mails(SINCE))) == 450


def test_an_empty_mailbox_has_no_mails(account: ImapAccount) -> None:
    assert list(mailbox().mails(SINCE)) == []


def test_a_mail_without_a_date_has_none(account: ImapAccount) -> None:
    account.folders["INBOX"] = [Stored(ANSWER, at=None)]
    assert [mail.at for mail in mailbox().mails(SINCE)] == [None]


def test_a_mail_that_is_deleted_while_it_is_read_has_no_body(account: ImapAccount) -> None:
    account.folders["INBOX"] = [Stored(BOUNCE, is_gone=True)]
    assert [mail.raw for mail in mailbox().mails(SINCE)] == [b""]


COPY = Stored(b"Message-ID: <fa.1@example.org>\r\n\r\n")


@pytest.mark.parametrize(
    ("folders", "uses", "found"),
    [
        pytest.param({"INBOX": [COPY], "Sent": [COPY]}, {"Sent": b"\\Sent"}, "INBOX", id="inbox"),
        pytest.param({"INBOX": [], "Outbox": [COPY]}, {"Outbox": b"\\Sent"}, "Outbox", id="sent"),
        pytest.param({"INBOX": [], "All": [COPY]}, {"All": b"\\All"}, "All", id="all mail"),
        pytest.param({"INBOX": [], "Sent": [COPY]}, {}, None, id="a folder that says nothing"),
        pytest.param({"INBOX": [Stored(ANSWER)]}, {}, None, id="nowhere"),
    ],
)
def test_a_copy_of_a_letter_is_looked_for_where_copies_lie(
    account: ImapAccount,
    folders: dict[str, list[Stored]],
    uses: dict[str, bytes],
    found: str | None,
) -> None:
    account.folders, account.uses = folders, uses
    assert mailbox().copy_of("<fa.1@example.org>") == found


@pytest.mark.parametrize(
    ("uses", "sent"), [({"Sent": b"\\Sent"}, "Sent"), ({}, "none that says so")]
)
def test_a_check_tells_how_many_messages_there_are(
    account: ImapAccount, uses: dict[str, bytes], sent: str
) -> None:
    account.folders = {"INBOX": [Stored(ANSWER)] * 3, "Sent": []}
    account.uses = uses
    assert [(probe.name, probe.ok, probe.words) for probe in mailbox().check()] == [
        ("mailbox", True, "mail.example.org:993, as appeals@example.org"),
        ("inbox", True, f"3 messages; sent mail: {sent}"),
    ]


# -- where it cannot be read -----------------------------------------------------------------------

READS: dict[str, Callable[[Mailbox], object]] = {
    "mails": lambda box: list(box.mails(SINCE)),
    "copy_of": lambda box: box.copy_of("<fa.1@example.org>"),
    "check": lambda box: box.check(),
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    ("command", "error", "words"),
    [
        ("connect", ConnectionRefusedError(111, "refused"), "the mailbox: [Errno 111] refused"),
        ("connect", TimeoutError(), "the mailbox: TimeoutError"),
        ("select INBOX", IMAP4.error("[SERVERBUG] not now"), "the mailbox: [SERVERBUG] not now"),
        ("select INBOX", IMAP4.abort("it is gone"), "the mailbox: it is gone"),
        ("list", IMAP4.abort("\x1b[2J gone"), "the mailbox: [2J gone"),
    ],
)
def test_a_mailbox_that_cannot_be_asked_is_unreachable(
    account: ImapAccount, read: str, command: str, error: Exception, words: str
) -> None:
    account.fails[command] = error
    with pytest.raises(Unreachable) as refused:
        READS[read](mailbox())
    assert str(refused.value) == words


@pytest.mark.parametrize("read", READS)
def test_a_certificate_that_is_not_valid_is_a_mistake_in_the_settings(
    account: ImapAccount, read: str
) -> None:
    account.fails["connect"] = ssl.SSLCertVerificationError("certificate verify failed")
    with pytest.raises(SetupError, match="no safe connection to the mailbox") as refused:
        READS[read](mailbox())
    assert "[email.imap]" in refused.value.hint


def test_a_junk_folder_that_cannot_be_opened_is_passed_over(account: ImapAccount) -> None:
    account.folders = {"INBOX": [Stored(ANSWER)], "Spam": [Stored(BOUNCE)]}
    account.uses = {"Spam": b"\\Junk"}
    account.fails["select Spam"] = IMAP4.error("no permission")
    assert [mail.folder for mail in mailbox().mails(SINCE)] == ["INBOX"]


def test_a_connection_that_ends_at_the_junk_folder_is_no_end_of_the_mails(
    account: ImapAccount,
) -> None:
    """What was not read may be there."""
    account.folders = {"INBOX": [], "Spam": []}
    account.uses = {"Spam": b"\\Junk"}
    account.fails["select Spam"] = IMAP4.abort("it is gone")
    with pytest.raises(Unreachable):
        list(mailbox().mails(SINCE))


# -- signing in ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("security", "is_token", "steps"),
    [
        ("tls", False, ["connect", "login"]),
        ("starttls", False, ["connect", "starttls", "login"]),
        ("tls", True, ["connect", "oauth2_login"]),
        ("starttls", True, ["connect", "starttls", "oauth2_login"]),
    ],
)
def test_the_sign_in_comes_after_tls(
    account: ImapAccount, security: str, is_token: bool, steps: list[str]
) -> None:
    login = Login("appeals@example.org", "secret", is_token)
    mailbox(security, login).check()
    assert account.done[: len(steps)] == steps


def test_without_starttls_no_password_is_sent(account: ImapAccount) -> None:
    account.fails["starttls"] = IMAP4.error("STARTTLS is not known")
    with pytest.raises(Unreachable):
        mailbox("starttls").check()
    assert account.done == ["connect", "starttls", "shutdown"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((b"[AUTHENTICATIONFAILED] no hunter2 here",), "[AUTHENTICATIONFAILED] no … here"),
        (("b'[AUTHENTICATIONFAILED] no'",), "[AUTHENTICATIONFAILED] no"),
        (("no \x1b[2J\r\nentry",), "no [2J entry"),
        ((), ""),
    ],
    ids=["bytes with the password", "bytes as a text", "control characters", "nothing"],
)
def test_a_sign_in_that_is_refused_says_why_and_shows_no_password(
    account: ImapAccount, said: tuple[Any, ...], words: str
) -> None:
    account.fails["login"] = LoginError(*said)
    with pytest.raises(SetupError) as refused:
        mailbox().check()
    assert str(refused.value) == f"mail.example.org refused the sign-in to the mailbox: {words}"
    assert account.done[-1] == "shutdown", "the connection does not stay open"


# -- sessions --------------------------------------------------------------------------------------


def test_one_connection_serves_all_questions_until_it_is_closed(account: ImapAccount) -> None:
    box = mailbox()
    for read in READS.values():
        read(box)
    box.close()
    box.close()
    assert account.done.count("connect") == 1 and account.done.count("logout") == 1
    box.check()
    assert account.done.count("connect") == 2


@pytest.mark.parametrize("error", [OSError("gone"), IMAP4.abort("gone"), IMAP4.error("BAD")])
def test_a_farewell_that_fails_is_no_failure(account: ImapAccount, error: Exception) -> None:
    box = mailbox()
    box.check()
    account.fails = {"logout": error, "shutdown": OSError("gone")}
    box.close()
    assert account.done[-2:] == ["logout", "shutdown"]
