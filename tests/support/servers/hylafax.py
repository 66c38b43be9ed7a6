"""A real HylaFAX server in one folder, with test exchanges as its modems.

    with Hylafax(folder) as server:
        ...  # submit a job to server.host, server.port
        job = server.wait(number)

HylaFAX comes from Debian's packages, unpacked and not installed: nothing of the system is written,
and no mail is sent. Its daemons insist on being root, on becoming the user "uucp" and on chroot;
fakeroot and fakechroot make them believe it. For root as well: a program that root starts as uucp
is in the loader's secure mode (ld.so(8)), in which it does not find the unpacked libraries.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from tests.support.servers import line
from tests.support.servers.debian import ROOT, ServerMissing, unpack
from tests.support.servers.exchange import ROUTES, Call, Exchange, Route

PACKAGES = (
    *line.PACKAGES,
    "hylafax-server",
    "hylafax-client",
    "libtiff-tools",  # tiff2fax codes our Group 4 pages anew as Group 3, pixel for pixel
    "fakeroot",
    "libfakeroot",
    "libfakechroot",
)
USER, PASSWORD = "faxappeal", "secret"

_LIBEXEC = ROOT / "usr/lib/hylafax/bin"
_SCRIPTS = ROOT / "var/spool/hylafax/bin"
_FOLDERS = [
    "archive",
    "bin",
    "client",
    "config",
    "dev",
    "docq",
    "doneq",
    "etc",
    "info",
    "lock",
    "log",
    "pollq",
    "recvq",
    "sendq",
    "status",
    "tmp",
]
_PRIVATE = ("archive", "docq", "doneq", "pollq", "sendq")

_COMMON = """\
CountryCode:         44
AreaCode:            20
LongDistancePrefix:  0
InternationalPrefix: 00
DialStringRules:     etc/dialrules
UUCPLockDir:         {spool}/lock
ServerTracing:       1
"""
# faxq's. SendFaxCmd is not Debian's /usr/sbin/faxsend, which bind-mounts /etc/hylafax first. The
# caps on dials and tries are above any job's own: past a cap the reason of a failure is lost.
_CONFIG = (
    _COMMON
    + """\
LogFacility:         daemon
SendFaxCmd:          {libexec}/faxsend
NotifyCmd:           bin/quiet
WedgedCmd:           bin/quiet
MaxDials:            12
MaxTries:            12
JobReqBusy:          4
JobReqNoAnswer:      4
JobReqNoCarrier:     4
JobReqNoFCon:        1
JobReqDataConn:      1
JobReqOther:         1
JobReqProto:         1
PageChop:            none
"""
)
# faxsend's. Delays that spare a real modem cost 6 s a job.
_MODEM = (
    _COMMON
    + """\
