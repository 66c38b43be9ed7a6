"""SMTP: what each reply of a server means, what is sent when, and what never leaves without TLS."""

from __future__ import annotations

import base64
import re
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import Accepted, Failed, Job, Outcome, ProviderReport, Unknown
from faxappeal.providers.sign_in import Login
from faxappeal.providers.smtp import Smtp
from tests.support.servers.faulty_smtp import AFTER_DOT, HANG_UP
from tests.support.smtp_line import SmtpLine

JOB = Job("fa-1", "office@example.org", b"Subject: x\r\n\r\n.a line with a dot\r\n")
PASSWORD = Login("appeals@example.org", "hunter2")
TOKEN = Login("appeals@example.org", "a-token", is_token=True)
MECHANISMS = (b"AUTH PLAIN LOGIN XOAUTH2",)

Serve = Callable[..., SmtpLine]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    def started(*arguments: Any, **options: Any) -> SmtpLine:
        server = SmtpLine(*arguments, **options)
        server.answer_all(monkeypatch)
        return server

    return started


def account(**options: Any) -> Smtp:
    arguments: dict[str, Any] = {
        "host": "mail.example.org",
        "port": 465,
        "security": "none",
        "sender": "appeals@example.org",
        "login": None,
    }
    return Smtp(**(arguments | options))


def send(job: Job = JOB, **options: Any) -> Outcome:
    smtp = account(**options)
    outcome = smtp.submit(job, lambda: None)
    smtp.close()
    return outcome


def verdict(outcome: Outcome) -> tuple[type[Outcome], Cause | None]:
    return type(outcome), getattr(outcome, "cause", None)


# -- what a reply means ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("accept", (Accepted, None)),
        ("two_lines", (Accepted, None)),
        ("latin1_reply", (Accepted, None)),
        ("escape_in_reply", (Accepted, None)),
        ("close_after_dot", (Unknown, None)),
        ("silent_after_dot", (Unknown, None)),
        ("long_reply", (Unknown, None)),
        ("garbage_reply", (Unknown, None)),
        ("421_after_dot", (Failed, Cause.PROVIDER)),
        ("451_after_dot", (Failed, Cause.PROVIDER)),
        ("554_after_dot", (Failed, Cause.REFUSED)),
    ],
)
def test_after_the_final_dot_a_reply_alone_proves_something(
    serve: Serve, behaviour: str, expected: tuple[type[Outcome], Cause | None]
) -> None:
    server = serve(behaviour)
    outcome = send()
    assert verdict(outcome) == expected
    assert server.accepted == 1 and server.sessions == 1, "never sent a second time"
    assert outcome.report.raw.isprintable()


