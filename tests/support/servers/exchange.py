"""A telephone exchange: one Class 1 fax modem on a pty, and numbers that answer in their own way.

The modem is spandsp's; the computer at it (HylaFAX) opens the pty as if it were a serial port. The
last digits of the number say who answers: see `ROUTES`.

The line has a clock of its own, so that a call of 40 s takes about one. It runs as fast as it can
while the modem is at work and stands still while it is the computer's turn: a slow machine runs
into none of T.30's timeouts, and a call takes the same time on each run.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import os
import random
import re
import select
import threading
import time
import tty
from collections.abc import Callable, Iterable, Iterator, Mapping
from ctypes import CFUNCTYPE, POINTER, c_int, c_int16, c_size_t, c_ubyte, c_void_p
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from tests.support.servers import v21
from tests.support.servers.line import (
    BLOCK,
    MH,
    RATE,
    V27,
    V29,
    Audio,
    Fax,
    Log,
    Machine,
    Stats,
    log_to,
    silence,
    spandsp,
)

_AtOut = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(c_ubyte), c_size_t)
_Control = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_void_p)

# spandsp's at_interpreter.h: AT_MODEM_CONTROL_*, what the modem asks for
_DIAL, _HANG_UP, _ON_HOOK, _CTS = 0, 2, 4, 7
# AT_CALL_EVENT_*, what it is told
_CONNECTED, _BUSY, _NO_DIALTONE, _NO_ANSWER, _HUNG_UP = 2, 4, 5, 6, 7

_RESULT = re.compile(rb"\r\n(OK|CONNECT|NO CARRIER|ERROR|BUSY|NO ANSWER|NO DIALTONE)\r\n$")
_COMMAND = re.compile(rb"AT([^\r]*)\r$", re.I)
_FRAME = re.compile(rb"(\x10*)\x10\x03$")  # DLE ETX, but not the end of DLE DLE ETX
_LISTEN = re.compile(rb"\+FR|D", re.I)  # commands that are answered with CONNECT, and then data

_PAGE_ENDS = ("EOP", "MPS", "EOM", "PPS")
_RING = 6.0  # seconds from one ring to the next
_S7 = 60.0  # seconds that a modem waits for an answer
_PATIENCE = 90.0  # seconds of line that a command may take
# When it listens (+FRH, +FRM) in vain, the computer gives up by the clock on the wall.
_LISTENING = 2.5
_IDLE = 5.0  # seconds without a word from the computer, after which the line is in real time


class Answer(Enum):
    """What is at the other end of a number."""

    FAX = "fax"
    VOICE = "voice"  # somebody says hello
    BUSY = "busy"
    RINGS = "nobody answered"  # until the caller gives up
    NO_ANSWER = "no answer"  # says the network
    NO_DIAL_TONE = "no dial tone"


@dataclass(frozen=True)
class Route:
    """How a number answers. Without any field: a fax machine of today on a good line."""

    answer: Answer = Answer.FAX
    fax: Machine = field(default_factory=Machine)
    rings: int = 0
    crackle: float = 0.0  # seconds from one click on the line to the next
    drop: float = math.inf  # seconds after which the line is cut
    cut: tuple[str, ...] = ()  # the line is cut when the far end has one of these T.30 frames
    # what the end of a page is answered with: a frame of v21.FRAMES, or "" for silence, and then
    # silence; None for the machine's own answer
    receipt: str | None = None


_OLD = Machine(ecm=False, codes=MH, modems=V29 | V27)
_VERY_OLD = Machine(ecm=False, codes=MH, modems=V27)

# ending of the number -> who answers
ROUTES: Mapping[str, Route] = MappingProxyType(
    {
        "100": Route(),  # V.17, ECM, MMR
        "101": Route(fax=Machine(ecm=False)),
        "102": Route(fax=_OLD),
        "103": Route(fax=_VERY_OLD),
        "104": Route(drop=25),
        "105": Route(rings=2, crackle=7),
        "106": Route(fax=Machine(ecm=False), crackle=7),
        "107": Route(cut=("PPS", "EOP")),  # it has the page, but its receipt is lost
        "200": Route(Answer.BUSY),
        "201": Route(Answer.RINGS),
        "202": Route(Answer.VOICE),
        "203": Route(Answer.NO_DIAL_TONE),
        "204": Route(Answer.NO_ANSWER),
    }
)


@dataclass(frozen=True)
class Call:
    """A call that is over."""

    number: str  # its digits, as they were dialled
    end: str  # why it ended
    seconds: float  # on the line, from the answer
    since_dial: float  # on the line, from dialling
    started: float  # time.monotonic()
    ended: float
    # as the answering machine saw it
    result: str = ""  # "OK" if all went well
    caller: str = ""  # its CSID
    pages: int = 0
    bit_rate: int = 0
    ecm: bool = False
    code: str = ""  # MH, MR or MMR
    width: int = 0
    length: int = 0
    bad_rows: int = 0
    ecm_retries: int = 0
    frames: tuple[str, ...] = ()  # T.30's, "<" received and ">" sent
    tiff: Path | None = None  # the pages, if there are any


@dataclass
class _Line:
    """A call that is going on."""

    number: str
    route: Route
    dialled: int  # samples
    started: float
    answered: int | None = None  # samples
    fax: Fax | None = None
    tiff: Path | None = None
    receipt: Iterator[int] | None = None  # samples, while it is said


class Exchange:
    """One modem and its line; as a context manager it works in a thread of its own.

    `device` is the pty. Pages that arrive are written to `folder`; `report` gets each call when it
    is over, from that thread. `routes` is looked at for each call: it may change in between.
    """

    _serial = itertools.count(1)

    def __init__(
        self,
        folder: Path,
        routes: Mapping[str, Route] = ROUTES,
        report: Callable[[Call], None] = lambda call: None,
        log: Log | None = None,
    ) -> None:
        self._folder, self._routes, self._report, self._log = folder, routes, report, log
        self._lib = lib = spandsp()
        self._line: _Line | None = None
        self._samples = 0  # the line's clock
        self._heard = silence()
        self._cts = True  # the modem takes data
        self._our_turn = False  # the modem works on a command
        self._receiving = False
        self._since = 0  # samples: the last sign of the modem
        self._patience = 0.0  # seconds: how long to run on without one
        self._asked = self._said = b""
        # the slave stays open here: else reads fail with EIO between two jobs
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.device = os.ttyname(self._slave)
        self._handlers = _AtOut(self._to_computer), _Control(self._modem_control)
        out, control = self._handlers
        self._t31 = c_void_p(lib.t31_init(None, out, None, control, None, None, None))
        lib.t31_set_transmit_on_idle(self._t31, 1)
        self._logs = log and log_to(lib.t31_get_logging_state(self._t31), log)
        self._open = True
        self._thread = threading.Thread(target=self._run, name=self.device)

    def __enter__(self) -> Exchange:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._thread.join()
        self._end("exchange closed")
        self._lib.t31_free(self._t31)
        os.close(self._master)
        os.close(self._slave)

    # between the computer and the modem

    def _to_computer(
        self, _at: int, _user: int, data: ctypes._Pointer[c_ubyte], length: int
    ) -> int:
        said = bytes(data[:length])
        self._trace("<", said)
        self._since = self._samples
        self._said = (self._said + said)[-64:]  # a result code comes in three pieces
        result = _RESULT.search(self._said)
        if result and not (result[1] == b"CONNECT" and self._receiving):
            self._our_turn = False
        while said and self._open:
            if select.select([], [self._master], [], 0.2)[1]:
                said = said[os.write(self._master, said) :]
        return 0

    def _from_computer(self) -> None:
        asked = os.read(self._master, 512)
        self._trace(">", asked)
        self._asked = (self._asked + asked)[-64:]
        command = _COMMAND.search(self._asked)
        frame = _FRAME.search(self._asked)
        if command or (frame and len(frame[1]) % 2 == 0):
            self._our_turn, self._asked, self._said = True, b"", b""
            self._receiving = command is not None and _LISTEN.match(command[1]) is not None
            self._since = self._samples
            listening = command is not None and command[1][:3].upper() == b"+FR"
            self._patience = _LISTENING if listening else _PATIENCE
        self._lib.t31_at_rx(self._t31, asked, len(asked))

    def _trace(self, way: str, data: bytes) -> None:
        if self._log:
            shown = repr(data if len(data) < 60 else data[:40] + b"...")[2:-1]
            self._log(f"{self._samples / RATE:9.2f} {way} {shown}")

    def _modem_control(self, _t31: int, _user: int, operation: int, value: int | None) -> int:
        if operation == _DIAL and value:
            self._dial(ctypes.string_at(value).decode("ascii", "replace"))
        elif operation in (_HANG_UP, _ON_HOOK):
            self._end("hung up by the caller")
        elif operation == _CTS:
            self._cts = bool(value)
        return 0

    # between the modem and the other end

    def _dial(self, dialled: str) -> None:
        number = re.sub(r"\D", "", dialled)
        endings = [ending for ending in self._routes if number.endswith(ending)]
        route = self._routes[max(endings, key=len)] if endings else Route(Answer.BUSY)
        self._line = _Line(number, route, self._samples, time.monotonic())

    def _ring(self, line: _Line) -> None:
        """Answer, when it is time."""
        waited, route = (self._samples - line.dialled) / RATE, line.route
        if waited < (_S7 if route.answer is Answer.RINGS else 1 + _RING * route.rings):
            return
        if route.answer is Answer.BUSY:
            self._event(_BUSY, route.answer.value)
        elif route.answer is Answer.NO_DIAL_TONE:
            self._event(_NO_DIALTONE, route.answer.value)
        elif route.answer in (Answer.NO_ANSWER, Answer.RINGS):
            self._event(_NO_ANSWER, route.answer.value)
        else:
            line.answered = self._samples
            if route.answer is Answer.FAX:
                line.tiff = self._folder / f"{next(self._serial):03}-{line.number}.tif"
                ident = f"EXCHANGE {line.number[-3:]}"
                line.fax = Fax(route.fax, ident, rx=line.tiff, log=self._log)
            self._lib.t31_call_event(self._t31, _CONNECTED)

    def _talk(self, line: _Line, said: Audio) -> Audio:
        """What the caller hears for what it said."""
        route, age = line.route, self._samples - (line.answered or 0)
        fax = line.fax
        heard = fax.step(_crackle(said, age, route.crackle)) if fax else _voice(self._samples)
        if fax and route.receipt is not None and _has(fax, _PAGE_ENDS):
            heard = _receipt(line, route.receipt)
        lost = fax is not None and _has(fax, route.cut)
        if lost or age > route.drop * RATE:
            self._event(_HUNG_UP, "line dropped")
        return heard

    def _event(self, event: int, why: str) -> None:
        self._end(why)
        self._lib.t31_call_event(self._t31, event)

    def _end(self, why: str) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        answered = self._samples if line.answered is None else line.answered
        caller, stats, fax = "", Stats(), line.fax
        if fax:
            caller, stats = fax.far_ident, fax.hang_up()
        self._report(
            Call(
                number=line.number,
                end=why,
                seconds=round((self._samples - answered) / RATE, 2),
                since_dial=round((self._samples - line.dialled) / RATE, 2),
                started=line.started,
                ended=time.monotonic(),
                result=fax.status if fax else "",
                caller=caller,
                pages=stats.pages_rx,
                bit_rate=stats.bit_rate,
                ecm=bool(stats.ecm),
                code=stats.code if fax else "",
                width=stats.width,
                length=stats.length,
                bad_rows=stats.bad_rows,
                ecm_retries=stats.ecm_retries,
                frames=tuple(fax.frames) if fax else (),
                tiff=line.tiff if stats.pages_rx else None,
            )
        )

    # the line's clock

    def _run(self) -> None:
        spoke = time.monotonic()  # when the computer last said something
        while self._open:
            pause = self._pause(time.monotonic() - spoke)
            if self._listen(0.2 if pause is None else pause):
                spoke = time.monotonic()
            if pause is not None:
                self._tick()

    def _pause(self, quiet: float) -> float | None:
        """How long the next 20 ms of the line take; None while it stands still."""
        if self._our_turn and self._samples - self._since <= self._patience * RATE:
            return 0
        if not self._our_turn and not self._cts:
            return 0
        if not self._our_turn and self._line and quiet < _IDLE:
            return None
        return BLOCK / RATE

    def _listen(self, seconds: float) -> bool:
        """Take what the computer says within that time, or until it is the modem's turn."""
        end, spoke = time.monotonic() + seconds, False
        while select.select(
            # a modem without CTS takes nothing: the computer's writes block
            [self._master] if self._cts else [],
            [],
            [],
            max(0, end - time.monotonic()),
        )[0]:
            self._from_computer()
            spoke = True
            if self._our_turn or not self._cts:
                break
        return spoke

    def _tick(self) -> None:
        """20 ms of line."""
        self._samples += BLOCK
        said = silence()
        self._lib.t31_rx(self._t31, self._heard, BLOCK)
        self._lib.t31_tx(self._t31, said, BLOCK)
        self._heard = silence()
        if self._line and self._line.answered is None:
            self._ring(self._line)
        if self._line and self._line.answered is not None:
            self._heard = self._talk(self._line, said)


