"""A real HylaFAX: what it is told of a job, what it tells of the call, and a job that is given up."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from faxappeal.campaign.template_process import TemplateProcess
from faxappeal.commands.environment import Environment
from faxappeal.commands.run import Run
from faxappeal.commands.selection import Choice
from faxappeal.commands.send_plan import prepare
from faxappeal.core.lifecycle import Cause
from faxappeal.delivery.run_loop import NullObserver
from faxappeal.providers.base import Accepted, Failed, Job, Outcome, Unknown
from faxappeal.providers.fax.hylafax import Hylafax as HylafaxAccount
from tests.support import servers
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.servers.exchange import ROUTES, Route
from tests.support.servers.hylafax import PASSWORD, USER, Hylafax
from tests.support.servers.line import Machine
from tests.support.terminal import Terminal

pytestmark = pytest.mark.hylafax


@pytest.fixture(autouse=True)
def _time(clock: FakeClock) -> None:
    clock.sleep(7 * 3600)  # 10 o'clock in New York
    clock.real = 0.1


def account(server: Hylafax) -> HylafaxAccount:
    return HylafaxAccount(server.host, server.port, USER, PASSWORD)


def page(tmp_path: Path) -> bytes:
    """A fax page, as a dry run makes it."""
    folder = write(tmp_path / "page")
    run("send", "--dry-run", folder=folder)
    return (folder / "outbox" / "one-fax.tif").read_bytes()


# the end of the page is answered with this, and with nothing more
@pytest.mark.parametrize(
    ("receipt", "ecm"),
    [
        *((receipt, False) for receipt in ("DCN", "CFR", "FTT", "odd", "RTN", "")),
        *((receipt, True) for receipt in ("DCN", "CFR", "")),
    ],
)
def test_a_page_that_was_printed_is_never_sent_again_whatever_answers_it(
    tmp_path: Path, hylafax: Hylafax, clock: FakeClock, receipt: str, ecm: bool
) -> None:
    hylafax.calls.clear()
    hylafax.routes["0166"] = Route(fax=Machine(ecm=ecm), receipt=receipt)
    pacing = "\n[pacing]\nattempts = 3\nholidays = false\n"
    folder = write(tmp_path, ["one +12025550166"], settings=hylafax.settings + pacing)
    ended = run("send", "--yes", folder=folder)
    clock.sleep(3600)
    again = run("send", "--yes", folder=folder)
    assert (ended.code, again.code) == (4, 4), (ended, again)
    [call] = hylafax.calls
    assert call.pages == 1, call
    [row] = deliveries(folder)
    assert (row["state"], row["attempts"]) == ("unknown", 1)


def deliveries(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = run("status", "--offline", "--json", folder=folder).json["data"][
        "deliveries"
    ]
    return rows


def wait_until(ready: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def final_outcome(channel: HylafaxAccount, reference: str, seconds: float) -> Outcome:
    """What the server says of a job in the end."""
    found: list[Outcome] = []

    def has_ended() -> bool:
        found.append(channel.look_up(reference))
        return not isinstance(found[-1], Accepted)

    wait_until(has_ended, seconds)
    return found[-1]


def test_the_log_has_who_answered_and_how_fast(tmp_path: Path, hylafax: Hylafax) -> None:
    hylafax.routes |= {"0161": Route(), "0162": ROUTES["103"]}
    recipients = ["new +12025550161", "old +12025550162"]
    folder = write(tmp_path, recipients, settings=hylafax.settings)
    assert run("send", "--yes", folder=folder).code == 0
    log = run("log", "--json", folder=folder).lines
    told = [
        (event["recipient"], event["station"], event["rate"], event["pages"])
        for event in log
        if event["event"] == "delivered"
    ]
    assert told == [("new", "EXCHANGE 161", 14_400, 1), ("old", "EXCHANGE 162", 4_800, 1)]
    assert "answered as EXCHANGE 161; 14400 bit/s" in run("log", folder=folder).out


def test_the_server_dials_once_and_not_after_the_office_has_closed(
    tmp_path: Path, hylafax: Hylafax, clock: FakeClock
) -> None:
    hylafax.routes["0163"] = Route()
    clock.sleep(9.5 * 3600)  # half past seven in the evening, the office closes at eight
    folder = write(tmp_path, ["one +12025550163"], settings=hylafax.settings)
    assert run("send", "--yes", folder=folder).code == 0
    [reference] = {
        event["reference"]
        for event in run("log", "--json", folder=folder).lines
        if event["reference"]
    }
    [job] = [job for job in hylafax.jobs() if job["jobtag"] == reference]
    assert (job["maxdials"], job["maxtries"]) == ("1", "1")
    assert 28 * 60 <= int(job["killtime"]) - int(job["tts"]) <= 30 * 60


@pytest.fixture
def nobody_dials() -> Iterator[Hylafax]:
    """A server without a modem: each job waits."""
    with (
        servers.needed("HylaFAX"),
        servers.folder() as folder,
        Hylafax(folder, modems=0) as server,
    ):
        yield server


@pytest.mark.slow
def test_a_job_that_was_not_dialled_in_time_certainly_did_not_arrive(
    tmp_path: Path, nobody_dials: Hylafax
) -> None:
    channel = account(nobody_dials)
    job = Job("fa-1", "+12025550101", page(tmp_path), time_left=timedelta(seconds=59))
    submitted = channel.submit(job, lambda _=None: None)
    assert isinstance(submitted, Accepted) and submitted.report.account_reference
    outcome = final_outcome(channel, submitted.report.account_reference, 100)
    assert isinstance(outcome, Failed) and outcome.cause is Cause.PROVIDER
    assert "kill time expired" in outcome.report.raw.lower()


def test_a_job_that_waits_is_given_up(tmp_path: Path, nobody_dials: Hylafax) -> None:
    channel = account(nobody_dials)
    submitted = channel.submit(Job("fa-1", "+12025550101", page(tmp_path)), lambda _=None: None)
    assert isinstance(submitted, Accepted) and submitted.report.account_reference
    assert channel.withdraw(submitted.report.account_reference) is None, "never dialled"
    assert not list((nobody_dials.spool / "sendq").glob("q*"))


def test_a_call_that_is_cut_off_is_unknown(tmp_path: Path, hylafax: Hylafax) -> None:
    """The line rings, somebody says stop: whether the far end got something nobody knows."""
    hylafax.routes["0164"] = ROUTES["201"]
    log = hylafax.folder / "line.log"
    seen = log.stat().st_size
    channel = account(hylafax)
    submitted = channel.submit(Job("fa-2", "+12025550164", page(tmp_path)), lambda _=None: None)
    assert isinstance(submitted, Accepted) and submitted.report.account_reference
    wait_until(lambda: b"0164" in log.read_bytes()[seen:], 30)
    outcome = channel.withdraw(submitted.report.account_reference)
    if isinstance(outcome, Accepted):
        outcome = final_outcome(channel, submitted.report.account_reference, 60)
    assert isinstance(outcome, Unknown), outcome


@pytest.mark.parametrize("answer", [b"y", b""])
def test_after_ctrl_c_what_is_under_way_is_given_up_only_when_a_person_says_so(
    tmp_path: Path, nobody_dials: Hylafax, answer: bytes
) -> None:
    pacing = '[pacing]\nhours = "00:00-24:00"\ndays = "mon-sun"\nholidays = false\n'
    folder = write(tmp_path, settings=nobody_dials.settings + pacing)
    terminal = Terminal(folder, "send", "--yes")
    terminal.until(b"accepted")
    terminal.process.send_signal(signal.SIGINT)
    terminal.until(b"Stop also these?")
    assert len(nobody_dials.jobs()) == 1
    terminal.type(answer)
    code, shown = terminal.end()
    [job] = nobody_dials.jobs()
    assert code == 130
    if answer:
        assert job["queue"] == "doneq" and "1 letter has NOT left." in shown
        again = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
        assert [(row["state"], row["cause"]) for row in again] == [("waiting", None)]
        assert "taken back" in run("log", folder=folder).out
    else:
        assert job["queue"] == "sendq" and "under way" in shown


def test_a_number_that_somebody_answers_while_it_is_given_up_is_held(
    tmp_path: Path, hylafax: Hylafax, clock: FakeClock
) -> None:
    """The call ends before it can be given up: it counts as it ended."""
    hylafax.routes["0165"] = ROUTES["202"]
    folder = write(tmp_path, ["one +12025550165"], settings=hylafax.settings)
    templates = TemplateProcess()
    with prepare(Environment(folder, clock, templates), Choice(), dry_run=False) as plan:
        run_ = Run(plan, clock, NullObserver())
        run_.go(wait=False)
        [job] = [job for job in hylafax.jobs() if job["number"].endswith("0165")]
        hylafax.wait(job["jobid"])
        run_.withdraw()
    [row] = run("status", "--offline", "--json", folder=folder).json["data"]["deliveries"]
    assert (row["state"], row["cause"]) == ("held", "voice")


def test_a_job_that_the_servers_admin_removes_is_unknown(
    tmp_path: Path, nobody_dials: Hylafax
) -> None:
    """Whether its call had begun, the server does not tell: a call is counted when it is over."""
    channel = account(nobody_dials)
    submitted = channel.submit(Job("fa-1", "+12025550101", page(tmp_path)), lambda _=None: None)
    assert isinstance(submitted, Accepted) and submitted.report.account_reference
    with channel._connect() as client:
        client.sendcmd(f"JKILL {submitted.report.account_reference.partition('/')[0]}")
    assert isinstance(channel.look_up(submitted.report.account_reference), Unknown)
