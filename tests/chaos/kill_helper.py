"""The program, killed (-9) at a chosen moment of its first submission.

    python -m tests.chaos.kill_helper MOMENT TIME WORDS…

MOMENT is where it dies: `claim` (the claim is on disk, nothing has left), `content` (an e-mail's
text has left, but not its final dot), `request` (the request has left, its answer was not read),
`answer` (it was read, nothing was recorded), or `never`.
TIME is an ISO time for the clock.
"""

from __future__ import annotations

import ftplib
import http.client
import os
import select
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from tests.support import boundaries
from tests.support.clock import FakeClock

boundaries.loopback_only()


def start(
    moment: str,
    now: datetime,
    folder: Path,
    *words: str,
    before: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """This program in a process of its own, in which `before` is called first."""
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.chaos.kill_helper",
            moment,
            now.isoformat(),
            "-C",
            folder,
            *words,
        ],
        cwd=Path(__file__).parents[2],
        env=os.environ.copy(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=before,
    )


def die() -> NoReturn:
    """As the power fails: no handler runs, no buffer is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit("unreachable")


def after_claim() -> None:
    """Die before the channel does anything."""
    from faxappeal.delivery import dispatcher

    def dying(*_: Any, **__: Any) -> NoReturn:
        die()

    dispatcher.Dispatcher._submit = dying  # type: ignore[method-assign]


def before_the_dot() -> None:
    """Die when a server has an e-mail's text, and does not know yet that this was all."""
    smtp_send = smtplib.SMTP.send

    def send(self: smtplib.SMTP, data: Any) -> None:
        if data == b".\r\n":
            die()
        smtp_send(self, data)

    smtplib.SMTP.send = send  # type: ignore[method-assign,assignment]


def after_request() -> None:
    """Die when the submitting request has left and its answer is waited for."""
    http_response = http.client.HTTPConnection.getresponse

    def getresponse(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
        if self._method == "POST":  # type: ignore[attr-defined]
            die()
        return http_response(self)

    http.client.HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]

    putline = ftplib.FTP.putline

    def dying_putline(self: ftplib.FTP, line: str) -> None:
        putline(self, line)
        if line == "JSUBM":
            die()

    ftplib.FTP.putline = dying_putline  # type: ignore[method-assign]

    smtp_send = smtplib.SMTP.send

    def send(self: smtplib.SMTP, data: Any) -> None:
        smtp_send(self, data)
        if data == b".\r\n":
            # Exim drops a message whose sender is gone before it could answer: the answer is here
            select.select([self.sock], [], [], 30)  # type: ignore[type-var]
            die()

    smtplib.SMTP.send = send  # type: ignore[method-assign,assignment]


def after_answer() -> None:
    """Die when the account has said that it has the letter, before that is written down."""
    from faxappeal.delivery import dispatcher

    def dying(*_: Any, **__: Any) -> NoReturn:
        die()

    dispatcher.Dispatcher.record_outcome = dying  # type: ignore[method-assign]


MOMENTS = {
    "claim": after_claim,
    "content": before_the_dot,
    "request": after_request,
    "answer": after_answer,
}


def main() -> None:
    moment, now, *words = sys.argv[1:]
    from faxappeal.cli.app import app
    from faxappeal.cli.runtime import Runtime

    clock = FakeClock(datetime.fromisoformat(now), real=0.05)
    if moment in MOMENTS:
        MOMENTS[moment]()
    app(words, obj=Runtime(clock))


if __name__ == "__main__":
    main()
