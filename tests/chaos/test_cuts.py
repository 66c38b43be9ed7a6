"""A connection that breaks while a fax is handed over, at each kind of byte: sent once, or unknown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import pytest

from faxappeal.providers.hylafax_client import HfaxdClient
from tests.cli.test_fax_accounts import PROVIDERS, state_and_cause
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.fakes.flaky_proxy import Break, CuttingLine
from tests.support.servers.exchange import Route
from tests.support.servers.hylafax import Hylafax

# the request that makes the account send, by its first line
SUBMISSION = rb"^POST (?!\S*/media )\S+"

Place = Callable[[bytes], int | None]


def after_bytes(what: bytes, extra: int = 0) -> Place:
    """Behind the first `what`."""

    def place(sent: bytes) -> int | None:
        found = sent.find(what)
        return None if found < 0 else found + len(what) + extra

    return place


def within_bytes(what: bytes) -> Place:
    """In the middle of the first `what`."""
    return after_bytes(what, -(len(what) // 2))


def end_of_message(sent: bytes, missing: int = 0) -> int | None:
    """Behind the whole message, or a few bytes before its end."""
    head, blank, body = sent.partition(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    length = (lengths or [0])[0]
    complete = bool(blank) and len(body) >= length
    return len(head) + 4 + length - missing if complete else None


def number(sent: bytes) -> int | None:
    """In the middle of the number that the account gives to the fax."""
    for name in (b"ocation: ", b'"id": "', b'"sid": "'):
        start = sent.find(name)
        if start >= 0:
            end = min(at for at in (sent.find(b"\r", start), sent.find(b'",', start)) if at > 0)
            return end - 3
    return None


CUTS: dict[str, Break] = {
    "on connecting": Break(asked=lambda _sent: 0),
    "in the request's first line": Break(asked=within_bytes(b"POST /")),
    "in its headers": Break(asked=within_bytes(b"uthorization: ")),
    "before its body": Break(asked=after_bytes(b"\r\n\r\n")),
    "in its body": Break(asked=after_bytes(b"\r\n\r\n", 20)),
    "before its last byte": Break(asked=lambda sent: end_of_message(sent, 1)),
    "after the request": Break(answered=lambda _sent: 0),
    "in the answer's first line": Break(answered=within_bytes(b"HTTP/1.1")),
    "in its status": Break(answered=after_bytes(b"HTTP/1.1 2", 1)),
    "after its first line": Break(answered=after_bytes(b"\r\n")),
    "in the answer's headers": Break(answered=within_bytes(b"Content-Type")),
    "before the answer's body": Break(answered=after_bytes(b"\r\n\r\n")),
    "in the fax's number": Break(answered=number),
    "before the answer's last byte": Break(answered=lambda sent: end_of_message(sent, 1)),
}
# by a reset: what is on its way is lost with it
RESETS = ("in its body", "after the request", "in the fax's number")
CASES = [(cut, CUTS[cut]) for cut in CUTS] + [
    (f"{cut} (reset)", Break(CUTS[cut].asked, CUTS[cut].answered, reset=True)) for cut in RESETS
]


@pytest.mark.parametrize(("cut", "at"), CASES, ids=[cut for cut, _ in CASES])
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_fax_is_sent_once_or_unknown(
    tmp_path: Path, provider: ModuleType, name: str, cut: str, at: Break
) -> None:
    with provider.start(tmp_path) as account:
        port = urlsplit(account.url).port
        assert port is not None
        with CuttingLine(port, SUBMISSION, at) as line:
            settings = provider.settings(account)
            settings = settings.replace(account.url, f"http://127.0.0.1:{line.port}")
            folder = write(tmp_path / "c", settings=settings)
            first = run("send", "--yes", folder=folder)
            line.at = Break()
            second = run("send", "--yes", folder=folder)
        assert line.broken == 1 and account.submissions <= 1
        state, _ = state_and_cause(folder)
        log = run("log", folder=folder).out
        assert len(account.faxes) == account.submissions
        if state == "delivered":
            assert len(account.faxes) == 1 and second.code == 0, log
        else:
            assert state == "unknown" and (first.code, second.code) == (4, 4), log
        # what the account has, and can be asked about, is not left in doubt
        if account.faxes and account.supports_lookup:
            assert state == "delivered", log


# HylaFAX: where its dialogue breaks -> how often it dials in all
DIALOGUE: dict[str, Break] = {
    "on connecting": Break(answered=lambda _sent: 0),
    "in the greeting": Break(answered=within_bytes(b"220 ")),
    "after the sign-in": Break(asked=after_bytes(b"TZONE GMT\r\n")),
    "before the document": Break(asked=within_bytes(b"STOT\r\n")),
    "in the job": Break(asked=after_bytes(b"JNEW\r\n")),
    "before the job is submitted": Break(asked=after_bytes(b"JPARM DOCUMENT", 3)),
    "in the submission": Break(asked=within_bytes(b"JSUBM\r\n")),
    "after the submission": Break(answered=after_bytes(b"Added document")),
    "in the answer": Break(answered=after_bytes(b"Job ", 0)),
}


@pytest.mark.slow
@pytest.mark.hylafax
@pytest.mark.parametrize("cut", DIALOGUE)
def test_hylafax_sends_it_once(
    tmp_path: Path, hylafax: Hylafax, cut: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its `find` is prompt, so that nothing stays unknown."""
    monkeypatch.setattr(HfaxdClient, "server_time", lambda _: clock.now())
    clock.sleep(7 * 3600)
    clock.real = 0.1
    hylafax.calls.clear()
    hylafax.routes["0177"] = Route()
    with CuttingLine(hylafax.port, rb"^USER ", DIALOGUE[cut]) as line:
        settings = hylafax.settings.replace(str(hylafax.port), str(line.port))
        folder = write(tmp_path / "c", ["one +12025550177"], settings=settings)
        run("send", "--yes", "--no-wait", folder=folder)
        assert line.broken >= 1
        line.at = Break()
        ended = run("send", "--yes", folder=folder)
    assert ended.code == 0 and state_and_cause(folder)[0] == "delivered", run(
        "log", folder=folder
    ).out
    assert [call.pages for call in hylafax.calls] == [1]