@pytest.mark.parametrize("code", ["354", "334", "199"])
def test_a_reply_after_the_dot_that_no_standard_knows_leaves_it_open(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setitem(AFTER_DOT, "odd", f"{code} well\r\n".encode())
    serve("odd")
    assert send() == Unknown(ProviderReport(raw=f"{code} well"))


@pytest.mark.parametrize(
    ("replies", "cause"),
    [
        pytest.param({"RCPT": b"450 4.7.1 greylisted\r\n"}, Cause.PROVIDER, id="S09"),
        pytest.param({"RCPT": b"421 4.3.2 shutting down\r\n"}, Cause.PROVIDER, id="S07"),
        pytest.param({"RCPT": b"550 5.1.1 no such user\r\n"}, Cause.BOUNCE, id="no mailbox"),
        pytest.param({"RCPT": b"550 no such user\r\n"}, Cause.BOUNCE, id="550 without a status"),
        pytest.param({"RCPT": b"551 not here\r\n"}, Cause.BOUNCE, id="551 without a status"),
        pytest.param({"RCPT": b"553 odd name\r\n"}, Cause.BOUNCE, id="553 without a status"),
        pytest.param({"RCPT": b"554 no\r\n"}, Cause.REFUSED, id="554 without a status"),
        pytest.param({"RCPT": b"550 5.7.1 relaying denied\r\n"}, Cause.REFUSED, id="policy"),
        pytest.param({"RCPT": b"552 5.2.2 mailbox full\r\n"}, Cause.REFUSED, id="full"),
        pytest.param({"RCPT": b"550 5.0.0 no\r\n"}, Cause.BOUNCE, id="a status that says nothing"),
        pytest.param({"RCPT": b"552 5.3.4 too big\r\n"}, Cause.DOCUMENT, id="too big"),
        pytest.param({"MAIL": b"555 5.5.4 not known\r\n"}, Cause.REFUSED, id="MAIL not known"),
        pytest.param({"MAIL": b"530 5.7.0 sign in\r\n"}, Cause.ACCOUNT, id="sign in first"),
        pytest.param({"MAIL": b"535 no\r\n"}, Cause.ACCOUNT, id="535"),
        pytest.param({"MAIL": b"550 5.7.57 not authenticated\r\n"}, Cause.ACCOUNT, id="5.7.57"),
        pytest.param(
            {"RCPT": b"553 5.7.1 <a@example.org>: Sender address rejected: not owned by user\r\n"},
            Cause.ACCOUNT,
            id="Postfix: another's address",
        ),
        pytest.param(
            {"RCPT": b"550 5.7.60 Client does not have permissions to send as this sender\r\n"},
            Cause.ACCOUNT,
            id="Exchange: another's address",
        ),
        pytest.param({"RCPT": b"550 Sender verify failed\r\n"}, Cause.ACCOUNT, id="Exim: sender"),
        pytest.param({"DATA": b"452 4.3.1 disk full\r\n"}, Cause.PROVIDER, id="disk full"),
        pytest.param({"DATA": b"554 5.7.1 no\r\n"}, Cause.REFUSED, id="DATA refused"),
        pytest.param({"MAIL": HANG_UP}, Cause.PROVIDER, id="hangs up at MAIL"),
        pytest.param({"RCPT": HANG_UP}, Cause.PROVIDER, id="hangs up at RCPT"),
        pytest.param({"DATA": HANG_UP}, Cause.PROVIDER, id="hangs up at DATA"),
    ],
)
def test_refused_before_anything_left(
    serve: Serve, replies: dict[str, bytes], cause: Cause
) -> None:
    server = serve(replies=replies)
    left: list[bool] = []
    outcome = account().submit(JOB, lambda: left.append(True))
    assert verdict(outcome) == (Failed, cause)
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
def test_the_servers_name_of_the_message_is_kept(
    serve: Serve, behaviour: str, queue_id: str
) -> None:
    serve(behaviour)
    assert send().report.account_reference == queue_id


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param({"RCPT": b"251 will forward to <x@example.net>\r\n"}, id="forwarded"),
        pytest.param({"QUIT": HANG_UP}, id="hangs up at QUIT"),
        pytest.param({"QUIT": b"500 what?\r\n"}, id="does not know QUIT"),
    ],
)
def test_what_is_odd_and_no_refusal(serve: Serve, replies: dict[str, bytes]) -> None:
    server = serve(replies=replies)
    assert isinstance(send(), Accepted)
    assert server.accepted == 1


@pytest.mark.parametrize(
    "greeting",
    [
        pytest.param(b"554 5.7.1 go away\r\n", id="a refusal"),
        pytest.param(b"421 4.3.2 too many connections\r\n", id="busy"),
        pytest.param(b"", id="silence"),
    ],
)
def test_a_server_that_does_not_welcome_us_is_tried_later(serve: Serve, greeting: bytes) -> None:
    serve(greeting=greeting)
    assert verdict(send()) == (Failed, Cause.PROVIDER)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "[Errno 111] Connection refused"),
        (TimeoutError("timed out"), "timed out"),
        (OSError(), "OSError"),
        (socket.gaierror(-2, "Name or service\x1b[2J not known"), "Name or service[2J not known"),
    ],
)
def test_a_server_that_cannot_be_reached_is_tried_later(
    monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "create_connection", fails)
    outcome = send()
    assert verdict(outcome) == (Failed, Cause.OFFLINE)
    assert words in outcome.report.raw


