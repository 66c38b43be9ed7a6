"""What asks the process that fills in templates: with a stand-in of the process.

The process itself is in tests/integration/template.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from faxappeal.campaign import template, template_process
from faxappeal.campaign.letter import LetterError
from faxappeal.campaign.template_process import TemplateProcess
from tests.support.letter_sources import CONTEXT, source, text_of


class Process:
    """Answers as the template's process does; `broken` is what becomes of it instead."""

    started: ClassVar[list[Process]] = []
    broken: ClassVar[Callable[[Process], bytes] | None] = None

    def __init__(self, command: list[str], env: dict[str, str], **_: Any) -> None:
        self.command, self.env = command, env
        self.stdin, self.stdout = self, self
        self.is_killed = False
        self._request = b""
        Process.started.append(self)

    def write(self, request: bytes) -> None:
        if self.is_killed:
            raise BrokenPipeError
        self._request = request

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def readline(self, limit: int) -> bytes:
        if Process.broken:
            return Process.broken(self)
        answers = io.BytesIO()
        template.serve(io.BytesIO(self._request), answers)
        return answers.getvalue()[:limit]

    def kill(self) -> None:
        self.is_killed = True

    def wait(self) -> int:
        return 0


class Timer:
    """A timer in a test's hand."""

    set: ClassVar[list[Timer]] = []

    def __init__(self, seconds: float, do: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        self.due, self._do, self._arguments = _now[0] + seconds, do, arguments
        self.daemon = False

    def start(self) -> None:
        assert self.daemon, "it would keep the program from ending"
        Timer.set.append(self)

    def ring(self) -> None:
        Timer.set.remove(self)
        self._do(*self._arguments)


@pytest.fixture(autouse=True)
def _stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, stand_in in {
        "subprocess": SimpleNamespace(Popen=Process, PIPE=-1, DEVNULL=-3),
        "threading": SimpleNamespace(Timer=Timer, Lock=threading.Lock),
        "time": SimpleNamespace(monotonic=lambda: _now[0]),
    }.items():
        monkeypatch.setattr(template_process, name, stand_in)
    _now[0] = 0.0
    Process.started, Timer.set, Process.broken = [], [], None


_now = [0.0]  # seconds on the clock that measures how long a letter takes


def finding(templates: TemplateProcess, body: str = "x") -> tuple[str, int, str]:
    with pytest.raises(LetterError) as refused:
        templates.render(source(body), CONTEXT)
    found = refused.value.finding
    return (found.rule, found.place.line, found.message)


def test_a_letter_comes_back_as_it_was_filled_in() -> None:
    letter = TemplateProcess().render(source("Dear *{{ to.name }}*,"), CONTEXT)
    assert text_of(letter.body) == "Dear Office,"
    assert (letter.subject, letter.language) == (("Please answer",), "en")


def test_one_process_serves_many_letters_and_starts_when_it_is_needed() -> None:
    templates = TemplateProcess()
    assert not Process.started
    for _ in range(3):
        templates.render(source("x"), CONTEXT)
    templates.start()
    assert len(Process.started) == 1


def test_an_error_keeps_its_place_and_its_words() -> None:
    found = finding(TemplateProcess(), "Hello\n\n{{ to.nmae }}\n")
    assert found == ("letter", 6, "to.nmae is unknown or empty")


def test_a_template_can_be_looked_at_without_a_recipient() -> None:
    templates = TemplateProcess()
    assert templates.syntax(source("{{ to.name }}")) == []
    [found] = templates.syntax(source("{% if x %}"))
    assert (found.rule, found.place.line) == ("letter-template", 4)


def test_no_secret_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAXAPPEAL_EMAIL__SMTP__PASSWORD", "hunter2")
    monkeypatch.setenv("SOME_TOKEN", "hunter2")
    monkeypatch.setenv("LANG", "C.UTF-8")
    TemplateProcess().start()
    [process] = Process.started
    assert process.env["LANG"] == "C.UTF-8"
    assert "hunter2" not in str(process.env) and "HOME" not in process.env


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda process: b"", id="it is gone"),
        pytest.param(lambda process: b'{"body": [', id="half an answer"),
        pytest.param(lambda process: b"x" * 100, id="an answer without end"),
    ],
)
def test_a_template_that_takes_too_much_is_said_at_its_first_line(
    broken: Callable[[Process], bytes],
) -> None:
    Process.broken = broken
    rule, line, message = finding(TemplateProcess(seconds=2))
    assert (rule, line) == ("letter-template", 4)
    assert message == "the template takes more than 2 seconds or too much memory"
    assert Process.started[0].is_killed


def test_it_is_not_tried_for_the_next_recipient() -> None:
    Process.broken = lambda process: b""
    templates = TemplateProcess()
    first = finding(templates)
    Process.broken = None
    assert finding(templates) == first
    [said] = templates.syntax(source("x"))
    assert (said.rule, said.message) == (first[0], first[2])


def test_a_process_that_never_came_up_is_no_error_of_ours() -> None:
    templates = TemplateProcess()
    templates.start()
    Process.started[0].kill()
    assert "too much memory" in finding(templates)[2]


# -- the time limit ----------------------------------------------------------------------------------


def takes(seconds: float) -> Callable[[Process], bytes]:
    """A process that needs so many seconds; the timers ring meanwhile."""

    def answer(process: Process) -> bytes:
        end = _now[0] + seconds
        while Timer.set and Timer.set[0].due <= end and not process.is_killed:
            _now[0] = Timer.set[0].due
            Timer.set[0].ring()
        _now[0] = end
        return b"" if process.is_killed else b'{"body": []}\n'

    return answer


@pytest.mark.parametrize(("seconds", "fits"), [(0.1, True), (9.9, True), (10.1, False)])
def test_a_letter_has_ten_seconds(seconds: float, fits: bool) -> None:
    Process.broken = takes(seconds)
    templates = TemplateProcess()
    if fits:
        templates.render(source("x"), CONTEXT)
    else:
        assert "more than 10 seconds" in finding(templates)[2]


def test_each_letter_has_its_own_time() -> None:
    Process.broken = takes(6)
    templates = TemplateProcess()
    for _ in range(5):
        templates.render(source("x"), CONTEXT)
    Process.broken = takes(11)
    assert "more than 10 seconds" in finding(templates)[2]


def test_a_process_that_waits_for_the_next_letter_is_left_alone() -> None:
    templates = TemplateProcess()
    templates.render(source("x"), CONTEXT)
    _now[0] += 3600
    for timer in [*Timer.set]:
        timer.ring()
    assert not Process.started[0].is_killed and not Timer.set
    assert text_of(templates.render(source("still there"), CONTEXT).body) == "still there"
