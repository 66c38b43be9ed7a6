"""A session with hfaxd, HylaFAX' server: FTP with job commands."""

from __future__ import annotations

import ftplib
import re
from datetime import UTC, datetime

# hfaxd(8), JOBFMT: id, state, pages, status, tag. The tag is free text: it is last.
_FIELDS = {"id": "j", "state": "a", "pages": "P", "status": "s", "tag": "J"}


class HfaxdClient(ftplib.FTP):
    """A session with hfaxd."""

    opened = ""  # the 150 reply, which names the file that the server made

    def getresp(self) -> str:
        reply = super().getresp()  # ftplib itself drops the reply to STOT
        if reply.startswith("150"):
            self.opened = reply
        return reply

    def store(self, document: bytes) -> str:
        """The document in the server's tmp folder; its name there, for this session only."""
        self.voidcmd("TYPE I")
        connection, _ = self.ntransfercmd("STOT")
        with connection:
            connection.sendall(document)
        self.voidresp()
        match = re.search(r"FILE: (\S+)", self.opened)
        if not match:
            raise ftplib.error_reply(self.opened)  # noqa: S321
        return match[1]

    def limit_silence(self, seconds: int) -> None:
        """The server ends the session when it has waited so long for a command."""
        self.sendcmd(f"IDLE {seconds}")

    def server_time(self) -> datetime:
        """The server's own clock: when it made a file, which goes with the session."""
        name = self.store(b"\n")
        reply = self.sendcmd(f"MDTM {name}")  # in GMT, where TZONE GMT was said
        match = re.fullmatch(r"213 (\d{14})", reply.strip())
        if not match:
            raise ftplib.error_reply(reply)  # noqa: S321
        return datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def set_parameter(self, name: str, value: str) -> None:
        self.sendcmd(f"JPARM {name} {value}")

    def jobs(self, queue: str) -> list[dict[str, str]]:
        """The jobs of `sendq` (waiting and running) or `doneq` (done and failed)."""
        self.sendcmd('JOBFMT "' + "|".join(f"%{letter}" for letter in _FIELDS.values()) + '"')
        lines: list[str] = []
        self.retrlines(f"LIST {queue}", lines.append)
        return [
            dict(zip(_FIELDS, line.split("|", len(_FIELDS) - 1), strict=False)) for line in lines
        ]

    def job(self, number: str) -> dict[str, str]:
        """One job's parameters."""
        self.sendcmd(f"JOB {number}")
        names = ("STATE", "STATUS", "NPAGES", "TOTDIALS", "JOBINFO")
        return {name: self.parameter(name) for name in names}

    def parameter(self, name: str) -> str:
        """A parameter of the current job."""
        return self.sendcmd(f"JPARM {name}")[4:].strip('"')

    def call(self, number: str) -> dict[str, str]:
        """What the call of a finished job was like: its queue file (sendq(5)), which a user may
        read of jobs of its own. No command shows the far end's CSID or the bit rate."""
        lines: list[str] = []
        try:
            self.retrlines(f"RETR doneq/q{number}", lines.append)
        except ftplib.error_perm:  # a server that keeps it to itself
            return {}
        return dict(line.split(":", 1) for line in lines if ":" in line)
