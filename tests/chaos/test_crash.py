"""Killed (-9) on each channel: after the claim, after the request left, after the answer came.

No letter is lost and none is doubled; what cannot be known is `unknown`.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chaos import kill_helper
from tests.support.campaigns import run, write
from tests.support.clock import MORNING, FakeClock
from tests.support.fakes import signalwire, sinch
from tests.support.servers.hylafax import Hylafax
from tests.support.servers.mail import Mail

MOMENTS = ("claim", "request", "answer")
START = MORNING + timedelta(hours=7)  # 10 o'clock in New York


@dataclass(frozen=True)
class Target:
    """An account, and how many letters it has."""

    settings: str
    recipient: str
    arrived: Callable[[], int]


def killed(folder: Path, moment: str) -> None:
    """A run of `send` that dies at this moment."""
    done = kill_helper.start(moment, START, folder, "send", "--yes")
    assert done.returncode == -signal.SIGKILL, (done.returncode, done.stdout, done.stderr)


def state_after_kill(
    tmp_path: Path, target: Target, moment: str, clock: FakeClock
) -> tuple[str, int]:
    """The state of the letter after a kill and two more runs, and how often it arrived."""
    folder = write(tmp_path / "campaign", [target.recipient], settings=target.settings)
    killed(folder, moment)
    clock.moment = START + timedelta(minutes=3)
    clock.real = 0.1
    for _ in range(2):
        ended = run("send", "--yes", "--json", folder=folder)
    [row] = ended.json["data"]["deliveries"]
    assert ended.code == (4 if row["state"] == "unknown" else 0)
    return row["state"], target.arrived()


@pytest.mark.parametrize("moment", MOMENTS)
def test_sinch(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    for name, value in sinch.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with sinch.sinch() as account:
        target = Target(sinch.settings(account), "one +12025550101", lambda: len(account.faxes))
        assert state_after_kill(tmp_path, target, moment, clock) == ("delivered", 1)


@pytest.mark.parametrize(
    ("moment", "state"), [("claim", "delivered"), ("request", "unknown"), ("answer", "unknown")]
)
def test_signalwire(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, moment: str, state: str
) -> None:
    """It knows no reference of ours: after the first byte nobody can tell but a person."""
    for name, value in signalwire.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with signalwire.signalwire(tmp_path / "web") as account:
        target = Target(
            signalwire.settings(account), "one +12025550101", lambda: len(account.faxes)
        )
        assert state_after_kill(tmp_path, target, moment, clock) == (state, 1)


@pytest.mark.slow
@pytest.mark.hylafax
@pytest.mark.parametrize("moment", MOMENTS)
def test_hylafax(tmp_path: Path, clock: FakeClock, hylafax: Hylafax, moment: str) -> None:
    hylafax.calls.clear()
    target = Target(hylafax.settings, "one +12025550100", lambda: len(hylafax.calls))
    assert state_after_kill(tmp_path, target, moment, clock) == ("delivered", 1)


@pytest.mark.mail
@pytest.mark.parametrize(
    ("moment", "mailbox", "state"),
    [
        ("claim", False, "accepted"),
        ("content", False, "unknown"),  # nobody can know that the dot did not leave
        ("request", False, "unknown"),
        ("answer", False, "unknown"),
        ("claim", True, "accepted"),
        ("content", True, "unknown"),
        ("request", True, "delivered"),
        ("answer", True, "delivered"),
    ],
)
def test_smtp(
    tmp_path: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    mail_server: Mail,
    moment: str,
    mailbox: bool,
    state: str,
) -> None:
    """With a mailbox, the copy in it tells that the server has the letter, and its notification
    that the desk has."""
    before = len(mail_server.messages("embassy"))
    settings = (
        f'\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "localhost"\nport = {mail_server.smtps}\n'
        f'username = "sender@lab.test"\nca_file = "{mail_server.ca_file}"\n'
    )
    if mailbox:
        settings += (
            f'[email.imap]\nhost = "localhost"\nport = {mail_server.imaps}\n'
            f'ca_file = "{mail_server.ca_file}"\n'
        )
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "s3nd-pass")
    arrives = 0 if moment == "content" else 1
    target = Target(
        settings,
        "mail embassy@example.org",
        lambda: len(mail_server.wait_for("embassy", before + arrives)) - before,
    )
    found, arrived = state_after_kill(tmp_path, target, moment, clock)
    # the notification may come a moment later than the copy
    assert (found, arrived) in {(state, arrives), (state.replace("deliver", "accept"), arrives)}