# -- what is written -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "on_the_wire"),
    [
        (b".\r\n..\r\n.end\r\n", b"..\r\n...\r\n..end\r\n"),
        (b"one\ntwo\rthree\r\n", b"one\r\ntwo\r\nthree\r\n"),
        (b"no line end", b"no line end\r\n"),
    ],
    ids=["dots are doubled", "line ends of others", "no end of the last line"],
)
def test_no_line_of_a_letter_ends_it(serve: Serve, document: bytes, on_the_wire: bytes) -> None:
    server = serve()
    assert isinstance(send(Job("fa-1", "office@example.org", document)), Accepted)
    assert server.messages == [on_the_wire]


def test_the_last_moment_to_stop_is_after_data_and_before_the_letter(serve: Serve) -> None:
    server = serve()

    def stop() -> None:
        assert server.commands(b"DATA") and not server.messages
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        account().submit(JOB, stop)
    assert server.accepted == 0 and not server.commands(b"QUIT"), "the session is cut off"


def test_the_name_of_the_senders_machine_stays_here(serve: Serve) -> None:
    server = serve()
    send()
    assert server.commands(b"EHLO") == [b"ehlo localhost"]


@pytest.mark.parametrize(
    ("size", "is_sent"),
    [
        pytest.param(b"SIZE 10", False, id="too small"),
        pytest.param(b"SIZE %d" % (len(JOB.document) - 1), False, id="a byte too small"),
        pytest.param(b"SIZE %d" % len(JOB.document), True, id="just right"),
        pytest.param(b"SIZE 0", True, id="no limit"),
        pytest.param(b"SIZE", True, id="no limit said"),
        pytest.param(b"SIZE many", True, id="rubbish"),
    ],
)
def test_a_message_that_is_too_big_is_refused_before_mail(
    serve: Serve, size: bytes, is_sent: bool
) -> None:
    server = serve(extensions=(size,))
    outcome = send()
    assert verdict(outcome) == ((Accepted, None) if is_sent else (Failed, Cause.DOCUMENT))
    assert bool(server.commands(b"MAIL")) is is_sent


def test_notifications_are_asked_for_where_they_are_offered(serve: Serve) -> None:
    server = serve(extensions=(b"DSN", b"SIZE 100000"))
    send()
    [mail], [rcpt] = server.commands(b"MAIL"), server.commands(b"RCPT")
    assert mail.endswith(b"RET=HDRS ENVID=fa-1") and b"SIZE=%d" % len(JOB.document) in mail
    assert rcpt.endswith(b"NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;office@example.org")


def test_notifications_are_not_asked_for_where_they_are_not_offered(serve: Serve) -> None:
    server = serve()
    send()
    assert server.commands(b"MAIL") == [b"mail FROM:<appeals@example.org>"]
    assert server.commands(b"RCPT") == [b"rcpt TO:<office@example.org>"]


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("office+press@example.org", b"rfc822;office+2Bpress@example.org"),
        ("a=b@example.org", b"rfc822;a+3Db@example.org"),
        ("office@example.org", b"rfc822;office@example.org"),
    ],
)
def test_an_address_is_written_as_the_envelope_wants_it(
    serve: Serve, address: str, written: bytes
) -> None:
    server = serve(extensions=(b"DSN",))
    send(Job("fa-1", address, JOB.document))
    [rcpt] = server.commands(b"RCPT")
    assert f"<{address}>".encode() in rcpt and rcpt.endswith(written)


@pytest.mark.parametrize("code", [b"501", b"504", b"555"])
@pytest.mark.parametrize(("command", "word"), [("MAIL", b"ENVID"), ("RCPT", b"NOTIFY")])
def test_notifications_that_are_offered_and_not_understood_hinder_no_letter(
    serve: Serve, command: str, word: bytes, code: bytes
) -> None:
    def refuse(line: bytes) -> bytes | None:
        return code + b" 5.5.4 not known\r\n" if word in line else None

    server = serve(extensions=(b"DSN",), replies={command: refuse})
    assert isinstance(send(), Accepted) and server.accepted == 1
    assert len(server.commands(b"MAIL")) == 2 and len(server.commands(b"RSET")) == 1


