"""The far side of a storm: accounts that are slow, break off and answer wrongly, and what they saw.

Nothing here is idempotent: whatever is accepted, is another letter.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests import servers
from tests.fakes import sinch
from tests.fakes.web import Reply, Request, Web, as_json
from tests.servers.exchange import Answer, Call, Route
from tests.servers.faulty_smtp import FaultySmtp
from tests.servers.hylafax import PASSWORD, USER, Hylafax
from tests.servers.mail import Mail
from tests.servers.pages import Unlike, same

LATENCY = 0.3  # real seconds at most, of one request
LISTED = 0.3  # real seconds at most, until a fax is shown in the list


@dataclass(frozen=True)
class Arrival:
    """A letter that the far side took."""

    campaign: str
    address: str
    reference: str  # of ours, or what the account can tell instead
    arrived: bool  # a page, or the message, is at the far end
    # what the account says when it is asked by our reference; None where it cannot be asked
    ending: str | None = None
    started: float = 0.0  # real time
    ended: float = 0.0


class FarSide(Protocol):
    """An account with a memory of its own."""

    channel: str  # fax or email
    speed: float  # of the clock: a real server lives in real time

    def settings(self, campaign: str) -> str: ...

    def environment(self) -> Mapping[str, str]: ...

    def arrivals(self, documents: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        """All that was taken. `documents` are those in `folder`, by SHA-256, each with its campaign
        and address: for a server that keeps nothing else to know a letter by."""


# -- Sinch, in bad weather -----------------------------------------------------------------------

_ENDINGS: tuple[tuple[float, str, dict[str, Any]], ...] = (
    (0.70, "delivered", {"status": "COMPLETED", "pagesSentSuccessfully": 1}),
    (0.88, "failed", sinch.BUSY),
    (0.93, "failed", sinch.BUSY | {"errorCode": 16}),  # nobody answers
    (0.97, "failed", sinch.BUSY | {"errorCode": 11}),  # dropped before a page
    (1.01, "unknown", sinch.PARTIAL),  # a page was confirmed, and then it failed
)


@dataclass
class StormySinch(sinch.SinchFake):
    """Sinch's API, slow and unreliable."""

    chance: random.Random = field(default_factory=random.Random)
    channel: str = "fax"
    speed: float = 60.0
    taken: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request) -> Reply:
        with self._lock:
            latency, glitch = self.chance.uniform(0.01, LATENCY), self.chance.random()
        if request.method != "POST":
            time.sleep(latency / 10)
            return Reply(cut=True) if glitch < 0.03 else super().answer(request)
        time.sleep(latency / 2)
        if glitch < 0.02:
            return Reply(cut=True)  # before it was taken
        if glitch < 0.04:
            return as_json({"code": 429, "message": "too many"}, 429)
        with self._lock:
            reply = super().answer(request)
            if reply.status == 200:
                self._call(sinch.body(request))
        time.sleep(latency / 2)
        if glitch < 0.08:
            return Reply(cut=True)  # after it was taken
        if glitch < 0.12:
            return as_json({"code": 500, "message": "oops"}, 500)
        return reply

    def _call(self, body: dict[str, Any]) -> None:
        """The call that an accepted fax becomes."""
        drawn = self.chance.random()
        name, ending = next((name, e) for limit, name, e in _ENDINGS if drawn < limit)
        now = time.monotonic()
        fax = self.faxes[-1]
        fax["listed"] = now + self.chance.uniform(0, LISTED)
        fax["ends"] = now + self.chance.uniform(0.2, 1.2)
        fax["ending"] = ending
        self.taken.append(
            {"from": body["from"], "fax": fax, "name": name, "at": now, "ends": fax["ends"]}
        )

    def _list(self, request: Request) -> Reply:
        to, now = (request.query.get("to") or [""])[0], time.monotonic()
        found = [self._now(fax) for fax in self.faxes if fax["to"] == to and fax["listed"] <= now]
        return as_json({"page": 1, "totalPages": 1, "totalItems": len(found), "faxes": found})

    def _get(self, id: str) -> Reply:
        fax = next((fax for fax in self.faxes if fax["id"] == id), None)
        return as_json(self._now(fax)) if fax else as_json({"code": 404}, 404)

    @staticmethod
    def _now(fax: dict[str, Any]) -> dict[str, Any]:
        ours = ("polls", "listed", "ends", "ending")
        shown = {name: value for name, value in fax.items() if name not in ours}
        over = time.monotonic() >= fax["ends"]
        return shown | (fax["ending"] if over else {"status": "IN_PROGRESS"})

    def settings(self, campaign: str) -> str:
        # each campaign has a number of its own to send from: by it a letter is known here
        own = f"+1202555019{campaign[-1]}"
        return sinch.settings(self).replace("+12025550199", own)

    def environment(self) -> Mapping[str, str]:
        return sinch.ENVIRONMENT

    def arrivals(self, documents: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        return [
            Arrival(
                campaign=f"c{call['from'][-1]}",
                address=call["fax"]["to"],
                reference=call["fax"]["labels"]["reference"],
                arrived=call["name"] != "failed",
                ending=call["name"],
                started=call["at"],
                ended=call["ends"],
            )
            for call in self.taken
        ]


@contextmanager
def stormy_sinch(chance: random.Random) -> Iterator[FarSide]:
    fake = StormySinch(chance=chance)
    with Web(fake.answer) as web:
        fake.url = web.url
        yield fake


# -- a mail server, in bad weather and in good ---------------------------------------------------

_MESSAGE = re.compile(rb"^(Subject|To): (.*)\r$", re.M)


def _letter(message: bytes) -> Arrival:
    """An e-mail's campaign stands in its subject."""
    fields = {name.decode(): value.decode() for name, value in _MESSAGE.findall(message)}
    address = fields["To"].rpartition("<")[2].rstrip(">")
    campaign = fields["Subject"].split()[-1]
    return Arrival(campaign, address, f"{campaign} {address}", arrived=True)


@dataclass
class StormySmtp:
    """An SMTP server that is slow, breaks off after the dot, and is busy now and then."""

    chance: random.Random
    server: FaultySmtp = field(init=False)
    channel: str = "email"
    speed: float = 60.0

    def __post_init__(self) -> None:
        self.server = FaultySmtp(self._behaviour)

    def _behaviour(self) -> str:
        time.sleep(self.chance.uniform(0, LATENCY / 4))
        drawn = self.chance.random()
        if drawn < 0.04:
            return "close_after_dot"
        return "451_after_dot" if drawn < 0.08 else "accept"

    def settings(self, campaign: str) -> str:
        return (
            '\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "127.0.0.1"\nsecurity = "none"\n'
            f"port = {self.server.port}\n"
        )

    def environment(self) -> Mapping[str, str]:
        return {}

    def arrivals(self, documents: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        return [
            _letter(message)
            for behaviour, message in self.server.messages
            if behaviour != "451_after_dot"
        ]


@contextmanager
def stormy_smtp(chance: random.Random) -> Iterator[FarSide]:
    far_side = StormySmtp(chance)
    with far_side.server:
        yield far_side


@dataclass
class RealMail:
    """Exim and Dovecot."""

    server: Mail
    channel: str = "email"
    speed: float = 60.0

    def settings(self, campaign: str) -> str:
        return (
            '\n[email]\naccount = "smtp"\n[email.smtp]\nhost = "localhost"\n'
            f'port = {self.server.smtps}\nusername = "sender@lab.test"\n'
            f'ca_file = "{self.server.ca_file}"\n'
        )

    def environment(self) -> Mapping[str, str]:
        return {"FAXAPPEAL_EMAIL__SMTP__PASSWORD": "s3nd-pass"}

    def arrivals(self, documents: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        found: list[Arrival] = []
        while True:  # until its queue is empty: two looks, a second apart, that see the same
            before, found = len(found), [_letter(m.raw) for m in self.server.messages("embassy")]
            if found and len(found) == before:
                return found
            time.sleep(1)


@contextmanager
def real_mail(addresses: list[str]) -> Iterator[FarSide]:
    aliases = dict.fromkeys(addresses, "embassy")
    with servers.folder() as folder, Mail(folder, aliases) as server:
        yield RealMail(server)


# -- HylaFAX -------------------------------------------------------------------------------------


class Moods(dict[str, Route]):
    """Numbers that answer now this way, now that."""

    def __init__(self, chance: random.Random, endings: list[str]) -> None:
        super().__init__(dict.fromkeys(endings, Route()))
        self._chance = chance

    def __getitem__(self, ending: str) -> Route:
        super().__getitem__(ending)
        drawn = self._chance.random()
        if drawn < 0.12:
            return Route(Answer.BUSY)
        if drawn < 0.15:
            return Route(cut=("PPS", "EOP"))  # it has the page, but its receipt is lost
        return Route(Answer.NO_ANSWER) if drawn < 0.18 else Route()


@dataclass
class RealHylafax:
    """A fax server with two modems, on the telephone exchange of the tests."""

    server: Hylafax
    channel: str = "fax"
    speed: float = 10.0

    def settings(self, campaign: str) -> str:
        return (
            f'\n[fax]\naccount = "hylafax"\n[fax.hylafax]\nport = {self.server.port}\n'
            f'user = "{USER}"\npassword_command = "echo {PASSWORD}"\n'
        )

    def environment(self) -> Mapping[str, str]:
        return {}

    def arrivals(self, documents: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        return [self._arrival(call, documents, folder) for call in list(self.server.calls)]

    def _arrival(
        self, call: Call, documents: Mapping[str, tuple[str, str]], folder: Path
    ) -> Arrival:
        """A call, known by the page that arrived: it is one of those in the archive."""
        campaign = reference = ""
        if call.pages and call.tiff:
            for sha256, (owner, address) in documents.items():
                if address[1:] in call.number and _is_same(folder / sha256, call.tiff):
                    campaign, reference = owner, sha256
        return Arrival(
            campaign=campaign,
            address=f"+{call.number.removeprefix('00')}",
            reference=reference or f"call at {call.started}",
            arrived=call.pages > 0,
            ending="delivered" if call.result == "OK" else None,
            started=call.started,
            ended=call.ended,
        )


def _is_same(sent: Path, received: Path) -> bool:
    try:
        return all(page.pixels == 0 and page.rows <= 1 for page in same(sent, received))
    except (Unlike, FileNotFoundError):
        return False


@contextmanager
def real_hylafax(chance: random.Random, numbers: list[str]) -> Iterator[FarSide]:
    moods = Moods(chance, [number[-3:] for number in numbers])
    with servers.folder() as folder:
        server = Hylafax(folder, modems=2)
        server.routes = moods  # given to its constructor, they would be copied into a plain dict
        with server:
            yield RealHylafax(server)
