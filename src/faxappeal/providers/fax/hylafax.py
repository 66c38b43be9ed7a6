"""HylaFAX: an organisation's own fax server, by its client protocol (hfaxd, port 4559).

The protocol is FTP with job commands, so ftplib carries it. It has no encryption: use it on
loopback, in a trusted network or through a tunnel. Our reference is the job's tag (JOBINFO), which
the server does not keep unique: `find` first, then submit, under our own claim.
"""

from __future__ import annotations

import ftplib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr

from ...config.fields import OneLine
from ...config.secrets import secret
from ...core.errors import SetupError
from ...core.lifecycle import Cause
from ...core.text import clean
from ..base import (
    Accepted,
    BeforeSend,
    Failed,
    Job,
    NotTaken,
    Outcome,
    Probe,
    ProviderReport,
    TooEarly,
    Unknown,
    Unreachable,
    classify,
)
from ..hylafax_client import HfaxdClient
from ..hylafax_status import cause_of
from . import FaxAccount

if TYPE_CHECKING:
    from ...config.sections import FaxSection, Publish

_TIMEOUT = 60.0  # seconds, for each reply
# A job that was not submitted by then never is: hfaxd ends a session that says nothing for so long,
# and between the server's time and JSUBM there is one more command.
_SILENCE = 60  # seconds
_SUBMITTED_WITHIN = timedelta(seconds=2 * _SILENCE + 60)
# faxqclean removes finished jobs after 15 minutes by default; a call lasts at least seconds
_KEPT = timedelta(minutes=14)
_DONE, _FAILED = "DONE", "FAILED"  # the states that end a job


class Account(FaxAccount):
    """[fax.hylafax]"""

    about: ClassVar[str] = "an organisation's own HylaFAX server"
    tried: ClassVar[str] = "a real HylaFAX, on a test exchange"
    killed: ClassVar[str] = "found by our reference, sent once"
    keeps: ClassVar[str] = "the server's admin sees jobs and pages until its faxqclean removes them"
    forgets: ClassVar[bool] = False

    host: OneLine = "127.0.0.1"
    port: int = 4559
    user: OneLine = "faxappeal"
    password: SecretStr | None = None
    password_command: OneLine | None = None

    def open(self, fax: FaxSection, publish: Publish | None) -> Hylafax:
        has_password = self.password or self.password_command
        password = secret(self, "password", "fax", "hylafax") if has_password else ""
        return Hylafax(self.host, self.port, self.user, password)


class NoConnection(Unreachable):
    """Nothing could leave this machine."""


_LONGEST = timedelta(hours=23)  # a fax in progress is followed for a day