@pytest.mark.parametrize(
    ("extensions", "ends"),
    [((b"DSN",), b"<appeals@example.org> NOTIFY=NEVER"), ((), b"<appeals@example.org>")],
    ids=["with notifications", "without"],
)
def test_a_copy_goes_to_the_sender_in_the_same_transaction(
    serve: Serve, extensions: tuple[bytes, ...], ends: bytes
) -> None:
    server = serve(extensions=extensions)
    send(copy_to="appeals@example.org")
    first, copy = server.commands(b"RCPT")
    assert b"office@example.org" in first and copy.endswith(ends)
    assert server.accepted == 1


@pytest.mark.parametrize(
    "reply", [pytest.param(b"550 5.1.1 no such user\r\n", id="S24"), b"452 full\r\n"]
)
def test_a_copy_that_is_refused_hinders_no_letter(serve: Serve, reply: bytes) -> None:
    server = serve(replies={"RCPT": lambda line: reply if b"appeals@" in line else None})
    assert isinstance(send(copy_to="appeals@example.org"), Accepted)
    assert server.accepted == 1


def test_a_letter_to_oneself_needs_no_copy(serve: Serve) -> None:
    server = serve()
    send(copy_to="Office@example.org")
    assert len(server.commands(b"RCPT")) == 1


# -- sessions --------------------------------------------------------------------------------------


def test_a_session_carries_several_letters(serve: Serve) -> None:
    server, smtp = serve(), account()
    outcomes = [smtp.submit(JOB, lambda: None) for _ in range(60)]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert server.accepted == 60 and server.sessions == 2, "servers count up to 100"


def test_a_letter_that_is_refused_does_not_end_the_session(serve: Serve) -> None:
    server, smtp = serve(replies={"RCPT": b"550 5.1.1 no such user\r\n"}), account()
    smtp.submit(JOB, lambda: None)
    server.replies.clear()
    assert isinstance(smtp.submit(JOB, lambda: None), Accepted)
    assert server.sessions == 1


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        pytest.param("RSET", b"421 4.7.0 too many messages\r\n", id="421 at RSET"),
        pytest.param("RSET", b"500 what?\r\n", id="does not know RSET"),
        pytest.param("MAIL", b"421 4.7.0 too many messages\r\n", id="421 at MAIL"),
        pytest.param("MAIL", HANG_UP, id="hangs up at MAIL"),
        pytest.param("", b"", id="hangs up between two letters"),
    ],
)
def test_a_server_that_has_enough_of_a_session_gets_the_next_letter_in_another(
    serve: Serve, command: str, reply: bytes
) -> None:
    """Nothing of that letter has left: it need not wait, and it is not sent twice."""
    server, smtp = serve(), account()
    left: list[int] = []
    smtp.submit(JOB, lambda: left.append(1))
    if command:
        server.replies[command] = lambda _line: reply if server.sessions == 1 else None
    else:
        server.wires[0].hang_up()
    assert isinstance(smtp.submit(JOB, lambda: left.append(2)), Accepted)
    assert left == [1, 2] and server.accepted == 2 and server.sessions == 2


def test_a_421_after_the_dot_is_no_reason_to_send_at_once_again(serve: Serve) -> None:
    server, smtp = serve(["accept", "421_after_dot", "accept"]), account()
    left: list[int] = []
    smtp.submit(JOB, lambda: left.append(1))
    outcome = smtp.submit(JOB, lambda: left.append(2))
    assert verdict(outcome) == (Failed, Cause.PROVIDER)
    assert left == [1, 2] and server.accepted == 2


@pytest.mark.parametrize(
    "behaviour", ["silent_after_dot", "close_after_dot", "garbage_reply", "long_reply"]
)
def test_after_a_letter_whose_end_is_not_known_the_next_has_a_session_of_its_own(
    serve: Serve, behaviour: str
) -> None:
    server, smtp = serve([behaviour, "accept"]), account()
    assert isinstance(smtp.submit(JOB, lambda: None), Unknown)
    assert isinstance(smtp.submit(JOB, lambda: None), Accepted)
    assert server.sessions == 2


