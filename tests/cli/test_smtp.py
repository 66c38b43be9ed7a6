"""SMTP: how each thing that a server may do ends, and what never leaves without TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import trustme

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import Accepted, Failed, Job, Outcome, Unknown
from faxappeal.providers.sign_in import Login
from faxappeal.providers.smtp import Smtp
from tests.support.servers.faulty_smtp import HANG_UP, FaultySmtp

JOB = Job("fa-1", "office@example.org", b"Subject: x\r\n\r\n.a line with a dot\r\n")


def send(server: FaultySmtp, **options: Any) -> Outcome:
    arguments: dict[str, Any] = {
        "security": "none",
        "sender": "appeals@example.org",
        "login": None,
        "after_dot": 1.0,
    }
    with closing(Smtp("127.0.0.1", server.port, **(arguments | options))) as smtp:
        return smtp.submit(JOB, lambda: None)


def account(server: FaultySmtp) -> Smtp:
    return Smtp("127.0.0.1", server.port, "none", "appeals@example.org", None)


@pytest.mark.parametrize(
    ("behaviour", "kind", "cause"),
    [
        ("accept", Accepted, None),
        pytest.param("two_lines", Accepted, None, id="S02"),
        pytest.param("close_after_dot", Unknown, None, id="S03"),
        pytest.param("silent_after_dot", Unknown, None, id="S04"),
        pytest.param("451_after_dot", Failed, Cause.PROVIDER, id="S05"),
        ("554_after_dot", Failed, Cause.REFUSED),
        pytest.param("latin1_reply", Accepted, None, id="S14"),
        pytest.param("long_reply", Unknown, None, id="S15"),
        pytest.param("garbage_reply", Unknown, None, id="S16"),
        ("escape_in_reply", Accepted, None),
    ],
)
def test_after_the_final_dot(behaviour: str, kind: type[Outcome], cause: Cause | None) -> None:
    with FaultySmtp(behaviour) as server:
        outcome = send(server)
    assert isinstance(outcome, kind), outcome
    assert getattr(outcome, "cause", None) == cause
    assert server.accepted == 1
    assert "\x1b" not in outcome.report.raw and "\x07" not in outcome.report.raw


@pytest.mark.parametrize(
    ("replies", "cause"),
    [
        pytest.param({"RCPT": b"450 4.7.1 greylisted\r\n"}, Cause.PROVIDER, id="S09"),
        pytest.param({"RCPT": b"421 4.3.2 shutting down\r\n"}, Cause.PROVIDER, id="S07"),
        ({"RCPT": b"550 5.1.1 no such user\r\n"}, Cause.BOUNCE),
        ({"RCPT": b"550 5.7.1 relaying denied\r\n"}, Cause.REFUSED),
        ({"MAIL": b"555 5.5.4 not known\r\n"}, Cause.REFUSED),
        ({"MAIL": b"530 5.7.0 sign in first\r\n"}, Cause.ACCOUNT),
        ({"DATA": b"452 4.3.1 disk full\r\n"}, Cause.PROVIDER),
        ({"RCPT": HANG_UP}, Cause.PROVIDER),
        ({"DATA": HANG_UP}, Cause.PROVIDER),
        ({"RCPT": b"552 5.2.2 mailbox full\r\n"}, Cause.REFUSED),
        ({"RCPT": b"550 5.0.0 no\r\n"}, Cause.BOUNCE),
    ],
)
def test_refused_before_anything_left(replies: dict[str, bytes], cause: Cause) -> None:
    left = []
    with FaultySmtp(replies=replies) as server, closing(account(server)) as smtp:
        outcome = smtp.submit(JOB, lambda: left.append(True))
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert not left and server.accepted == 0


@pytest.mark.parametrize(
    ("behaviour", "queue_id"),
    [
        ("accept", "ABC123"),
        ("gmail", "5b1f17b1804b1-4abc.12"),
        ("exchange", "AM0PR01MB0001.prod.exchangelabs.com"),
        ("exim", "1xVXhe-00086x-1i"),
        ("escape_in_reply", "2.0.0 \\u001b]0;pwned\\u0007\\u001b[2J[red]ok queued"),
    ],
)
def test_the_servers_name_of_the_message_is_kept(behaviour: str, queue_id: str) -> None:
    with FaultySmtp(behaviour) as server:
        outcome = send(server)
    assert outcome.report.account_reference == queue_id


@pytest.mark.parametrize(
    "replies", [{"RCPT": b"251 will forward to <x@y.example>\r\n"}, {"QUIT": HANG_UP}]
)
def test_what_is_odd_and_no_refusal(replies: dict[str, bytes]) -> None:
    with FaultySmtp(replies=replies) as server:
        assert isinstance(send(server), Accepted)
    assert server.accepted == 1


def sessions(server: FaultySmtp) -> int:
    return sum(line.startswith(b"ehlo") for line in server.seen)


def test_a_session_carries_several_letters() -> None:
    with FaultySmtp() as server, closing(account(server)) as smtp:
        outcomes = [smtp.submit(JOB, lambda: None) for _ in range(60)]
        assert all(isinstance(outcome, Accepted) for outcome in outcomes)
        assert server.accepted == 60 and sessions(server) == 2, "servers count up to 100"


def test_a_letter_that_is_refused_does_not_end_the_session() -> None:
    with FaultySmtp(replies={"RCPT": b"550 5.1.1 no such user\r\n"}) as server:
        with closing(account(server)) as smtp:
            smtp.submit(JOB, lambda: None)
            server.replies.clear()
            assert isinstance(smtp.submit(JOB, lambda: None), Accepted)
        assert sessions(server) == 1


@pytest.mark.parametrize("way", ["at RSET", "at MAIL", "it hangs up"])
def test_a_server_that_has_enough_of_a_session_gets_the_next_letter_in_another(way: str) -> None:
    """Nothing of that letter has left: it need not wait, and it is not sent twice."""
    left: list[int] = []
    with FaultySmtp() as server, closing(account(server)) as smtp:
        smtp.submit(JOB, lambda: left.append(1))
        if way == "it hangs up":
            assert smtp._server and smtp._server.sock
            smtp._server.sock.shutdown(2)
        else:
            server.replies[way.split()[1]] = b"421 4.7.0 too many messages\r\n"
            server.after_421 = server.replies.clear
        outcome = smtp.submit(JOB, lambda: left.append(2))
    assert isinstance(outcome, Accepted), outcome
    assert left == [1, 2] and server.accepted == 2 and sessions(server) == 2


def test_a_session_that_died_while_the_laptop_slept_is_given_up_as_soon_as_a_connection_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not after the ten minutes that a server may take to answer a message."""
    with FaultySmtp() as server, closing(account(server)) as smtp:
        smtp.submit(JOB, lambda: None)
        assert smtp._server and smtp._server.sock
        waits: list[float | None] = []
        rset, sock = smtp._server.rset, smtp._server.sock

        def noted() -> tuple[int, bytes]:
            waits.append(sock.gettimeout())
            return rset()

        monkeypatch.setattr(smtp._server, "rset", noted)
        assert isinstance(smtp.submit(JOB, lambda: None), Accepted)
    assert waits == [30.0]


