"""SMTP over real connections: what a server does after the final dot, certificates, real servers.

What its replies mean is tested in tests/unit/providers/test_smtp.py.
"""

from __future__ import annotations

import ssl
from contextlib import closing
from typing import Any

import pytest
import trustme

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import Accepted, Failed, Job, Outcome, Unknown
from faxappeal.providers.sign_in import Login
from faxappeal.providers.smtp import Smtp
from tests.support.servers.faulty_smtp import FaultySmtp

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


def sessions(server: FaultySmtp) -> int:
    return sum(line.startswith(b"ehlo") for line in server.seen)


def test_a_server_that_hangs_up_between_two_letters_gets_the_next_one_in_another_session() -> None:
    """Nothing of that letter has left: it need not wait, and it is not sent twice."""
    left: list[int] = []
    with FaultySmtp() as server, closing(account(server)) as smtp:
        smtp.submit(JOB, lambda: left.append(1))
        assert smtp._server and smtp._server.sock
        smtp._server.sock.shutdown(2)
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


def context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(made)
    return made


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:  # S19
    with FaultySmtp(tls=context()) as server, pytest.raises(SetupError, match="no safe connection"):
        send(server, security="tls", login=Login("user", "hunter2"))
    assert not server.seen
