"""What a worker uses for one delivery at a time: the letter that was planned, and no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from faxappeal.campaign.letter import Context, LetterError, LetterSource
from faxappeal.campaign.settings import Settings
from faxappeal.core.errors import SetupError
from faxappeal.core.finding import Finding, Location
from faxappeal.core.lifecycle import HoldReason, State
from faxappeal.ledger import Record
from faxappeal.workers import folder as folder_module
from faxappeal.workers import session as module
from faxappeal.workers.folder import CampaignFolder
from faxappeal.workers.session import WorkerSession
from faxappeal.workers.worker import PlanMismatch
from tests.support.appeal import png
from tests.support.campaigns import write
from tests.support.job_queue import MemoryJobs, MemoryQueue
from tests.support.renderer import InProcess
from tests.support.uptime import Uptime, uptime_of
from tests.support.world import World, leave

ONE, TWO, MAIL = "one +12025550101", "two +12025550102", "mail office@example.org"
EACH = '[fax]\naccount = "sinch"\n[senders]\nmode = "each"\n'
SENDERS = "id,name,place,consent\na,Ada Example,Berlin,2026-11-01\nb,Ben Example,,2026-11-02\n"
LIST, LETTER, TOML = "recipients.yaml", "letter.j2", "faxappeal.toml"
PICTURE = "---\nsubject: Please answer\n---\n{{ to.salutation }},\n\n![us](us.png)\n"
OTHER_LETTER = "the letter in this folder is not the one that was planned"
NO_SUCH = "no such recipient, address or sender"
BEING_EDITED = "does not pass faxappeal check"


class Failing(InProcess):
    """A process for templates that breaks down when a test wants it to."""

    is_broken = False

    def render(self, source: LetterSource, context: Context) -> Any:
        if self.is_broken:
            raise LetterError(ENDED)
        return super().render(source, context)


@dataclass
class Office:
    """A campaign's folder that a worker has, and what was planned from it."""

    world: World
    memory: MemoryQueue
    uptime: Uptime
    templates: Failing = field(default_factory=Failing)
    said: list[Mapping[str, Any]] = field(default_factory=list)
    opened: list[Settings] = field(default_factory=list)  # whose accounts were opened
    closed: int = 0

    @property
    def folder(self) -> Path:
        return self.world.folder

    def accounts(self, settings: Settings) -> Any:
        self.opened.append(settings)
        office = self

        class Accounts:
            def __call__(self, _name: str) -> Any:
                return office.world.account

            def close(self) -> None:
                office.closed += 1

        return Accounts()

    def write(self, *recipients: str, letter: str = "", settings: str = "") -> None:
        write(
            self.folder,
            list(recipients or (ONE,)),
            **({"letter": letter} if letter else {}),
            settings=settings or '[fax]\naccount = "sinch"\n[email]\naccount = "smtp"\n',
        )

    def session(self) -> WorkerSession:
        return WorkerSession(
            folder=CampaignFolder(self.folder, self.world.clock, self.templates),
            ledger=self.world.ledger,
            clock=self.world.clock,
            tell=self.said.append,
            jobs=MemoryJobs(),
        )

    def planned(self, session: WorkerSession, terms: str = "", **choice: Any) -> list[Record]:
        """The letters of the session's campaign are left to the workers."""
        letters = session.context.deliveries(**choice)
        self.world.ledger.plan_all(letters, self.world.clock.now())
        content = {each.id: session.letters.content_sha256(each) for each in letters}
        self.world.ledger.queue_for_workers(content, dict.fromkeys(content, terms))
        return [self.record(each.id) for each in letters]

    def record(self, id: str) -> Record:
        record = self.world.ledger.queries.get(id)
        assert record
        return record

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def office(world: World, memory: MemoryQueue, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(folder_module, "TemplateProcess", InProcess)
    office = Office(world, memory, uptime_of(folder_module, monkeypatch))
    monkeypatch.setattr(module, "Accounts", office.accounts)
    office.write()
    return office


Change = Callable[[Office], None]

ENDED = Finding(LETTER, Location(1, 1), "error", "letter", "the process for templates has ended")

# -- the letter that was planned -------------------------------------------------------------------


def test_each_letter_is_found_as_it_was_planned(office: Office) -> None:
    office.write(ONE, TWO, MAIL)
    session = office.session()
    records = office.planned(session)
    assert [session.find(record).id for record in records] == [record.id for record in records]
    assert {session.find(record).hold for record in records} == {None}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda office: office.edit(LETTER, "please", "please do"), OTHER_LETTER),
        (lambda office: office.edit(LIST, "Dear Madam or Sir", "Dear Minister"), OTHER_LETTER),
        (lambda office: office.edit(LIST, "5550101", "5550109"), NO_SUCH),
        (lambda office: office.write(TWO), NO_SUCH),
        (lambda office: office.edit(LIST, "status: active", "status: acti"), BEING_EDITED),
        (lambda office: (office.folder / LETTER).unlink(), BEING_EDITED),
        (lambda office: office.edit(TOML, 'id = "test"', 'id = "another"'), "no such recipient"),
    ],
    ids=[
        *("another text", "another salutation", "another number", "the recipient is gone"),
        *("half a list", "no letter", "another campaign"),
    ],
)
def test_a_folder_that_is_not_the_planned_one_sends_nothing(
    office: Office, change: Change, why: str
) -> None:
    session = office.session()
    [record] = office.planned(session)
    change(office)
    with pytest.raises(PlanMismatch, match=why):
        session.find(record)


