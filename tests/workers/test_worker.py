"""Workers of a shared ledger: a real PostgreSQL, real processes, an account's stand-in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from faxappeal.campaign import loading
from faxappeal.campaign.template_process import TemplateProcess
from faxappeal.ledger import postgres_connection
from faxappeal.ledger.attempts import Attempts
from faxappeal.ledger.location import store_of
from faxappeal.ledger.locking import lock
from faxappeal.ledger.postgres import QUEUEING, SPACE
from faxappeal.workers.folder import CampaignFolder
from faxappeal.workers.queue import DELIVER, Jobs
from faxappeal.workers.session import WorkerSession
from faxappeal.workers.timing import Timing
from tests.chaos.program import ChaosClock
from tests.support import campaigns
from tests.support.campaigns import ROOT, run, write
from tests.support.clock import FakeClock
from tests.support.fakes import sinch
from tests.support.fakes.web import Reply, Request, as_json
from tests.support.servers.postgres import Postgres

ALWAYS = '\n[pacing]\nhours = "00:00-24:00"\ndays = "mon-sun"\nholidays = false\n'
NIGHT = '\n[pacing]\nhours = "03:00-03:30"\n'
LIST = "recipients.yaml"
LETTER = "---\nsubject: Please answer\n---\n{{ to.salutation }}, please answer.\n"


@dataclass
class Office:
    """A campaign's folder, and the workers that have it."""

    folder: Path
    database: Callable[[str], str]
    clock: ChaosClock
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)

    def start(
        self, *words: str, log: Path | None = None, **environment: str
    ) -> subprocess.Popen[str]:
        """A worker, on a clock that runs sixty times as fast."""
        clock = self.folder.parent / "clock"
        if log is None:
            log = self.folder.parent / f"worker-{len(self.logs)}.log"
            self.logs.append(log)
        with log.open("w") as out:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.chaos.program"),
                    *(str(clock), "-C", str(self.folder), "worker", *words),
                ],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=out,
                stderr=out,
                text=True,
            )
        self.running.append(process)
        return process

    def lines(self) -> list[dict[str, Any]]:
        """What all workers have told; each line must be JSON."""
        told = []
        for log in self.logs:
            told += [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        return told

    def wait(self, *states: str, seconds: float = 60) -> None:
        """Until the ledger has these states, in any order."""
        end = time.monotonic() + seconds
        while sorted(self.states()) != sorted(states):
            assert time.monotonic() < end, f"{self.states()}, and not {states}: {self.lines()}"
            time.sleep(0.1)

    def until(self, is_so: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, self.lines()
            time.sleep(0.1)

    def events(self) -> list[Any]:
        return [line["event"] for line in self.lines()]

    def states(self) -> list[str]:
        return self.database("SELECT state FROM delivery").splitlines()

    def edit(self, name: str, old: str, new: str) -> None:
        """A file of the folder has other words from now on."""
        file = self.folder / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def jobs(self) -> int:
        return int(self.database("SELECT count(*) FROM procrastinate_jobs WHERE priority >= 0"))

    def stop(self) -> None:
        """SIGTERM: each ends well."""
        for process in self.running:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.running:
            assert process.wait(30) in (0, -signal.SIGKILL)


@pytest.fixture
def office(
    tmp_path: Path,
    account: sinch.SinchFake,
    shared_ledger: str,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    ChaosClock.write(tmp_path / "clock", 60)
    clock = ChaosClock(tmp_path / "clock")
    monkeypatch.setattr(campaigns, "clock", clock)
    monkeypatch.setattr(campaigns, "timing", Timing(speed=clock.speed))
    folder = write(
        tmp_path / "campaign",
        ["one +12025550101", "two +12025550102"],
        LETTER,
        sinch.settings(account) + ALWAYS,
    )
    name = shared_ledger.rpartition("/")[2]
    office = Office(folder, lambda words: postgres.sql(words, name), clock)
    yield office
    for process in office.running:
        process.kill()
        process.wait()


def enqueue(office: Office, *words: str) -> Any:
    return run("send", "--yes", "--enqueue", *words, "--json", folder=office.folder)


# -- what they do ----------------------------------------------------------------------------------


def test_what_is_queued_is_sent_once_by_one_of_them(
    office: Office, account: sinch.SinchFake
) -> None:
    ended = enqueue(office)
    assert ended.code == 0 and ended.json["data"]["queued"] == 2
    reasons = {row["reason"] for row in ended.json["data"]["deliveries"]}
    assert reasons == {"in the queue of the workers"} and not account.faxes
    assert enqueue(office).code == 0, "once more changes nothing"
    assert run("status", folder=office.folder).code == 3

    office.start()
    office.start()
    office.wait("delivered", "delivered")
    ended = run("send", "--yes", "--again", folder=office.folder)
    assert ended.code == 5 and "worker of test" in ended.err and "--enqueue" in ended.err
    office.stop()
    assert len(account.faxes) == 2
    assert run("status", folder=office.folder).code == 0
    assert run("send", "--yes", folder=office.folder).out.count("sent already") == 2
    assert enqueue(office).json["data"]["queued"] is None, "nothing is left to be done"
    assert {"started", "accepted", "delivered", "ended"} <= set(office.events())


def test_they_log_what_happened_and_nothing_of_anybody(
    office: Office, account: sinch.SinchFake
) -> None:
    enqueue(office)
    office.start()
    office.wait("delivered", "delivered")
    office.stop()
    said = "".join(log.read_text(encoding="utf-8") for log in office.logs)
    for private in ("2025550101", "Mustermann", "Office one", "please answer", "key-secret"):
        assert private.lower() not in said.lower()
    assert all({"at", "event"} <= set(line) for line in office.lines())


def test_a_worker_of_another_letter_sends_nothing_until_its_folder_is_the_planned_one(
    office: Office, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue(office)
    office.edit("letter.j2", "please", "please do")
    office.start()
    office.until(lambda: office.events().count("refused") >= 2)
    assert not account.faxes and office.states() == ["planned", "planned"]
    assert enqueue(office).code == 0, "now that letter is the planned one"
    office.wait("delivered", "delivered")
    assert len(account.faxes) == 2


def test_a_recipient_who_is_gone_from_the_folder_is_refused(
    office: Office, account: sinch.SinchFake
) -> None:
    enqueue(office)
    settings = sinch.settings(account) + ALWAYS
    write(office.folder, ["one +12025550101"], LETTER, settings)
    office.start()
    office.wait("delivered", "planned")
    office.until(lambda: "refused" in office.events())
    assert [fax["to"] for fax in account.faxes] == ["+12025550101"]


def test_what_is_checked_meanwhile_goes_without_another_start(
    office: Office, account: sinch.SinchFake
) -> None:
    """A worker looks at its folder whenever a file of it is another one."""
    office.edit(LIST, "2026-11-01", "2025-11-01")
    office.start()
    office.until(lambda: "started" in office.events())
    enqueue(office, "--accept-unverified", "one", "--reason", "called them")
    office.wait("delivered", "planned")
    office.edit(LIST, "2025-11-01", "2026-11-01")
    assert enqueue(office).code == 0
    office.wait("delivered", "delivered")
    assert "held" not in office.events() and len(account.faxes) == 2


def test_a_folder_that_is_being_edited_stops_nothing_that_is_under_way(
    office: Office, account: sinch.SinchFake
) -> None:
    recipients = office.folder / "recipients.yaml"
    text = recipients.read_text(encoding="utf-8")

    def after(_request: Request) -> Reply | None:
        recipients.write_text(text + "  - id: half an ent", encoding="utf-8")
        return None

    account.after = after
    enqueue(office, "--to", "one")
    office.start()
    office.wait("delivered")
    recipients.write_text(text, encoding="utf-8")
    account.after = lambda _request: None
    enqueue(office)
    office.wait("delivered", "delivered")


def test_what_was_held_goes_when_it_is_lifted_and_queued_again(
    office: Office, account: sinch.SinchFake
) -> None:
    account.endings["0101"] = sinch.VOICE
    enqueue(office, "--to", "one")
    office.start()
    office.wait("held")
    account.endings.clear()
    assert run("verify", "one", "--method", "call", folder=office.folder).code == 0
    assert enqueue(office, "--to", "one").code == 0
    office.wait("delivered")
    assert len(account.faxes) == 2


def test_a_recipient_who_is_called_otherwise_is_the_same(
    office: Office, account: sinch.SinchFake
) -> None:
    enqueue(office, "--to", "one")
    office.edit(LIST, "id: one", "id: ministry")
    enqueue(office)
    office.start()
    office.wait("delivered", "delivered")
    assert len(account.faxes) == 2


def test_no_letter_leaves_after_another_one_was_planned(
    office: Office, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a worker's look at the plan and its claim."""
    enqueue(office, "--to", "one")
    [letter] = office.database("SELECT id FROM delivery").split()
    claim = Attempts.claim

    def late(attempts: Attempts, *words: Any, **named: Any) -> bool:
        office.database(f"UPDATE delivery SET ordered = 'another' WHERE id = '{letter}'")
        return claim(attempts, *words, **named)

    monkeypatch.setattr(Attempts, "claim", late)
    with (
        store_of(loading.ledger_section(office.folder)).open() as ledger,
        lock(ledger, "a test", shared=True),
    ):
        session = WorkerSession(
            folder=CampaignFolder(office.folder, office.clock, TemplateProcess()),
            ledger=ledger,
            clock=office.clock,
            tell=lambda _words: None,
            jobs=Jobs(loading.ledger_section(office.folder)),
        )
        record = ledger.queries.get(letter)
        assert record
        session.dispatcher.step(session.find(record))
        assert office.states() == ["planned"] and not account.faxes
        session.close()


def test_a_letter_on_the_line_is_followed_though_its_number_was_changed(
    office: Office, account: sinch.SinchFake
) -> None:

    def after(_request: Request) -> Reply | None:
        office.edit(LIST, "5550101", "5550109")
        return None

    account.after, account.polls_under_way = after, 3
    enqueue(office, "--to", "one")
    office.start()
    office.wait("delivered")
    assert [fax["to"] for fax in account.faxes] == ["+12025550101"]


def test_longer_hours_hold_for_what_is_in_the_queue(
    office: Office, account: sinch.SinchFake
) -> None:
    office.edit("faxappeal.toml", ALWAYS, NIGHT)
    assert enqueue(office).code == 0
    office.start()
    office.until(lambda: "started" in office.events())
    first = office.database(
        "SELECT min(scheduled_at) > now() + interval '2 min'"
        " FROM procrastinate_jobs WHERE queueing_lock NOT LIKE '% %'"
    )
    assert first == "t", "they wait for the hour"
    office.edit("faxappeal.toml", NIGHT, ALWAYS)
    assert enqueue(office).code == 0
    office.wait("delivered", "delivered")
    assert len(account.faxes) == 2


def test_what_a_person_agreed_to_holds_for_the_workers(
    office: Office, account: sinch.SinchFake
) -> None:
    office.edit(LIST, "2026-11-01", "2025-11-01")
    held = enqueue(office)
    assert held.code == 3 and held.json["data"]["queued"] is None
    ended = enqueue(office, "--accept-unverified", "one", "--reason", "called them")
    assert ended.code == 3 and ended.json["data"]["queued"] == 1
    office.start()
    office.wait("delivered", "planned")
    log = run("log", folder=office.folder).out
    assert "called them" in log and [fax["to"] for fax in account.faxes] == ["+12025550101"]


def test_again_is_another_round(office: Office, account: sinch.SinchFake) -> None:
    enqueue(office)
    office.start()
    office.wait("delivered", "delivered")
    enqueue(office, "--again", "--to", "one")
    office.wait("delivered", "delivered", "delivered")
    office.until(lambda: len(account.faxes) == 3)


def test_an_account_that_refuses_stops_the_letters_and_shows_no_key(
    office: Office, account: sinch.SinchFake
) -> None:
    wrong = "a-wrong-secret-0815"
    enqueue(office)
    office.start(FAXAPPEAL_FAX__SINCH__KEY_SECRET=wrong)
    office.until(lambda: "stopped" in office.events())
    assert "delivered" not in office.states()
    office.stop()
    assert wrong not in office.logs[0].read_text(encoding="utf-8")
    office.start()
    office.wait("delivered", "delivered")
    assert len(account.faxes) == 2


def test_a_secret_that_is_mended_is_used(
    office: Office, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "FAXAPPEAL_FAX__SINCH__KEY_SECRET"
    secrets = office.folder / ".env"
    secrets.write_text(f"{name}=a-wrong-secret-0815\n", encoding="utf-8")
    secrets.chmod(0o600)
    monkeypatch.delenv(name)
    enqueue(office)
    office.start()
    office.until(lambda: "stopped" in office.events())
    secrets.write_text(f"{name}={sinch.ENVIRONMENT[name]}\n", encoding="utf-8")
    office.wait("delivered", "delivered")


def test_its_log_repeats_no_address_that_a_server_names(
    office: Office, account: sinch.SinchFake
) -> None:
    said = "paula@example.org may not use +49 30 23125-012, 030 23125 013 or 12025550101"
    account.before = lambda _request: as_json({"message": said}, 403)
    enqueue(office)
    office.start()
    office.until(lambda: "stopped" in office.events())
    told = office.logs[0].read_text(encoding="utf-8")
    assert "may not use" in told
    for private in ("paula", "23125", "2025550101"):
        assert private not in told


def test_a_person_settles_and_forgets_while_they_run(
    office: Office, account: sinch.SinchFake
) -> None:
    account.endings["0101"] = sinch.FATES["after a page"]
    enqueue(office)
    office.start()
    office.wait("delivered", "unknown")
    letter = office.database("SELECT id FROM delivery WHERE state = 'unknown'")
    assert run("resolve", letter, "not-sent", folder=office.folder).code == 0
    rows = run("status", "--to", "one", "--json", folder=office.folder).json["data"]["deliveries"]
    assert [row["reason"] for row in rows] != ["in the queue of the workers"], "nobody has it"
    account.endings.clear()
    enqueue(office)
    office.wait("delivered", "delivered")
    assert run("purge", "--yes", "--older-than", "0d", folder=office.folder).code == 0
    assert set(office.database("SELECT address FROM delivery").splitlines()) <= {""}


# -- what befalls them -----------------------------------------------------------------------------


def test_the_letters_of_a_killed_worker_are_taken_over(
    office: Office, account: sinch.SinchFake
) -> None:
    first = office.start()
    account.after = _kill_once(first)
    enqueue(office)
    office.until(lambda: first.poll() is not None)
    office.start()
    office.until(lambda: set(office.states()) <= {"delivered", "unknown"})
    assert "taken over" in office.events()
    numbers = [fax["to"] for fax in account.faxes]
    assert numbers and len(numbers) == len(set(numbers)), "none is handed over twice"
    assert office.states().count("delivered") == len(numbers), "what the account has is found"


def _kill_once(process: subprocess.Popen[str]) -> Callable[[Request], Reply | None]:
    """The account has the fax, and its answer finds nobody."""

    def after(_request: Request) -> Reply | None:
        if process.poll() is None:
            process.kill()
            process.wait()
        return None

    return after


def test_a_stopped_worker_keeps_its_claim_and_goes_on_with_it(
    office: Office, account: sinch.SinchFake
) -> None:
    """It has said "leaving", and not a byte has left: no other may hand the letter over."""
    first = office.start()
    account.before = _stop_once(first)
    enqueue(office, "--to", "one")
    office.until(lambda: "T" in _status(first))
    office.start()
    office.until(lambda: "taken over" in office.events())
    time_given = time.monotonic() + 6  # three times as long as a heartbeat is waited for
    office.until(lambda: time.monotonic() > time_given)
    assert office.states() == ["submitting"] and len(account.faxes) <= 1
    first.send_signal(signal.SIGCONT)
    office.until(lambda: set(office.states()) <= {"delivered", "unknown"})
    assert len(account.faxes) == 1


def _stop_once(process: subprocess.Popen[str]) -> Callable[[Request], Reply | None]:
    stopped: list[bool] = []

    def before(_request: Request) -> Reply | None:
        if not stopped:
            stopped.append(True)
            process.send_signal(signal.SIGSTOP)
        return None

    return before


def _status(process: subprocess.Popen[str]) -> str:
    words = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii")
    return words.rpartition(")")[2].split()[0]


def test_a_job_that_was_lost_is_queued_again(office: Office, account: sinch.SinchFake) -> None:
    """The ledger knows what is to be sent, whatever becomes of the queue."""
    enqueue(office)
    office.database("DELETE FROM procrastinate_jobs")
    office.start()
    office.wait("delivered", "delivered")
    assert len(account.faxes) == 2


def test_a_database_that_is_away_for_a_while_is_waited_for(
    office: Office, account: sinch.SinchFake, postgres: Postgres
) -> None:
    worker = office.start()
    office.until(lambda: "started" in office.events())
    postgres.stop()
    try:  # more than once: it is not there either when it is tried again
        office.until(lambda: office.events().count("database") > 2)
    finally:
        postgres.start()
    enqueue(office)
    office.wait("delivered", "delivered")
    assert worker.poll() is None and "bug" not in office.events()


def test_a_job_of_whose_end_the_queue_was_not_told_is_taken_up_again(
    office: Office, account: sinch.SinchFake
) -> None:
    """The connection broke just then, and the worker lives."""
    office.edit("faxappeal.toml", ALWAYS, NIGHT)
    enqueue(office)
    office.start()
    office.until(lambda: office.database("SELECT count(*) FROM procrastinate_workers") == "1")
    office.database(
        "UPDATE procrastinate_jobs SET status = 'doing',"
        " worker_id = (SELECT max(id) FROM procrastinate_workers)"
        f" WHERE task_name = '{DELIVER}'"
    )
    office.edit("faxappeal.toml", NIGHT, ALWAYS)
    office.wait("delivered", "delivered")
    assert "taken over" in office.events()


def test_a_job_that_is_there_twice_ends(office: Office, account: sinch.SinchFake) -> None:
    enqueue(office, "--to", "one")
    office.database(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 day')"
    )
    office.database(
        "UPDATE procrastinate_jobs SET status = 'doing',"
        " worker_id = (SELECT max(id) FROM procrastinate_workers)"
        f" WHERE task_name = '{DELIVER}'"
    )
    columns = "queue_name, task_name, priority, lock, queueing_lock, args"
    office.database(
        f"INSERT INTO procrastinate_jobs ({columns}) SELECT {columns} FROM procrastinate_jobs"
    )
    office.start()
    office.wait("delivered")
    assert len(account.faxes) == 1


def test_two_who_queue_the_same_letters_make_one_job_of_each(
    office: Office, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One has looked which are there, and before it puts them another one does, and a worker has
    them in hand."""
    enqueue(office)
    with store_of(loading.ledger_section(office.folder)).open() as ledger:
        letters = ledger.queries.ordered("test")
    office.database("DELETE FROM procrastinate_jobs")
    queue = Jobs(loading.ledger_section(office.folder))
    look = Jobs._missing
    others: list[threading.Thread] = []

    def slowly(jobs: Jobs, *words: Any) -> Any:
        found = look(jobs, *words)
        if not others:
            others.append(threading.Thread(target=queue.put, args=(letters, {})))
            others[0].start()
            others[0].join(2)  # it waits for us, or else is done
            office.database("UPDATE procrastinate_jobs SET status = 'doing'")
        return found

    monkeypatch.setattr(Jobs, "_missing", slowly)
    queue.put(letters, {})
    others[0].join()
    assert office.jobs() == 2


def test_a_queue_that_somebody_else_keeps_is_said(
    office: Office, account: sinch.SinchFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert enqueue(office, "--to", "one").code == 0
    monkeypatch.setitem(postgres_connection._OPTIONS, "lock_timeout", "1s")
    monkeypatch.setattr(
        postgres_connection, "_SERVER", postgres_connection._SERVER.replace("60s", "1s")
    )
    section = loading.ledger_section(office.folder)
    with closing(postgres_connection.session(section, "a test")) as session:
        session.execute(f"SELECT pg_advisory_lock({SPACE}, {QUEUEING})")
        ended = run("send", "--yes", "--enqueue", folder=office.folder)
    assert ended.code == 5 and "lock timeout" in ended.err and "Hint:" in ended.err
    assert enqueue(office).code == 0 and office.jobs() == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_log_that_cannot_be_written_stops_no_letter(
    office: Office, account: sinch.SinchFake
) -> None:
    enqueue(office)
    office.start(log=Path("/dev/full"))
    office.wait("delivered", "delivered")
    office.stop()
    assert len(account.faxes) == 2


def test_a_worker_gives_its_memory_back(tmp_path: Path) -> None:
    """Short runs do not collect what is no longer used; one that lasts has to."""
    program = (
        "import gc, sys; from faxappeal.cli import app as cli\n"
        "import faxappeal.commands.worker as command\n"
        "command.worker = lambda *_: print(gc.isenabled())\n"
        "sys.argv = ['faxappeal', 'worker']; cli.main()"
    )
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ended.stdout == "True\n"


def test_a_letter_has_the_day_on_which_its_campaign_was_first_sent(
    office: Office, account: sinch.SinchFake
) -> None:
    """Not that on which a worker began."""
    office.edit("faxappeal.toml", "date = 2026-11-24\n", "")
    clock = FakeClock()
    section = loading.ledger_section(office.folder)
    with store_of(section).open() as ledger:
        session = WorkerSession(
            folder=CampaignFolder(office.folder, clock, TemplateProcess()),
            ledger=ledger,
            clock=clock,
            tell=lambda _words: None,
            jobs=Jobs(section),
        )
        clock.sleep(3 * 24 * 3600)
        ledger.start("test", clock.now().date())
        [record, _] = planned(session, ledger)
        session.find(record)
        assert session.letters.day == clock.now().date()


def planned(session: Any, ledger: Any) -> list[Any]:
    """The records of a session's deliveries, left to the workers."""
    deliveries = session.context.deliveries()
    ledger.plan_all(deliveries, session.context.moment)
    content = {each.id: session.letters.content_sha256(each) for each in deliveries}
    ledger.queue_for_workers(content, dict.fromkeys(content, ""))
    return [ledger.queries.get(each.id) for each in deliveries]


def test_a_worker_ends_after_the_step_it_makes(office: Office, account: sinch.SinchFake) -> None:
    worker = office.start()
    account.after = lambda _request: _terminate(worker)
    enqueue(office, "--to", "one")
    assert worker.wait(30) == 0
    assert office.states() == ["accepted"], "what came of the request was written down"
    assert office.events()[-1] == "ended"


def _terminate(process: subprocess.Popen[str]) -> None:
    process.terminate()


# -- what keeps them from beginning ----------------------------------------------------------------


def test_a_ledger_in_a_file_has_no_queue(tmp_path: Path, account: sinch.SinchFake) -> None:
    folder = write(tmp_path, settings=sinch.settings(account))
    for words in (("send", "--yes", "--enqueue"), ("worker",)):
        ended = run(*words, folder=folder)
        assert ended.code == 2 and "PostgreSQL" in ended.err and "many-machines.md" in ended.err
    assert not account.faxes


@pytest.mark.parametrize("number", ["0", "21", "-1"])
def test_so_many_at_once_are_not_possible(office: Office, number: str) -> None:
    ended = run("worker", "--at-once", number, folder=office.folder)
    assert ended.code == 2 and "from 1 to 20" in ended.err


def test_each_campaign_is_served_once(office: Office) -> None:
    ended = run("worker", ".", str(office.folder), folder=office.folder)
    assert ended.code == 2 and "the same campaign" in ended.err


def test_a_folder_that_does_not_pass_its_check_is_not_served(office: Office) -> None:
    (office.folder / "letter.j2").write_text("---\nsubject: x\n---\n{{ nobody }}\n")
    ended = run("worker", folder=office.folder)
    assert ended.code == 1 and "nobody" in ended.err


def test_a_test_letter_needs_no_workers(office: Office) -> None:
    ended = enqueue(office, "--to-me")
    assert ended.code == 2 and not ended.json["data"]


# -- its tables ------------------------------------------------------------------------------------


def test_the_queue_of_an_older_library_is_brought_up_to_date_and_a_newer_one_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from faxappeal.workers import queue as jobs

    assert enqueue(office).code == 0
    changes = jobs._changes()
    monkeypatch.setattr(jobs, "_changes", lambda: changes | {"98.sql": "CREATE TABLE new ()"})
    assert enqueue(office).code == 0
    assert office.database("SELECT count(*) FROM new") == "0"
    broken = changes | {"98.sql": "", "99.sql": "CREATE TABLE newer (); CREATE TABLE new ()"}
    monkeypatch.setattr(jobs, "_changes", lambda: broken)
    assert enqueue(office).code == 5
    assert office.database("SELECT to_regclass('newer') IS NULL") == "t", "all of it or nothing"
    monkeypatch.setattr(jobs, "_changes", lambda: changes)
    ended = enqueue(office)
    assert ended.code == 5 and "newer Procrastinate" in ended.json["errors"][0]["message"]