def test_a_421_after_the_dot_is_no_reason_to_send_at_once_again() -> None:
    left = []
    behaviours: Iterator[str] = iter(["accept", "421_after_dot", "accept"])
    with FaultySmtp(lambda: next(behaviours)) as server, closing(account(server)) as smtp:
        smtp.submit(JOB, lambda: left.append(1))
        outcome = smtp.submit(JOB, lambda: left.append(2))
        assert isinstance(outcome, Failed) and outcome.cause is Cause.PROVIDER
        assert left == [1, 2] and server.accepted == 2


def test_a_server_that_greets_with_a_refusal_is_tried_later() -> None:
    with FaultySmtp(greeting=b"554 5.7.1 go away\r\n") as server:
        outcome = send(server)
    assert isinstance(outcome, Failed) and outcome.cause is Cause.PROVIDER


def test_a_message_that_is_too_big_is_told_before_mail() -> None:  # S23
    with FaultySmtp(extensions=(b"SIZE 10",)) as server:
        outcome = send(server)
    assert isinstance(outcome, Failed) and outcome.cause is Cause.DOCUMENT
    assert not any(line.startswith(b"MAIL") for line in server.seen)


def test_no_starttls_no_password() -> None:  # S17
    with FaultySmtp(extensions=(b"AUTH PLAIN LOGIN",)) as server, pytest.raises(SetupError):
        send(server, security="starttls", login=Login("user", "hunter2"))
    assert not any(line.startswith(b"AUTH") for line in server.seen)


def test_a_password_never_leaves_without_tls() -> None:
    with FaultySmtp(extensions=(b"AUTH PLAIN LOGIN",)) as server, pytest.raises(SetupError):
        send(server, login=Login("user", "hunter2"))
    assert not any(line.startswith(b"AUTH") for line in server.seen)


def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(made)
    return made


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:  # S19
    with FaultySmtp(tls=context()) as server, pytest.raises(SetupError, match="no safe connection"):
        send(server, security="tls", login=Login("user", "hunter2"))
    assert not server.seen


