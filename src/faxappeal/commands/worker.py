"""`faxappeal worker`: runs the deliveries of campaigns from a ledger that machines share."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..campaign.delivery import Delivery
from ..campaign.delivery import deliveries as plan_deliveries
from ..campaign.letter import LetterError
from ..campaign.loading import LoadedCampaign
from ..campaign.template_process import TemplateProcess
from ..checks.load import read
from ..core.clock import Clock
from ..core.errors import FaxappealError, SetupError, UsageError
from ..core.finding import InvalidCampaign
from ..core.lifecycle import HoldReason
from ..core.text import masked
from ..delivery.accounts import Accounts
from ..delivery.assembly import dispatcher_of, evidence_of
from ..delivery.context import CampaignContext, orphaned
from ..ledger import Ledger, Record
from ..ledger.locking import WORKER, lock
from ..ledger.sqlite import LedgerStore, store_of
from ..workers.queue import Jobs, database, prepare
from ..workers.worker import PlanMismatch, Tell, Worker

_READ_AGAIN = 30.0  # seconds after which a folder that does not fit is looked at again
_FILES = ("faxappeal.toml", "recipients.yaml", "letter.j2", "senders.csv", ".env")
MOST = 20  # deliveries at once; each has a connection to the database


def worker(
    folders: Sequence[Path], clock: Clock, press: TemplateProcess, at_once: int, tell: Tell
) -> None:
    """Serve the queues of campaigns until a signal comes. SetupError and InvalidCampaign before it
    begins."""
    if not 1 <= at_once <= MOST:
        raise UsageError(f"--at-once is a number from 1 to {MOST}", "4 is usual")
    shelves = {
        shelf.id: shelf for shelf in (CampaignFolder(each, clock, press) for each in folders)
    }
    if len(shelves) < len(folders):
        raise UsageError("two of the folders are the same campaign", "name each campaign once")
    homes = {database(shelf.home) for shelf in shelves.values()}
    if len(homes) > 1:
        raise UsageError("the campaigns have different ledgers", "run a worker for each ledger")
    home = homes.pop()

    def say(words: Mapping[str, Any]) -> None:
        with suppress(OSError):  # a log that is full or gone stops no letter: the ledger has it all
            told = {"at": clock.now().isoformat(timespec="seconds"), **words}
            if "message" in told:  # it may repeat what a server said
                told["message"] = masked(str(told["message"]))
            tell(told)

    _quiet(say)
    who = f"{WORKER}{', '.join(shelves)}, {socket.gethostname()[:20]}"
    with home.open() as ledger, lock(ledger, who, shared=True):
        prepare(ledger)
        from ..workers.service import QueueConsumer

        def open_desk(shelf: CampaignFolder) -> Callable[[], WorkerSession]:
            return lambda: WorkerSession(shelf, ledger, clock, say, Jobs(home.section))

        staff = {id: Worker(ledger, clock, open_desk(s), say) for id, s in shelves.items()}
        try:
            QueueConsumer(Jobs(home.section), staff, say, at_once).serve()
        finally:
            for each in staff.values():
                each.close()


class CampaignFolder:
    """The campaign's folder, which somebody may bring up to date while workers run."""

    def __init__(self, folder: Path, clock: Clock, press: TemplateProcess) -> None:
        self._folder, self._clock, self._press = folder.absolute(), clock, press
        self._reading = threading.Lock()
        self._stamp, self._read_at = _stamp(self._folder), time.monotonic()
        self._fits = True
        self.latest: LoadedCampaign = self._read()  # that passed its check

    @property
    def id(self) -> str:
        return self.latest.settings.campaign.id

    @property
    def home(self) -> LedgerStore:
        return store_of(self.latest.settings.ledger)

    def campaign(self, *, doubtful: bool = False) -> LoadedCampaign:
        """The campaign as its files are now; Refused where they are being edited. Where a letter is
        `doubtful`, its pictures may have changed: then the folder is read once more, if that was
        not done just now."""
        with self._reading:
            stamp, moment = _stamp(self._folder), time.monotonic()
            if doubtful or not self._fits:
                wanted = stamp != self._stamp or moment - self._read_at >= _READ_AGAIN
            else:
                wanted = stamp != self._stamp
            if wanted:
                self._stamp, self._read_at = stamp, moment
                self._press = TemplateProcess()  # one that had to be killed writes nothing any more
                try:
                    self.latest, self._fits = self._read(), True
                except (InvalidCampaign, FaxappealError):
                    self._fits = False
            if not self._fits:
                raise PlanMismatch("the campaign's folder does not pass faxappeal check")
            return self.latest

    def _read(self) -> LoadedCampaign:
        return read(self._folder, self._clock.now().date(), self._press)


def _stamp(folder: Path) -> tuple[tuple[int, int, int] | None, ...]:
    """Of the files that a person changes: each one's time, size and place."""
    found: list[tuple[int, int, int] | None] = []
    for name in _FILES:
        try:
            stat = (folder / name).stat()
        except OSError:
            found.append(None)
        else:
            found.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(found)