def test_a_server_has_ten_minutes_to_answer_the_final_dot(serve: Serve) -> None:
    """To give up earlier makes duplicates (RFC 1047)."""
    server, smtp = serve(), account()
    smtp.submit(JOB, lambda: None)
    assert server.wires[0].timeout == 600
    smtp.close()
    assert server.wires[0].timeout == 5, "the farewell is a courtesy"


def test_a_closed_account_says_farewell_once_and_can_be_used_again(serve: Serve) -> None:
    server, smtp = serve(), account()
    smtp.submit(JOB, lambda: None)
    smtp.close()
    smtp.close()
    assert len(server.commands(b"QUIT")) == 1
    assert isinstance(smtp.submit(JOB, lambda: None), Accepted)


def test_an_email_that_is_out_cannot_be_looked_up_or_taken_back() -> None:
    smtp = account()
    assert smtp.look_up("ABC123") == Accepted(ProviderReport("ABC123"))
    assert smtp.find(JOB, datetime.now(UTC) - timedelta(days=1)) is None
    assert smtp.forget("fa-1", "ABC123") is False
    assert smtp.supports_lookup is False


# -- signing in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("login", "offered", "mechanism"),
    [
        (PASSWORD, b"AUTH LOGIN PLAIN", b"PLAIN"),
        (PASSWORD, b"AUTH LOGIN", b"LOGIN"),
        (PASSWORD, b"auth xoauth2 plain", b"PLAIN"),
        (TOKEN, b"AUTH PLAIN LOGIN XOAUTH2", b"XOAUTH2"),
    ],
)
def test_it_signs_in_inside_tls_with_the_best_that_is_offered(
    serve: Serve, security: str, login: Login, offered: bytes, mechanism: bytes
) -> None:
    server = serve(extensions=(offered, b"STARTTLS"))
    assert isinstance(send(security=security, login=login), Accepted)
    [auth] = server.commands(b"AUTH")
    assert auth.split()[1] == mechanism
    assert not [line for line in server.seen_in_clear if line.upper().startswith(b"AUTH")]
    secret = base64.b64decode(auth.split()[2])
    assert login.user.encode() in secret


def test_a_token_is_sent_as_google_and_microsoft_describe_it(serve: Serve) -> None:
    server = serve(extensions=MECHANISMS)
    send(security="tls", login=TOKEN)
    [auth] = server.commands(b"AUTH")
    assert base64.b64decode(auth.split()[2]) == (
        b"user=appeals@example.org\x01auth=Bearer a-token\x01\x01"
    )


NO_PASSWORDS = b"550 5.7.30 Basic authentication is not supported for Client Submission\r\n"


@pytest.mark.parametrize(
    ("login", "reply", "hint"),
    [
        pytest.param(PASSWORD, b"535 5.7.8 authentication failed\r\n", "its password", id="S11"),
        pytest.param(PASSWORD, NO_PASSWORDS, "OAuth", id="S12"),
        pytest.param(PASSWORD, b"535 5.7.139 basic authentication is disabled\r\n", "OAuth"),
        pytest.param(TOKEN, b"535 5.7.3 unsuccessful\r\n", "token_command"),
    ],
)
def test_a_sign_in_that_is_refused_is_tried_once(
    serve: Serve, login: Login, reply: bytes, hint: str
) -> None:
    server = serve(extensions=MECHANISMS, replies={"AUTH": reply})
    with pytest.raises(SetupError, match=r"mail\.example\.org refused the sign-in") as refused:
        send(security="tls", login=login)
    assert hint in refused.value.hint
    assert login.secret not in str(refused.value)
    assert len(server.commands(b"AUTH")) == 1 and not server.commands(b"MAIL")


def test_why_a_token_is_refused_is_heard_to_its_end(serve: Serve) -> None:
    """The server asks for an empty line first, and says it then."""
    challenge = b"334 " + base64.b64encode(b'{"status":"401"}') + b"\r\n"
    serve(extensions=MECHANISMS, replies={"AUTH": challenge, "": b"535 5.7.8 it is over\r\n"})
    with pytest.raises(SetupError, match=re.escape("535 5.7.8 it is over")):
        send(security="tls", login=TOKEN)