@pytest.mark.parametrize(
    "change",
    [
        lambda office: office.edit(LIST, "id: one", "id: ministry"),
        lambda office: office.write(TWO, ONE),
        lambda office: office.edit(LIST, "2026-11-01", "2026-11-20"),
    ],
    ids=["its recipient has another id", "another place in the list", "it was checked again"],
)
def test_a_change_that_makes_no_other_letter_is_none(office: Office, change: Change) -> None:
    session = office.session()
    [record] = office.planned(session)
    change(office)
    assert session.find(record).id == record.id


def test_a_folder_that_is_brought_up_to_date_is_used_without_another_start(office: Office) -> None:
    session = office.session()
    [record] = office.planned(session)
    office.edit(LETTER, "please", "please do")
    with pytest.raises(PlanMismatch):
        session.find(record)
    office.edit(LETTER, "please do", "please")
    assert session.find(record).id == record.id
    assert office.closed == 2, "the accounts of each former state are closed"


def test_files_that_say_the_same_as_before_open_no_other_accounts(office: Office) -> None:
    session = office.session()
    [record] = office.planned(session)
    office.edit(TOML, "[campaign]\n", "# a remark\n[campaign]\n")
    session.find(record)
    assert len(office.opened) == 1


def test_what_was_planned_after_another_change_is_found_by_it(office: Office) -> None:
    before = office.session()
    [record] = office.planned(before)
    office.edit(LETTER, "please", "please do")
    after = office.session()
    with pytest.raises(PlanMismatch, match=OTHER_LETTER):
        after.find(record)
    [again] = office.planned(after)
    assert after.find(again).id == before.find(again).id == record.id


# -- what is on the line ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "hold"),
    [
        (lambda office: office.edit(LETTER, "please", "please do"), None),
        (lambda office: office.edit(LIST, "status: active", "status: acti"), None),
        (lambda office: office.edit(LIST, "5550101", "5550109"), HoldReason.NOT_LISTED),
        (lambda office: office.write(TWO), HoldReason.NOT_LISTED),
    ],
    ids=["another text", "half a list", "another number", "the recipient is gone"],
)
def test_of_what_has_left_the_account_is_asked_whatever_the_folder_says(
    office: Office, change: Change, hold: HoldReason | None
) -> None:
    session = office.session()
    [record] = office.planned(session)
    leave(office.world.ledger, office.world.clock, session.find(record))
    change(office)
    found = session.find(office.record(record.id))
    assert (found.id, found.address, found.hold) == (record.id, "+12025550101", hold)


# -- what a person agreed to -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "hold"),
    [("", HoldReason.STALE), ("unverified", None), ("again", HoldReason.STALE)],
    ids=["nothing", "a doubtful contact", "something else"],
)
def test_a_doubtful_contact_is_written_to_if_a_person_has_agreed(
    office: Office, terms: str, hold: HoldReason | None
) -> None:
    office.edit(LIST, "2026-11-01", "2025-11-01")
    session = office.session()
    [record] = office.planned(session, terms)
    assert session.find(record).hold is hold


@pytest.mark.parametrize(
    ("terms", "again"), [("", False), ("again", True), ("unverified again", True)]
)
def test_a_letter_goes_once_more_if_a_person_wants_it(
    office: Office, terms: str, again: bool
) -> None:
    session = office.session()
    [record] = office.planned(session, terms)
    assert session.find(record).again is again


def test_the_second_round_of_a_letter_is_found(office: Office) -> None:
    session = office.session()
    [first] = office.planned(session)
    leave(office.world.ledger, office.world.clock, session.find(first))
    ledger, clock = office.world.ledger, office.world.clock
    ledger.attempts.record(first.id, "fa-1", State.DELIVERED, clock.now())
    [second] = office.planned(office.session(), "again", again=True)
    found = session.find(second)
    assert (found.id, found.round) == (second.id, 2) and second.id != first.id


# -- many senders ----------------------------------------------------------------------------------


def test_where_many_send_a_letter_each_it_is_the_one_of_its_sender(office: Office) -> None:
    path = office.folder / "senders.csv"
    path.write_text(SENDERS, encoding="utf-8")
    path.chmod(0o600)
    office.write(ONE, settings=EACH)
    session = office.session()
    records = office.planned(session)
    assert [session.find(record).signatory for record in records] == ["a", "b"]