class WorkerSession:
    """One delivery at a time, with accounts of its own."""

    def __init__(
        self, shelf: CampaignFolder, ledger: Ledger, clock: Clock, tell: Tell, jobs: Jobs
    ) -> None:
        self._shelf, self._ledger, self._clock, self._tell = shelf, ledger, clock, tell
        self._jobs = jobs
        self._set_up(shelf.latest)

    def _set_up(self, campaign: LoadedCampaign) -> None:
        self.campaign = campaign
        self.office = CampaignContext(campaign, self._ledger, self._clock.now())
        self.letters = self.office.letters()
        self._accounts = Accounts(campaign.settings)
        self.dispatcher = dispatcher_of(
            self.office,
            self.letters,
            self._clock,
            self._accounts,
            self._changed,
            require_queued_content=True,
        )

    def find(self, record: Record) -> Delivery:
        try:
            self._bring_up_to_date(self._shelf.campaign())
        except PlanMismatch:
            if (
                not record.state.is_in_progress
            ):  # else its account is asked, whatever is being edited
                raise
        if self.letters.day != self.office.day:
            self._start_anew(self.campaign)  # it began before the campaign was first sent
        try:
            return self._find(record)
        except (PlanMismatch, LetterError):
            latest = self._shelf.campaign(doubtful=True)
            if latest is not self.campaign:  # for this desk alone: it may look the same
                self._start_anew(latest)
        try:
            return self._find(record)
        except LetterError as error:
            raise PlanMismatch("the letter cannot be written") from error

    def _bring_up_to_date(self, campaign: LoadedCampaign) -> None:
        if campaign is not self.campaign and campaign != self.campaign:
            self._start_anew(campaign)

    def _start_anew(self, campaign: LoadedCampaign) -> None:
        self.close()
        self._set_up(campaign)

    def _find(self, record: Record) -> Delivery:
        # its recipient may be called otherwise by now: that is no other letter
        delivery = self._planned(record, [record.recipient]) or self._planned(record, [])
        if delivery is None and record.state.is_in_progress:
            return orphaned(record, self.office.digest)
        if delivery is None:
            raise PlanMismatch("this folder's list has no such recipient, address or sender")
        if record.state.is_in_progress or self.letters.content_sha256(delivery) == record.ordered:
            return delivery
        raise PlanMismatch("the letter in this folder is not the one that was planned")

    def _planned(self, record: Record, only: Sequence[str]) -> Delivery | None:
        terms = (record.terms or "").split()
        known = [recipient.id for recipient in self.campaign.recipients]
        sender = self.office.sender_of(record.sender)
        found = plan_deliveries(
            self.campaign.sent_by(sender) if sender else self.campaign,
            self.office.digest,
            self._clock.now(),
            only=only,
            accepted=known if HoldReason.UNVERIFIED in terms else (),
            rounds={record.base: record.round},
            bases={} if sender else {self._key(record): record.base},
            again="again" in terms,
            signatory=sender.id if sender else None,
        )
        return next((each for each in found if each.id == record.id), None)

    def _key(self, record: Record) -> str:
        return self.office.digest("address", record.channel, record.address)

    def _changed(self, delivery: Delivery, record: Record) -> None:
        words = {
            "event": record.state,
            "campaign": delivery.campaign,
            "delivery": delivery.id,
            "channel": delivery.channel,
            "attempt": record.attempt,
            "account": record.account,
            "cause": record.cause,
        }
        self._tell({name: value for name, value in words.items() if value is not None})

    def do_chores(self) -> None:
        """What a run does before and after its letters: delete what accounts keep, and read the
        mailbox. And the queue is looked after: the ledger knows what belongs into it."""
        with suppress(PlanMismatch):  # while it is being edited, with what is known
            self._bring_up_to_date(self._shelf.campaign())
        id = self.campaign.settings.campaign.id
        self._jobs.delete_old_events()
        self._jobs.put(self._ledger.queries.ordered(id), {})
        self.dispatcher.forgetting.clean_up(id)
        evidence = evidence_of(self.office, self.letters, self._clock)
        if evidence is None:
            return
        office = CampaignContext(self.campaign, self._ledger, self._clock.now())
        try:
            odd = evidence.sync(office.deliveries(channel="email"))
        except SetupError as error:
            self._tell({"event": "mailbox", "message": error.message})
        else:
            if odd:
                self._tell({"event": "mailbox", "message": f"{len(odd)} e-mails to look at"})

    def close(self) -> None:
        self._accounts.close()


class _Handler(logging.Handler):
    """What the queue's library has to say, as one of our lines."""

    def __init__(self, say: Callable[[Mapping[str, Any]], None]) -> None:
        super().__init__(logging.ERROR)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        self._say({"event": "queue", "message": record.getMessage().split("\n")[0][:300]})


def _quiet(say: Callable[[Mapping[str, Any]], None]) -> None:
    """No library writes on the screen by itself."""
    for name in ("procrastinate", "psycopg", "psycopg.pool", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], False
        logger.addHandler(_Handler(say))
