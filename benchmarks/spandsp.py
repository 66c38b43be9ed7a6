"""Fax machines in software (spandsp, through ctypes), and calls between two of them in memory.

`Fax` is a whole T.30 terminal: 8 kHz audio goes in and out, pages come from and go to TIFF files.
`line_time` faxes a TIFF over a line in memory and returns how long that line was busy. `use` takes
the library: spandsp 0.0.6, Debian's libspandsp2. Version 3 has other structures.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int, c_int16, c_ubyte, c_void_p
from dataclasses import dataclass
from pathlib import Path

RATE = 8000  # samples a second
BLOCK = 160  # samples: 20 ms

Audio = ctypes.Array[c_int16]
Log = Callable[[str], None]

# spandsp's t30.h: T30_SUPPORT_V27TER ..., to be added up
V27, V29, V17 = 1, 2, 4
# T30_SUPPORT_T4_1D_COMPRESSION ...
MH, MR, MMR = 2, 4, 8
# T4_COMPRESSION_ITU_*: what a call came to use
_CODES = {1: "MH", 2: "MR", 3: "MMR"}
_G4 = 3
# T30_SUPPORT_*_RESOLUTION: standard, fine and superfine, 204 dpi across
_RESOLUTIONS = 0x01 | 0x02 | 0x04 | 0x20000
# T30_SUPPORT_*_WIDTH and _LENGTH: 215 mm wide; unlimited, A4 and B4 length
_SIZES = 0x01 | 0x10000 | 0x20000 | 0x40000
# logging.h: everything, with severity and protocol
_LOG_LEVEL = 7 | 0x400 | 0x800

_PhaseE = CFUNCTYPE(None, c_void_p, c_void_p, c_int)
_PhaseD = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_Frame = CFUNCTYPE(None, c_void_p, c_void_p, c_int, POINTER(c_ubyte), c_int)
_Message = CFUNCTYPE(None, c_int, c_char_p)


def silence() -> Audio:
    """A block in which nothing is said."""
    return (c_int16 * BLOCK)()


_library: list[ctypes.CDLL] = []


def use(library: ctypes.CDLL) -> None:
    """Take this library for everything below."""
    for name in (
        "fax_init",
        "fax_get_t30_state",
        "fax_get_logging_state",
        "t30_get_logging_state",
        "t31_init",
        "t31_get_logging_state",
    ):
        getattr(library, name).restype = c_void_p
    for name in ("t30_completion_code_to_str", "t30_get_rx_ident", "t30_frametype"):
        getattr(library, name).restype = c_char_p
    _library[:] = [library]


def spandsp() -> ctypes.CDLL:
    """The library that `use` took."""
    return _library[0]


def log_to(state: int, write: Log) -> object:
    """Send what a spandsp part has to say to `write`, for as long as the answer is kept."""

    def message(_level: int, text: bytes) -> None:
        write(text.decode("latin-1").rstrip())

    handler = _Message(message)
    spandsp().span_log_set_level(c_void_p(state), _LOG_LEVEL)
    spandsp().span_log_set_message_handler(c_void_p(state), handler)
    return handler


class Stats(ctypes.Structure):
    """spandsp's `t30_stats_t`."""

    _fields_ = [
        (name, c_int)
        for name in (
            "bit_rate",
            "ecm",
            "pages_tx",
            "pages_rx",
            "pages_in_file",
            "x_resolution",
            "y_resolution",
            "width",
            "length",
            "image_size",
            "encoding",
            "bad_rows",
            "longest_bad_row_run",
            "ecm_retries",
            "current_status",
        )
    ]
    bit_rate: int
    ecm: int
    pages_tx: int
    pages_rx: int
    width: int
    length: int
    image_size: int
    encoding: int
    bad_rows: int
    ecm_retries: int

    @property
    def code(self) -> str:
        """How the rows were coded on the line: MH, MR or MMR."""
        return _CODES.get(self.encoding, str(self.encoding))


@dataclass(frozen=True)
class Machine:
    """What a fax machine can do."""

    modems: int = V17 | V29 | V27
    codes: int = MH | MR | MMR
    ecm: bool = True
    scan_ms: int = 0  # how long its paper takes for one row


