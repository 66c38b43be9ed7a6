"""The far side of a chaos run: accounts that are slow, break off and answer wrongly, and what they saw.

Nothing here is idempotent: whatever is accepted, is another letter.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from tests.support import servers
from tests.support.fakes import fax_accounts
from tests.support.fakes.account import FaxAccountFake
from tests.support.fakes.web import Reply, Request
from tests.support.servers.exchange import Answer, Call, Route
from tests.support.servers.faulty_smtp import FaultySmtp
from tests.support.servers.hylafax import Hylafax
from tests.support.servers.mail import Mail
from tests.support.servers.pages import Unlike, same

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
    is_told: bool = False  # the sender's mailbox tells that it went


class FarSide(Protocol):
    """An account with a memory of its own."""

    channel: str  # fax or email
    speed: float  # of the clock: a real server lives in real time

    def settings(self, campaign: str) -> str: ...

    def environment(self) -> Mapping[str, str]: ...

    def arrivals(self, known: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        """All that was taken. `known` are our references and the documents in `folder`, by SHA-256,
        each with its campaign and address: what an account may know a letter by."""


# -- fax accounts, in bad weather ----------------------------------------------------------------

# how a fax ends, by chance; those that an account knows
_ENDINGS: tuple[tuple[float, str], ...] = (
    (0.18, "busy"),
    (0.24, "no answer"),
    (0.27, "hung up at once"),
    (0.29, "dropped"),
    (0.31, "after a page"),
)


class UnreliableAccount:
    """The stand-in of a fax account, slow and unreliable."""

    channel = "fax"
    speed = 60.0

    def __init__(self, module: ModuleType, fake: FaxAccountFake, chance: random.Random) -> None:
        self.module, self.fake, self.chance = module, fake, chance
        self._lock = threading.Lock()
        fake.first, fake.before, fake.after = self._first, self._before, self._after

    def _drawn(self) -> tuple[float, float]:
        with self._lock:
            return self.chance.uniform(0.01, LATENCY), self.chance.random()

    def _first(self, request: Request) -> Reply | None:
        latency, glitch = self._drawn()
        time.sleep(latency / 10)
        # whatever sends no fax may fail as well: questions, and an upload
        return Reply(cut=True) if glitch < 0.03 and request.method != "POST" else None

    def _before(self, _request: Request) -> Reply | None:
        latency, glitch = self._drawn()
        time.sleep(latency / 2)
        if glitch < 0.02:
            return Reply(cut=True)
        return Reply(429) if glitch < 0.04 else None

    def _after(self, _request: Request) -> Reply | None:
        """A fax was accepted: it becomes a call, and its answer may get lost."""
        with self._lock:
            now = time.monotonic()
            # of those that two requests at a time have made, one each
            fax = next(fax for fax in self.fake.faxes if "began" not in fax)
            drawn = self.chance.random()
            fate = next((name for limit, name in _ENDINGS if drawn < limit), "delivered")
            fax["fate"] = fate if fate in self.module.FATES else "delivered"
            fax["ending"] = self.module.FATES.get(fate)
            fax["listed"] = now + self.chance.uniform(0, LISTED)
            fax["began"], fax["ends"] = now, now + self.chance.uniform(0.2, 1.2)
        latency, glitch = self._drawn()
        time.sleep(latency / 2)
        if glitch < 0.05:
            return Reply(cut=True)
        return Reply(500) if glitch < 0.09 else None

    def settings(self, campaign: str) -> str:
        return str(self.module.settings(self.fake))

    def environment(self) -> Mapping[str, str]:
        return self.module.ENVIRONMENT  # type: ignore[no-any-return]

    def arrivals(self, known: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        return [self._arrival(fax, known) for fax in self.fake.faxes if "began" in fax]

    def _arrival(self, fax: dict[str, Any], known: Mapping[str, tuple[str, str]]) -> Arrival:
        reference = self.fake.reference(fax)
        campaign, _ = known.get(reference, ("", ""))
        ending = {"busy": "failed", "no answer": "failed", "hung up at once": "failed"}
        fate = ending.get(fax["fate"], fax["fate"])
        return Arrival(
            campaign=campaign or "a campaign that no claim tells of",
            address=fax["to"],
            reference=reference,
            arrived=fate != "failed",
            ending=fate if self.fake.supports_lookup else None,
            started=fax["began"],
            ended=fax["ends"],
        )


@contextmanager
def unreliable_account(name: str, chance: random.Random, folder: Path) -> Iterator[FarSide]:
    """An account by its name."""
    module = fax_accounts()[name]
    with module.start(folder) as fake:
        yield UnreliableAccount(module, fake, chance)


# -- a mail server, in bad weather and in good ---------------------------------------------------

_MESSAGE = re.compile(rb"^(Subject|To): (.*)\r$", re.M)


def _letter(message: bytes) -> Arrival:
    """An e-mail's campaign stands in its subject."""
    fields = {name.decode(): value.decode() for name, value in _MESSAGE.findall(message)}
    address = fields["To"].rpartition("<")[2].rstrip(">")
    campaign = fields["Subject"].split()[-1]
    return Arrival(campaign, address, f"{campaign} {address}", arrived=True)


@dataclass
class UnreliableSmtp:
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

    def arrivals(self, known: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        return [
            _letter(message)
            for behaviour, message in self.server.messages
            if behaviour != "451_after_dot"
        ]


@contextmanager
def unreliable_smtp(chance: random.Random) -> Iterator[FarSide]:
    far_side = UnreliableSmtp(chance)
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
            f'ca_file = "{self.server.ca_file}"\n[email.imap]\nhost = "localhost"\n'
            f'port = {self.server.imaps}\nca_file = "{self.server.ca_file}"\n'
        )

    def environment(self) -> Mapping[str, str]:
        return {"FAXAPPEAL_EMAIL__SMTP__PASSWORD": "s3nd-pass"}

    def arrivals(self, known: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        found: list[Arrival] = []
        while True:  # until its queue is empty: two looks, a second apart, that see the same
            messages = self.server.messages("embassy")
            # the sender's mailbox has a copy of each
            before = len(found)
            found = [replace(_letter(message.raw), is_told=True) for message in messages]
            if found and len(found) == before:
                return found
            time.sleep(1)


@contextmanager
def real_mail(addresses: list[str]) -> Iterator[FarSide]:
    aliases = dict.fromkeys(addresses, "embassy") | {"appeals@example.org": "sender"}
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
        return self.server.settings

    def environment(self) -> Mapping[str, str]:
        return {}

    def arrivals(self, known: Mapping[str, tuple[str, str]], folder: Path) -> list[Arrival]:
        return [self._arrival(call, known, folder) for call in list(self.server.calls)]

    def _arrival(self, call: Call, known: Mapping[str, tuple[str, str]], folder: Path) -> Arrival:
        """A call, known by the page that arrived: it is one of those in the archive."""
        campaign = reference = ""
        if call.pages and call.tiff:
            for sha256, (owner, address) in known.items():
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