# -- what is asked for beside the letter -----------------------------------------------------------


def commands_seen(server: FaultySmtp, word: bytes) -> list[bytes]:
    return [line for line in server.seen if line.upper().startswith(word)]


def test_notifications_are_asked_for_where_they_are_offered() -> None:
    with FaultySmtp(extensions=(b"DSN", b"SIZE 100000")) as server:
        send(server)
    [mail], [rcpt] = commands_seen(server, b"MAIL"), commands_seen(server, b"RCPT")
    assert mail.endswith(b"RET=HDRS ENVID=fa-1") and b"SIZE=" in mail
    assert rcpt.endswith(b"NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;office@example.org")
    with FaultySmtp() as server:
        send(server)
    assert b"ENVID" not in b" ".join(server.seen)


def test_an_address_with_a_plus_is_written_as_the_envelope_wants_it() -> None:
    job = Job("fa-1", "office+press@example.org", JOB.document)
    with FaultySmtp(extensions=(b"DSN",)) as server, closing(account(server)) as smtp:
        smtp.submit(job, lambda: None)
    [rcpt] = commands_seen(server, b"RCPT")
    assert b"<office+press@example.org>" in rcpt and b"rfc822;office+2Bpress@" in rcpt


def test_notifications_that_are_offered_and_not_understood_hinder_no_letter() -> None:
    server = FaultySmtp(extensions=(b"DSN",))
    usual = server._usual

    def answer(word: str) -> bytes:
        dsn = word == "MAIL" and b"ENVID" in server.seen[-1]
        return b"555 5.5.4 RET not known\r\n" if dsn else usual(word)

    server._usual = answer  # type: ignore[method-assign]
    with server:
        outcome = send(server)
    assert isinstance(outcome, Accepted) and server.accepted == 1
    assert len(commands_seen(server, b"MAIL")) == 2 and len(commands_seen(server, b"RSET")) == 1


def test_a_copy_goes_to_the_sender_in_the_same_transaction() -> None:
    with FaultySmtp(extensions=(b"DSN",)) as server:
        send(server, copy_to="appeals@example.org")
    first, copy = commands_seen(server, b"RCPT")
    assert b"office@example.org" in first and copy.endswith(b"<appeals@example.org> NOTIFY=NEVER")
    assert server.accepted == 1


@pytest.mark.parametrize(
    "reply", [pytest.param(b"550 5.1.1 nobody\r\n", id="S24"), b"452 full\r\n"]
)
def test_a_copy_that_is_refused_hinders_no_letter(reply: bytes) -> None:
    server = FaultySmtp()
    usual = server._usual

    def answer(word: str) -> bytes:
        mine = word == "RCPT" and b"appeals@" in server.seen[-1]
        return reply if mine else usual(word)

    server._usual = answer  # type: ignore[method-assign]
    with server:
        outcome = send(server, copy_to="appeals@example.org")
    assert isinstance(outcome, Accepted) and server.accepted == 1


def test_a_letter_to_oneself_needs_no_copy() -> None:
    with FaultySmtp() as server:
        send(server, copy_to="Office@example.org")
    assert len(commands_seen(server, b"RCPT")) == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(b"535 5.7.8 authentication failed\r\n", "its password", id="S11"),
        pytest.param(
            b"550 5.7.30 Basic authentication is not supported for Client Submission\r\n",
            "OAuth",
            id="S12",
        ),
    ],
)
@pytest.mark.parametrize("offered", [b"AUTH PLAIN LOGIN", b"AUTH LOGIN"])
def test_a_sign_in_that_is_refused_is_tried_once(
    tmp_path: Path, reply: bytes, words: str, offered: bytes
) -> None:
    made, authority = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(made)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with (
        FaultySmtp(extensions=(offered,), replies={"AUTH": reply}, tls=made) as server,
        pytest.raises(SetupError) as refused,
    ):
        send(
            server,
            security="tls",
            login=Login("user", "hunter2"),
            ca_file=tmp_path / "ca.pem",
        )
    assert words in refused.value.hint and "hunter2" not in str(refused.value)
    assert len(commands_seen(server, b"AUTH")) == 1


@pytest.mark.parametrize(
    "words",
    [
        b"553 5.7.1 <appeals@example.org>: Sender address rejected: not owned by user x\r\n",
        b"550 5.7.60 Client does not have permissions to send as this sender\r\n",
    ],
)
def test_a_sender_that_the_account_may_not_use_stops_the_run(words: bytes) -> None:
    with FaultySmtp(replies={"RCPT": words}) as server:
        outcome = send(server)
    assert isinstance(outcome, Failed) and outcome.cause is Cause.ACCOUNT