class Fax:
    """A fax machine in a call: it sends the TIFF `tx`, or answers and writes the TIFF `rx`."""

    def __init__(
        self,
        machine: Machine,
        ident: str,
        *,
        tx: Path | None = None,
        rx: Path | None = None,
        log: Log | None = None,
    ) -> None:
        self.result: int | None = None  # T.30's completion code, when the call is over
        self.frames: list[str] = []  # T.30's frames, "<" received and ">" sent
        self.pages: list[Stats] = []  # at the end of each page
        self._lib = lib = spandsp()
        self._fax = c_void_p(lib.fax_init(None, int(tx is not None)))
        self._t30 = t30 = c_void_p(lib.fax_get_t30_state(self._fax))
        lib.t30_set_tx_ident(t30, ident.encode())
        lib.t30_set_supported_modems(t30, machine.modems)
        lib.t30_set_supported_compressions(t30, machine.codes)
        lib.t30_set_supported_resolutions(t30, _RESOLUTIONS)
        lib.t30_set_supported_image_sizes(t30, _SIZES)
        lib.t30_set_ecm_capability(t30, int(machine.ecm))
        lib.t30_set_minimum_scan_line_time(t30, machine.scan_ms)
        if tx is not None:
            lib.t30_set_tx_file(t30, str(tx).encode(), -1, -1)
        if rx is not None:
            lib.t30_set_rx_file(t30, str(rx).encode(), -1)
            lib.t30_set_rx_encoding(t30, _G4)
        lib.fax_set_transmit_on_idle(self._fax, 1)
        # spandsp keeps no reference of its own
        self._handlers = _PhaseE(self._over), _PhaseD(self._page), _Frame(self._frame)
        over, page, frame = self._handlers
        lib.t30_set_phase_e_handler(t30, over, None)
        lib.t30_set_phase_d_handler(t30, page, None)
        lib.t30_set_real_time_frame_handler(t30, frame, None)
        self._logs = log and (
            log_to(lib.t30_get_logging_state(t30), log),
            log_to(lib.fax_get_logging_state(self._fax), log),
        )

    def _over(self, _t30: int, _user: int, code: int) -> None:
        self.result = code

    def _page(self, _t30: int, _user: int, _code: int) -> int:
        self.pages.append(self.stats())
        return 0

    def _frame(
        self, _t30: int, _user: int, incoming: int, frame: ctypes._Pointer[c_ubyte], length: int
    ) -> None:
        name = self._lib.t30_frametype(frame[2]).decode() if length > 2 else "?"
        if name not in ("FCD", "RCP"):  # ECM's image data
            self.frames.append(("<" if incoming else ">") + name)

    def stats(self) -> Stats:
        stats = Stats()
        self._lib.t30_get_transfer_statistics(self._t30, byref(stats))
        return stats

    @property
    def status(self) -> str:
        """How the call went, in spandsp's words; "OK" if well."""
        if self.result is None:
            return "in call"
        return str(self._lib.t30_completion_code_to_str(self.result).decode())

    @property
    def far_ident(self) -> str:
        """What the other end calls itself (CSID or TSI)."""
        return str((self._lib.t30_get_rx_ident(self._t30) or b"").decode("latin-1").strip())

    def step(self, heard: Audio) -> Audio:
        """One block of audio in, one block out."""
        said = silence()
        self._lib.fax_rx(self._fax, heard, BLOCK)
        self._lib.fax_tx(self._fax, said, BLOCK)
        return said

    def hang_up(self) -> Stats:
        """End the call ("call dropped" if it was not over) and free the machine."""
        self._lib.t30_terminate(self._t30)
        stats = self.stats()
        self._lib.fax_free(self._fax)  # this also closes the TIFF
        return stats


@dataclass(frozen=True)
class Transmission:
    """A call of `line_time`."""

    seconds: float  # on the line, until both ends are done
    result: str  # as the sender sees it
    received: str  # as the receiver sees it
    pages: int  # received
    bit_rate: int
    code: str
    image_bytes: tuple[int, ...]  # of each page, as coded on the line


def line_time(
    tiff: Path, out: Path, *, modems: int = Machine.modems, limit: float = 3600
) -> Transmission:
    """Fax `tiff` between two machines with these modems; the receiver writes its pages to `out`.

    The line has its own clock, so that a call of minutes takes a fraction of a second. After
    `limit` seconds on it the line is cut.
    """
    machine = Machine(modems)
    sender, receiver = Fax(machine, "SENDER", tx=tiff), Fax(machine, "RECEIVER", rx=out)
    heard, now, last = silence(), 0.0, 0.0
    while sender.result is None or receiver.result is None:
        heard = sender.step(receiver.step(heard))
        now += BLOCK / RATE
        if sender.result is None:
            last = now
        if now > limit or now > last + 5:  # the receiver may wait for ever for a lost DCN
            break
    sent, got = sender.hang_up(), receiver.hang_up()
    return Transmission(
        seconds=round(now, 2),
        result=sender.status,
        received=receiver.status,
        pages=got.pages_rx,
        bit_rate=sent.bit_rate,
        code=sent.code,
        image_bytes=tuple(page.image_size for page in sender.pages),
    )