FAXNumber:           +442079460000
LocalIdentifier:     "FAXAPPEAL"
SessionTracing:      0xfff
TagLineFormat:       ""
ModemType:           Class1
ModemRate:           115200
ModemFlowControl:    none
ModemResetCmds:      ATH0
ModemReadyCmds:      ATH0
ModemDialCmd:        ATDT%s
ModemWaitTimeCmd:    ATS7=60
ModemResetDelay:     0
ModemDTRDropDelay:   0
ModemBaudRateDelay:  0
ModemSoftResetCmdDelay: 0
Class1TMConnectDelay: 0
JobReqBusy:          4
JobReqNoAnswer:      4
JobReqNoCarrier:     4
JobReqNoFCon:        1
JobReqDataConn:      1
JobReqOther:         1
JobReqProto:         1
"""
)
# what faxsetup finds out about a machine; only SBIN (tiffcheck) and TIFFBIN matter for fax pages
_SETUP = """\
SPOOL='{spool}'
SBIN='{libexec}'
LIBEXEC='{libexec}'
LIBDATA='{spool}/etc'
BIN='{root}/usr/bin'
TIFFBIN='{root}/usr/bin'
TIFF2PDF='/usr/bin/tiff2pdf'
GSRIP='/usr/bin/gs'
PSPACKAGE='gs'
FONTPATH='/usr/share/fonts/type1/gsfonts'
AWK='/usr/bin/awk'
CAT='/bin/cat'
CP='/bin/cp'
ECHO='/bin/echo'
GREP='/bin/grep'
MV='/bin/mv'
RM='/bin/rm'
SED='/bin/sed'
SCRIPT_SH='/bin/bash'
PATH='/usr/sbin:/bin:/usr/bin'
"""
# a number is dialled as it was given, without blanks and punctuation
_DIALRULES = r"""
Area=${AreaCode}
Country=${CountryCode}
IDPrefix=${InternationalPrefix}
LDPrefix=${LongDistancePrefix}
WS=" \t\r\n-()."
CanonicalNumber := [
[${WS}]+ = ""
]
DialString := [
[${WS}]+ = ""
]
"""
# hosts.hfaxd(5), the first line that fits: USER needs PASSWORD (`openssl passwd -6`), others none
_HOSTS = (
    f"^{USER}@:60002:"
    "$6$faxappeal$ZyoVJVthf3TFnjxaZ7bmaTWAo13UWfkVjzZUPTsYzQWaURxmg4hk9CdfDoZwRBWdU/"
    "1uhCj/sG4nwFh9jsuzm0\n"
    "127.0.0.1\n"
)
_QUIET = """\
#!/bin/sh
printf '%s\\n' "$*" >> log/notify
"""


class Hylafax:
    """The server. `routes` is a copy for this server alone; a test may change it between calls."""

    host = "127.0.0.1"

    def __init__(self, folder: Path, modems: int = 1, routes: Mapping[str, Route] = ROUTES) -> None:
        self.folder = folder.resolve()
        self.spool = self.folder / "spool"
        self.received = self.folder / "received"  # the pages that arrived
        self.routes = dict(routes)
        self.calls: list[Call] = []  # that are over, in that order
        self.port = 0
        self._over = threading.Event()
        self._modems = modems
        self._stack = ExitStack()
        self._environment: dict[str, str] = {}

    def __enter__(self) -> Hylafax:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def client(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of HylaFAX's own clients (sendfax, faxstat, faxrm ...) with this server."""
        return subprocess.run(
            [ROOT / "usr/bin" / program, "-h", f"{self.host}:{self.port}", *arguments],
            env=_environment() | {"HOME": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def settings(self) -> str:
        """The tables of faxappeal.toml for this server; the password comes from a command."""
        return (
            f'\n[fax]\naccount = "hylafax"\n[fax.hylafax]\nport = {self.port}\nuser = "{USER}"\n'
            f'password_command = "echo {PASSWORD}"\n'
        )

    # jobs

    def job(self, number: int | str) -> dict[str, str] | None:
        """The queue file of a job (sendq(5)), and its `queue`: sendq or doneq."""
        for queue in ("sendq", "doneq"):
            found = _queue_file(self.spool / queue / f"q{number}")
            if found:
                return found
        return None

    def jobs(self) -> list[dict[str, str]]:
        """The queue files of all jobs, waiting ones and finished ones."""
        # in this order: a job moves from sendq to doneq
        paths = [path for queue in ("sendq", "doneq") for path in (self.spool / queue).glob("q*")]
        found = {path.name: job for path in paths if (job := _queue_file(path))}
        return [found[name] for name in sorted(found, key=lambda name: int(name[1:]))]

    def wait(self, number: int | str, seconds: float = 120) -> dict[str, str]:
        """The queue file of a job when it is done or has failed."""
        job: dict[str, str] | None = None

        def over() -> bool:
            nonlocal job
            job = self.job(number)
            # it is in doneq before its state is 7 (done) or 8 (failed)
            return bool(job and job["queue"] == "doneq" and job.get("state") in ("7", "8"))

        try:
            _until(over, seconds)
        except TimeoutError:
            raise TimeoutError(f"job {number} after {seconds} s: {job}") from None
        assert job is not None
        return job

    # start and stop

    def _start(self, stack: ExitStack) -> None:
        unpack(*PACKAGES)
        if not any(entry.pw_name == "uucp" for entry in pwd.getpwall()):
            raise ServerMissing("HylaFAX: there is no user uucp here")
        self.received.mkdir(parents=True, exist_ok=True)
        log = stack.enter_context((self.folder / "line.log").open("a", buffering=1))
        exchanges = [
            stack.enter_context(
                Exchange(
                    self.received,
                    self.routes,
                    self.calls.append,
                    lambda text: print(text, file=log),
                )
            )
            for _ in range(self._modems)
        ]
        modems = [_modem(exchange) for exchange in exchanges]
        self._lay_out(modems)
        self._environment = _environment()
        self._pretend(stack)
        self._daemon(stack, ROOT / "usr/sbin/faxq", "-D", "-q", self.spool)
        self._listen(stack)
        for modem in modems:
            _until(lambda modem=modem: self._ready(modem), 10)  # type: ignore[misc]
        watch = threading.Thread(target=self._keep_ready, args=(modems,))
        stack.callback(watch.join)
        stack.callback(self._over.set)  # before the join: callbacks run backwards
        watch.start()

    def _listen(self, stack: ExitStack) -> None:
        """Start hfaxd on a port that is free."""
        for _ in range(5):
            with socket.socket() as probe:
                probe.bind((self.host, 0))
                self.port = probe.getsockname()[1]
            daemon = self._daemon(
                stack,
                *(ROOT / "usr/sbin/hfaxd", "-d", "-q", self.spool),
                *("-l", self.host, "-i", str(self.port)),
            )

            def up(daemon: subprocess.Popen[bytes] = daemon) -> bool:
                if daemon.poll() is not None:
                    return True
                with suppress(OSError), socket.create_connection((self.host, self.port), 1):
                    return True
                return False

            _until(up, 10)
            if daemon.poll() is None:
                return
        raise ServerMissing(f"hfaxd ends at once: {self._last_words('hfaxd')}")

    def _keep_ready(self, modems: list[str]) -> None:
        """Say it again where faxq has missed it: a job is due, and no modem has been taken.

        faxgetty says so after each call; faxq now and then loses the one message that we send.
        """
        waited = 0
        while not self._over.wait(0.5):
            due = any(job.get("state") == "5" for job in self.jobs())
            taken = any((self.spool / "lock").iterdir())
            waited = waited + 1 if due and not taken else 0
            if waited >= 4:
                waited = 0
                for modem in modems:
                    self._ready(modem)

    def _ready(self, modem: str) -> bool:
        """Tell faxq that the modem is ready: there is no faxgetty that would."""
        done = subprocess.run(
            [_LIBEXEC / "faxmodem", "-q", self.spool, modem],
            env=self._environment,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    def _daemon(
        self, stack: ExitStack, program: Path, *arguments: str | Path, out: IO[bytes] | None = None
    ) -> subprocess.Popen[bytes]:
        """A process that ends, with all its children, when the stack is left."""
        log = stack.enter_context((self.folder / f"{program.name}.log").open("ab"))
        daemon = stack.enter_context(
            subprocess.Popen(
                [program, *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out or log,
                stderr=log,
                cwd=self.spool,
                start_new_session=True,
            )
        )
        stack.callback(_stop, daemon)
        return daemon

    def _last_words(self, program: str) -> str:
        return (self.folder / f"{program}.log").read_text(errors="replace")[-500:].strip()

    def _pretend(self, stack: ExitStack) -> None:
        """From here on daemons are root in their own eyes."""
        preload = [
            next(ROOT.glob(f"usr/lib/*/{name}"))
            for name in ("libfakeroot/libfakeroot-sysv.so", "fakechroot/libfakechroot.so")
        ]
        # faked keeps what owners and modes the files would have; it says "KEY:PID"
        announced = self.folder / "faked.key"
        with announced.open("wb") as out:
            faked = self._daemon(stack, ROOT / "usr/bin/faked-sysv", "--foreground", out=out)
        _until(lambda: ":" in announced.read_text() or faked.poll() is not None, 10)
        if faked.poll() is not None:
            raise ServerMissing(f"faked ends at once: {self._last_words('faked-sysv')}")
        self._environment |= {
            "FAKEROOTKEY": announced.read_text().split(":")[0],
            "FAKECHROOT": "true",
            "FAKECHROOT_EXCLUDE_PATH": "/dev:/proc:/sys",
            "LD_PRELOAD": ":".join(str(path) for path in preload),
        }
        subprocess.run(["chown", "-R", "uucp:uucp", self.spool], env=self._environment, check=True)

    # the spool

    def _lay_out(self, modems: list[str]) -> None:
        """Everything that HylaFAX wants to find in its spool."""
        spool = self.spool
        for name in _FOLDERS:
            (spool / name).mkdir(parents=True, exist_ok=True)
        shutil.copytree(_SCRIPTS, spool / "bin", dirs_exist_ok=True)
        for name in ("ps2fax", "pdf2fax"):  # faxsetup would link these
            shutil.copy(_SCRIPTS / f"{name}.gs", spool / "bin" / name)
        (spool / "bin/quiet").write_text(_QUIET)
        (spool / "bin/quiet").chmod(0o755)
        values = {"spool": spool, "libexec": _LIBEXEC, "root": ROOT}
        (spool / "etc/config").write_text(_CONFIG.format(**values))
        for modem in modems:
            (spool / f"etc/config.{modem}").write_text(_MODEM.format(**values))
        (spool / "etc/setup.cache").write_text(_SETUP.format(**values))
        (spool / "etc/dialrules").write_text(_DIALRULES)
        (spool / "etc/hosts.hfaxd").write_text(_HOSTS)
        (spool / "etc/hosts.hfaxd").chmod(0o600)  # hfaxd wants it so
        # the clients' own file
        (self.folder / ".hylarc").write_text(f"TypeRules: {ROOT}/etc/hylafax/typerules\n")
        (spool / "tmp").chmod(0o1777)
        for name in _PRIVATE:
            (spool / name).chmod(0o700)


def _environment() -> dict[str, str]:
    libraries = [ROOT / "usr/lib/hylafax", *{path.parent for path in ROOT.glob("usr/lib/*/*.so.*")}]
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LD_LIBRARY_PATH": ":".join(str(path) for path in libraries),
        "LC_ALL": "C",
        "TZ": "UTC",
    }


def _modem(exchange: Exchange) -> str:
    """HylaFAX's name for a device: pts_3 is /dev/pts/3."""
    return exchange.device.removeprefix("/dev/").replace("/", "_")


def _queue_file(path: Path) -> dict[str, str] | None:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    fields = (text.partition(":") for text in lines if not text.startswith("!"))
    return {name: value for name, colon, value in fields if colon} | {"queue": path.parent.name}


def _until(test: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            raise TimeoutError(f"nothing after {seconds} s")
        time.sleep(0.02)


def _stop(daemon: subprocess.Popen[bytes]) -> None:
    """End a daemon and whatever is left of its session: faxsend at work, open connections."""
    daemon.terminate()
    try:
        daemon.wait(5)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            # proc(5): pid (name) state ppid pgrp session
            if int(stat.read_text().rpartition(")")[2].split()[3]) == daemon.pid:
                os.kill(int(stat.parent.name), signal.SIGKILL)