class Hylafax:
    """A HylaFAX server. It dials once for each job: only we redial."""

    name = "hylafax"
    supports_lookup = True
    # hfaxd may still be working on what we sent it before we died
    visibility_delay = timedelta(seconds=10)
    gap = timedelta(0)  # its modems take the jobs as they can
    poll_interval = timedelta(0)

    def __init__(self, host: str, port: int, user: str, password: str) -> None:
        self.host, self.port, self.user, self.password = host, port, user, password
        self.endpoint = f"{user}@{host}:{port}"

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        try:
            client = self._connect()
        except Unreachable as error:
            cause = Cause.OFFLINE if isinstance(error, NoConnection) else Cause.PROVIDER
            return Failed(cause, ProviderReport(raw=str(error)))
        with client:
            try:
                is_limited = _limited(client)
                _describe(client, job)
                submitted_at = _server_time(client) if is_limited else None
            except ftplib.all_errors as error:
                # before JSUBM the server deletes the job with the session
                return Failed(_refusal(error), ProviderReport(raw=_words(error)))
            before_send(submitted_at)
            return _commit(client, job.reference)

    def forget(self, reference: str, account_reference: str | None) -> bool:
        return False  # faxqclean removes what was sent

    def check(self, now: datetime, countries: frozenset[str]) -> Sequence[Probe]:
        try:
            with self._connect() as client:
                waiting = len(client.jobs("sendq"))
                job = _probe_job(client)  # never submitted: it goes with the session
        except (OSError, EOFError, ftplib.Error, Unreachable) as error:
            hint = "is hfaxd running, and host and port right? See [fax.hylafax]"
            return [Probe("connection", False, _words(error), hint)]
        return [
            Probe("connection", True, f"{self.host}:{self.port}, not encrypted"),
            Probe("sign-in", True, f"as {self.user}"),
            Probe("queue", True, f"{waiting} jobs wait there"),
            *job,
        ]

    def close(self) -> None:
        pass  # each question has a session of its own

    def look_up(self, account_reference: str) -> Outcome:
        number, _, tag = account_reference.partition("/")
        try:
            with self._connect() as client:
                try:
                    job = client.job(number)
                except ftplib.error_perm:
                    # for a moment a job is in neither queue: on its way from sendq to doneq
                    if _tagged(client, tag):
                        return Accepted(ProviderReport(account_reference))
                    words = "the server no longer has this job"
                    return Unknown(ProviderReport(account_reference, words))
                call = client.call(number) if job["STATE"] in (_DONE, _FAILED) else {}
        except ftplib.all_errors as error:
            raise Unreachable(_words(error)) from error
        if job["JOBINFO"] != tag:
            words = "the server has another job by this number"
            return Unknown(ProviderReport(account_reference, words))
        return _outcome(account_reference, job, call)

    def withdraw(self, account_reference: str) -> Outcome | None:
        number, _, tag = account_reference.partition("/")
        try:
            with self._connect() as client:
                if client.job(number)["JOBINFO"] == tag:
                    # answered when a call that is on the line is over, and counted
                    client.sendcmd(f"JSUSP {number}")
            with self._connect() as client:  # a session remembers what it has read of a job
                job = client.job(number)
                if job["JOBINFO"] == tag:
                    client.sendcmd(f"JKILL {number}")
                    if job["TOTDIALS"] == "0":
                        return None
        except (ftplib.error_perm, ftplib.error_temp):
            pass  # it is over already
        except ftplib.all_errors as error:
            raise Unreachable(_words(error)) from error
        return self.look_up(account_reference)

    def find(self, job: Job, since: datetime) -> Outcome | NotTaken | None:
        try:
            with self._connect() as client:
                before = _server_time(client)
                found = _tagged(client, job.reference)
                after = _server_time(client)
        except ftplib.all_errors as error:
            raise Unreachable(_words(error)) from error
        if found is not None:
            return Accepted(ProviderReport(f"{found['id']}/{job.reference}", found["state"]))
        if job.submitted_at is None or before is None or after is None:
            return None
        if not job.submitted_at <= before <= after < job.submitted_at + _KEPT:
            return None  # it may have been there, and be removed
        if before < job.submitted_at + _SUBMITTED_WITHIN:
            raise TooEarly(job.submitted_at + _SUBMITTED_WITHIN - before)
        return NotTaken(after - job.submitted_at)

    def _connect(self) -> HfaxdClient:
        client = HfaxdClient(timeout=_TIMEOUT, encoding="latin-1")
        try:
            client.connect(self.host, self.port)
        except (OSError, EOFError) as error:
            client.close()
            raise NoConnection(f"HylaFAX on {self.host}:{self.port}: {_words(error)}") from error
        except ftplib.Error as error:
            client.close()
            raise Unreachable(f"HylaFAX on {self.host}:{self.port}: {_words(error)}") from error
        try:
            reply = client.sendcmd(f"USER {self.user}")
            if reply.startswith("331"):
                if not self.password:
                    raise ftplib.error_perm("it wants a password")  # noqa: S321
                client.sendcmd(f"PASS {self.password}")
            client.sendcmd("TZONE GMT")
        except ftplib.error_perm as error:
            client.close()
            raise SetupError(
                f"HylaFAX on {self.host} does not let {self.user} in: {_words(error)}",
                "set FAXAPPEAL_FAX__HYLAFAX__PASSWORD, or see the server's hosts.hfaxd",
            ) from error
        except ftplib.all_errors as error:
            client.close()
            raise Unreachable(f"HylaFAX on {self.host}:{self.port}: {_words(error)}") from error
        return client


def _tagged(client: HfaxdClient, tag: str) -> dict[str, str] | None:
    """The job with our tag. The queues are asked in the order in which a job moves."""
    jobs = client.jobs("sendq") + client.jobs("doneq")
    return next((job for job in jobs if job.get("tag") == tag), None)


def _limited(client: HfaxdClient) -> bool:
    """Whether the server ends the session if we say nothing for a while. A machine that was
    suspended meanwhile submits nothing when it wakes."""
    try:
        client.limit_silence(_SILENCE)
    except ftplib.error_perm:
        return False
    return True


def _server_time(client: HfaxdClient) -> datetime | None:
    """The server's own clock; None where it does not say it."""
    try:
        return client.server_time()
    except (ftplib.error_perm, ftplib.error_reply):
        return None