def _has(fax: Fax, frames: Iterable[str]) -> bool:
    """Whether the machine has received one of these frames."""
    return any(f"<{frame}" in fax.frames for frame in frames)


def _receipt(line: _Line, frame: str) -> Audio:
    """The next 20 ms of what is said in place of the machine's own answer."""
    if line.receipt is None:
        pause = [0] * (RATE // 5)  # T.30 5.3.2.4 asks for 75 ms at least
        line.receipt = iter([*pause, *v21.sound(frame, RATE)] if frame else [])
    return _audio([next(line.receipt, 0) for _ in range(BLOCK)])


def _crackle(audio: Audio, sample: int, every: float) -> Audio:
    """A bad line: a click of 20 ms, each so many seconds.

    Steady noise will not do: above about -40 dBm0 spandsp takes it for a carrier, and training
    fails at every rate.
    """
    if every and sample % int(every * RATE) < BLOCK:
        return _audio(random.Random(sample).choices(range(-9000, 9000), k=BLOCK))
    return audio


def _voice(sample: int) -> Audio:
    """Something like "hello": a buzz of 150 Hz with formants (750, 1200 Hz) that comes and goes."""
    loud = 1000 if sample // 4000 % 3 else 0
    tones = [2 * math.pi * hertz / RATE for hertz in (150, 750, 1200)]
    return _audio(
        [
            int(loud * sum(math.sin(time * tone) for tone in tones))
            for time in range(sample, sample + BLOCK)
        ]
    )


def _audio(samples: list[int]) -> Audio:
    return (c_int16 * BLOCK)(*samples)