def test_the_letter_of_a_sender_who_has_left_is_refused(office: Office) -> None:
    path = office.folder / "senders.csv"
    path.write_text(SENDERS, encoding="utf-8")
    path.chmod(0o600)
    office.write(ONE, settings=EACH)
    session = office.session()
    first, second = office.planned(session)
    path.write_text("".join(SENDERS.splitlines(keepends=True)[:2]), encoding="utf-8")
    assert session.find(first).signatory == "a"
    with pytest.raises(PlanMismatch, match=OTHER_LETTER):
        session.find(second)


# -- its date, its pictures, its text --------------------------------------------------------------


def test_a_letter_has_the_day_on_which_its_campaign_was_first_sent(office: Office) -> None:
    """Not that on which a worker began."""
    office.edit(TOML, "date = 2026-11-24\n", "")
    session = office.session()
    office.world.clock.sleep(3 * 24 * 3600)
    office.world.ledger.start("test", date(2026, 11, 27))
    [record] = office.planned(office.session())
    assert session.find(record).id == record.id
    assert session.letters.day == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("seconds", "is_found"), [(10, False), (30, True)], ids=["just read", "half a minute ago"]
)
def test_a_picture_that_was_replaced_is_found_when_the_letter_is_doubtful(
    office: Office, seconds: float, is_found: bool
) -> None:
    (office.folder / "us.png").write_bytes(png(40, 40))
    office.write(ONE, letter=PICTURE)
    session = office.session()
    session.letters.content_sha256(session.context.deliveries()[0])  # it has seen the old one
    (office.folder / "us.png").write_bytes(png(60, 40))
    [record] = office.planned(office.session())
    office.uptime.passes(seconds)
    if is_found:
        assert session.find(record).id == record.id
        return
    with pytest.raises(PlanMismatch, match=OTHER_LETTER):
        session.find(record)


def test_a_letter_that_cannot_be_written_is_refused(office: Office) -> None:
    [record] = office.planned(office.session())
    session = office.session()
    office.templates.is_broken = True
    with pytest.raises(PlanMismatch, match="the letter cannot be written"):
        session.find(record)


# -- a step ----------------------------------------------------------------------------------------


def test_each_change_is_said_without_a_name_or_number(office: Office) -> None:
    session = office.session()
    [record] = office.planned(session)
    session.dispatcher.step(session.find(record))
    assert office.said == [
        {
            "event": "accepted",
            "campaign": "test",
            "delivery": record.id,
            "channel": "fax",
            "attempt": 1,
            "account": "sinch",
        }
    ]
    assert len(office.world.account.submitted) == 1


def test_of_a_letter_only_the_content_that_was_queued_leaves(office: Office) -> None:
    session = office.session()
    [record] = office.planned(session)
    office.world.ledger.queue_for_workers({record.id: "another"}, {record.id: ""})
    session.dispatcher.step(session.context.deliveries()[0])
    assert not office.world.account.submitted


def test_what_is_closed_can_be_used_again(office: Office) -> None:
    session = office.session()
    [record] = office.planned(session)
    session.close()
    assert office.closed == 1
    session.dispatcher.step(session.find(record))
    assert office.world.states() == ["accepted"]


# -- chores ----------------------------------------------------------------------------------------


def test_a_job_that_was_lost_is_queued_again(office: Office) -> None:
    """The ledger knows what is to be sent, whatever becomes of the queue."""
    office.write(ONE, TWO)
    session = office.session()
    one, two = office.planned(session)
    office.memory.put(one.id)
    session.do_chores()
    assert sorted(job["queueing_lock"] for job in office.memory.jobs.values()) == sorted(
        [one.id, two.id]
    )
    assert not office.memory.had_old_events


def test_what_was_left_to_no_worker_is_not_queued(office: Office) -> None:
    session = office.session()
    office.world.ledger.plan_all(session.context.deliveries(), office.world.clock.now())
    session.do_chores()
    assert not office.memory.jobs and not office.said


def test_chores_are_done_while_the_folder_is_edited(office: Office) -> None:
    session = office.session()
    [record] = office.planned(session)
    office.edit(LIST, "status: active", "status: acti")
    session.do_chores()
    assert [job["queueing_lock"] for job in office.memory.jobs.values()] == [record.id]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], []),
        (["a", "b"], ["2 e-mails to look at"]),
        (SetupError("the mailbox refuses", "look at it"), ["the mailbox refuses"]),
    ],
    ids=["nothing odd", "what no letter explains", "a mailbox that refuses"],
)
def test_the_mailbox_is_read_about_the_e_mails(
    office: Office, monkeypatch: pytest.MonkeyPatch, found: Any, said: list[str]
) -> None:
    asked: list[list[str]] = []

    def sync(letters: Any) -> Any:
        asked.append([letter.recipient.id for letter in letters])
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(module, "mailbox_sync_of", lambda *_: SimpleNamespace(sync=sync))
    office.write(ONE, MAIL)
    office.session().do_chores()
    assert asked == [["mail"]]
    assert office.said == [{"event": "mailbox", "message": words} for words in said]