@pytest.mark.parametrize(
    ("login", "offered", "words"),
    [
        (PASSWORD, b"AUTH XOAUTH2", "offers no sign-in with a password"),
        (TOKEN, b"AUTH PLAIN LOGIN", "offers no sign-in with a token"),
        (PASSWORD, b"DSN", "offers no sign-in with a password"),
    ],
)
def test_a_server_without_a_way_to_sign_in_is_a_mistake_in_the_settings(
    serve: Serve, login: Login, offered: bytes, words: str
) -> None:
    server = serve(extensions=(offered,))
    with pytest.raises(SetupError, match=words):
        send(security="tls", login=login)
    assert not server.commands(b"AUTH")


@pytest.mark.parametrize("login", [PASSWORD, TOKEN, None], ids=["password", "token", "no sign-in"])
def test_where_starttls_is_wanted_and_not_offered_nothing_is_sent(
    serve: Serve, login: Login | None
) -> None:  # S17
    server = serve(extensions=MECHANISMS)
    with pytest.raises(SetupError, match="offers no encryption on port 465") as refused:
        send(security="starttls", login=login)
    assert 'security = "tls"' in refused.value.hint
    assert {line.split()[0].upper() for line in server.seen} == {b"EHLO"}


def test_a_password_never_leaves_without_tls(serve: Serve) -> None:
    server = serve(extensions=MECHANISMS)
    with pytest.raises(SetupError, match="only sent inside TLS"):
        send(login=PASSWORD)
    assert not server.commands(b"AUTH")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_no_authority_vouches_for_is_refused(
    serve: Serve, security: str
) -> None:
    server = serve(extensions=(*MECHANISMS, b"STARTTLS"), trusted=False)
    with pytest.raises(SetupError, match=r"no safe connection to mail\.example\.org") as refused:
        send(security=security, login=PASSWORD)
    assert "the certificate must be valid" in refused.value.hint
    assert not server.commands(b"AUTH")


def test_the_authorities_are_read_once(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(extensions=MECHANISMS)
    read: list[object] = []

    def context(cafile: object) -> SmtpLine:
        read.append(cafile)
        return server

    monkeypatch.setattr(ssl, "create_default_context", context)
    smtp = account(security="tls", login=PASSWORD, ca_file="own.pem")
    for _ in range(2):
        smtp.submit(JOB, lambda: None)
        smtp.close()
    assert read == ["own.pem"] and server.sessions == 2


# -- accounts --------------------------------------------------------------------------------------


def probes(**options: Any) -> dict[str, tuple[bool | None, str]]:
    found = account(**options).check(datetime.now(UTC), frozenset({"DE"}))
    return {probe.name: (probe.ok, probe.words) for probe in found}


def test_a_check_says_what_the_server_offers(serve: Serve) -> None:
    server = serve(extensions=(*MECHANISMS, b"SIZE 36700160", b"DSN"))
    assert probes(security="tls", login=PASSWORD) == {
        "connection": (True, "mail.example.org:465, inside TLS"),
        "sign-in": (True, "as appeals@example.org"),
        "size": (True, "up to 37 MB"),
        "notifications": (True, "the server tells what became of an e-mail (DSN)"),
        "sender address": (None, "appeals@example.org: told when an e-mail is sent"),
    }
    assert not server.commands(b"MAIL"), "nothing is sent"


def test_a_check_of_a_server_that_offers_little_says_so(serve: Serve) -> None:
    serve()
    found = probes()
    assert found["connection"] == (True, "mail.example.org:465, without TLS, on this machine")
    assert found["sign-in"] == (True, "none is asked for")
    assert found["size"] == (True, "no limit told")
    assert found["notifications"] == (True, "the server tells only what did not arrive")


def test_a_check_of_a_server_that_is_not_there_says_where_to_look(serve: Serve) -> None:
    serve(greeting=b"554 5.7.1 go away\r\n")
    [probe] = account().check(datetime.now(UTC), frozenset())
    assert (probe.name, probe.ok) == ("connection", False)
    assert probe.words == "554 5.7.1 go away" and "email.smtp.host" in probe.hint