def _describe(client: HfaxdClient, job: Job) -> None:
    """A new job, complete but not yet submitted."""
    name = client.store(job.document)
    client.sendcmd("JNEW")
    for key, value in _parameters(job).items():
        client.set_parameter(key, value)
    client.sendcmd(f"JPARM DOCUMENT {name}")


def _probe_job(client: HfaxdClient) -> list[Probe]:
    """What the server makes of a job's parameters, on a job that is never sent."""
    client.sendcmd("JNEW")
    where = "the server's administrator: hfaxd's and the modem's configuration"
    for key, value in _parameters(Job("", "", b"")).items():
        try:
            client.set_parameter(key, value)
        except ftplib.error_perm as error:
            return [Probe("jobs", False, f"{key} is refused: {_words(error)}", where)]
    dialling = Probe("dialling", False, "the server would redial by itself", where)
    if client.parameter("MAXDIALS") == client.parameter("MAXTRIES") == "1":
        words = "once a job, however high the server's own caps: only we redial"
        dialling = Probe("dialling", True, words)
    header = Probe("header line", False, "the server would print its tag line over ours", where)
    if client.parameter("USETAGLINE") == "YES":
        header = Probe("header line", True, "ours; the server prints no tag line of its own")
    return [dialling, header]


def _parameters(job: Job) -> dict[str, str]:
    """The parameters of a job, in the order in which they are sent."""
    return {
        "SENDTIME": "NOW",
        "LASTTIME": _lasttime(job.time_left),  # after SENDTIME, so in this order
        "FROMUSER": _quoted("faxappeal"),
        "NOTIFYADDR": _quoted("nobody@localhost"),  # must be there
        "NOTIFY": "NONE",
        "DIALSTRING": _quoted(job.address),
        "MAXDIALS": "1",
        "MAXTRIES": "1",
        "JOBINFO": _quoted(job.reference),
        "VRES": "196" if job.fine else "98",
        "PAGEWIDTH": "216" if job.letter_paper else "209",  # mm, as sendfax gives them
        "PAGELENGTH": "279" if job.letter_paper else "296",
        "PAGECHOP": "NONE",
        # "no tag line of the server's" is said as "use mine", and giving none
        "USETAGLINE": "YES",
        "TAGLINE": _quoted(""),
    }


def _lasttime(time_left: timedelta | None) -> str:
    """DDHHMM: no call begins after the office has closed, nor when we no longer follow it."""
    minutes = int(min(time_left or _LONGEST, _LONGEST).total_seconds() // 60)
    hours, minutes = divmod(max(minutes, 1), 60)
    return f"00{hours:02}{minutes:02}"


def _commit(client: HfaxdClient, tag: str) -> Outcome:
    """JSUBM: from here on the server may dial."""
    try:
        reply = client.sendcmd("JSUBM")
    except (ftplib.error_perm, ftplib.error_temp) as error:  # 460: the scheduler did not take it
        return Failed(_refusal(error), ProviderReport(raw=_words(error)))
    except ftplib.all_errors as error:
        return Unknown(ProviderReport(raw=_words(error)))
    match = re.search(r"Job (\d+) submitted", reply)
    if not match:
        return Unknown(ProviderReport(raw=clean(reply)))
    return Accepted(ProviderReport(f"{match[1]}/{tag}", clean(reply)))


def _outcome(reference: str, job: Mapping[str, str], call: Mapping[str, str]) -> Outcome:
    state, status = job["STATE"], clean(job["STATUS"])
    pages = _count(job["NPAGES"])
    rate = re.match(r"(\d+) bit/s", call.get("signalrate", ""))
    report = ProviderReport(
        account_reference=reference,
        raw=f"{state} {status}".strip(),
        pages=pages,
        station=clean(call.get("csi", "")).strip() or None,
        rate=int(rate[1]) if rate else None,
    )
    return classify(
        report,
        delivered=state == _DONE,
        in_progress=state not in (_DONE, _FAILED),
        cause=None if pages else cause_of(status, _count(job["TOTDIALS"])),
    )


def _count(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _quoted(text: str) -> str:
    if re.search(r'["\r\n\\]', text):
        raise ValueError("not possible in a HylaFAX parameter")
    return f'"{text}"'


def _refusal(error: Exception) -> Cause:
    return Cause.REFUSED if isinstance(error, ftplib.error_perm) else Cause.PROVIDER


def _words(error: Exception) -> str:
    return clean(str(error)) or type(error).__name__
