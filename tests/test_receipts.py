"""What comes back: notifications, bounces, copies, and what only looks like them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.campaigns import Ended, run, write
from tests.clock import FakeClock
from tests.servers.mail import Mail

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


@pytest.mark.parametrize(
    ("address", "ends"),
    [
        ("embassy@example.org", ("delivered", None)),
        ("latebounce@example.org", ("failed", "bounce")),
    ],
)
def test_what_became_of_an_email(
    tmp_path: Path, mail_server: Mail, address: str, ends: tuple[str, str | None]
) -> None:
    folder = write(tmp_path / "c", [f"one {address}"], settings=settings(mail_server))
    assert run("send", "--yes", folder=folder).code == 0
    print(until(mail_server, folder, lambda _: state(folder)[0] not in ("accepted",)))
    print(run("log", folder=folder).out)
    assert state(folder) == ends
