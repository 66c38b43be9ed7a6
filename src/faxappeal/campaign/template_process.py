"""The process that fills in the templates of one run.

A template is somebody's program. Jinja2's sandbox keeps it from files and secrets, but not from
running for ever or taking all memory: so it runs in a process that has no secrets in its
environment, is bounded where the system can bound it, and is killed when it takes too long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..core.finding import Finding, Location
from .letter import Context, Letter, LetterError, LetterSource
from .markdown import Node

SECONDS = 10.0  # for one letter; it takes some milliseconds
MAX_ANSWER = 64 << 20  # bytes

_START = (
    "import sys; sys.path.append(sys.argv[1]); from faxappeal.campaign.template import main; main()"
)
# what Python itself may need to start; nothing else, for a secret may stand in any variable
_ENVIRONMENT = (
    *("PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "LANG", "LC_ALL"),
)


class TemplateProcess:
    """Fills in templates in one process, started when it is first needed, or by `start`."""

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = SECONDS if seconds is None else seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped: LetterError | None = None
        self._time_limit = _TimeLimit()
        self._asking = threading.Lock()  # one question at a time, whoever asks

    def start(self) -> None:
        """Let the process come up while the caller does something else."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, str(Path(__file__).parents[2])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            )
            weakref.finalize(self, _stop, self._process)

    def render(self, source: LetterSource, context: Context) -> Letter:
        """The letter with the context's values; LetterError names the line and the variable."""
        from ..core.json import from_data  # loads while the process starts

        answer = self._ask(source, context)
        if "findings" in answer:
            raise LetterError(from_data(Finding, answer["findings"][0]))
        body = from_data(tuple[Node, ...], answer["body"])
        return Letter(source.subject, source.language, body, source.attachments)

    def syntax(self, source: LetterSource) -> list[Finding]:
        """What is wrong with the template before any recipient comes in."""
        from ..core.json import from_data

        try:
            answer = self._ask(source, None)
        except LetterError as error:
            return [error.finding]
        findings: list[Finding] = from_data(list[Finding], answer["findings"])
        return findings

    def _ask(self, source: LetterSource, context: Context | None) -> dict[str, Any]:
        with self._asking:
            # a template that had to be killed is not tried for the next recipient
            if self._stopped:
                raise self._stopped
            self.start()
            assert self._process  # just started
            request = json.dumps({"source": asdict(source), "context": context}).encode() + b"\n"
            with self._time_limit.on(self._process, self.seconds):
                line = _exchange(self._process, request)
            if not line.endswith(b"\n"):
                self._process.kill()
                limits = f"{self.seconds:g} seconds or too much memory"
                message = f"the template takes more than {limits}"
                hint = "look for a loop or a text in it that grows and grows"
                place = Location(source.first_line)
                self._stopped = source.error(place, "letter-template", message, hint)
                raise self._stopped
            answer: dict[str, Any] = json.loads(line)
            return answer


class _TimeLimit:
    """Kills a process that takes too long for one request. One timer serves many requests: a thread
    for each would cost as much as the letter."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._deadline: float | None = None  # of the request that is being answered
        self._is_timed = False

    @contextmanager
    def on(self, process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
        """Kill `process` if the block takes longer."""
        with self._changing:
            self._deadline = time.monotonic() + seconds
            if not self._is_timed:
                self._start(process, seconds)
        try:
            yield
        finally:
            with self._changing:
                self._deadline = None

    def _start(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        timer = threading.Timer(seconds, self._look, (process,))
        timer.daemon = True
        timer.start()
        self._is_timed = True

    def _look(self, process: subprocess.Popen[bytes]) -> None:
        with self._changing:
            self._is_timed = False
            if self._deadline is None:
                return
            left = self._deadline - time.monotonic()
            if left <= 0:
                process.kill()
            else:
                self._start(process, left)


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> bytes:
    """The answer's line; without its end where the process is gone."""
    assert process.stdin and process.stdout  # pipes, by `start`
    try:
        process.stdin.write(request)
        process.stdin.flush()
    except OSError:  # a broken pipe: killed, or never came up
        return b""
    return process.stdout.readline(MAX_ANSWER)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    assert process.stdin and process.stdout  # pipes, by `start`
    with suppress(OSError):  # what it did not read any more
        process.stdout.close()
        process.stdin.close()
    process.wait()
