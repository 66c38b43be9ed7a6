"""HylaFAX: what hfaxd is asked, and what its replies prove."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from faxappeal.config.sections import FaxSection
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import (
    Accepted,
    Cancelling,
    ClaimLost,
    Delivered,
    Failed,
    Job,
    NotTaken,
    Outcome,
    TooEarly,
    Unknown,
    Unreachable,
)
from faxappeal.providers.fax.hylafax import Account, Hylafax
from tests.support.clock import MORNING
from tests.support.fakes.hfaxd import Hfaxd

JOB = Job("fa-1", "+12025550101", b"II*\x00 a TIFF", b"%PDF")
REFERENCE = "12/fa-1"
DONE = {"STATE": "DONE", "STATUS": "", "NPAGES": "1", "TOTDIALS": "1", "JOBINFO": "fa-1"}
FAILED = DONE | {"STATE": "FAILED", "NPAGES": "0", "STATUS": "Busy signal detected"}
SENDING = DONE | {"STATE": "SENDING", "NPAGES": "0"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Hfaxd:
    server = Hfaxd()
    monkeypatch.setattr(socket, "create_connection", server.connect)
    return server


@pytest.fixture
def channel(server: Hfaxd) -> Hylafax:
    return Hylafax("127.0.0.1", 4559, "faxappeal", "hunter2")


def nothing(_submitted_at: datetime | None = None) -> None:
    """Before the first byte."""


# -- how a job stands ------------------------------------------------------------------------------


def how_stands(
    server: Hfaxd, channel: Hylafax, job: Mapping[str, str], call: list[str] | None = None
) -> Outcome:
    """How a job stands of which the server says this."""
    server.jobs["12"] = dict(job)
    if call is not None:
        server.calls["12"] = call
    return channel.look_up(REFERENCE)


def test_a_receipt_has_what_the_line_said(server: Hfaxd, channel: Hylafax) -> None:
    call = ["csi:EXCHANGE\t 101\x1b", "signalrate:14400 bit/s", "status:"]
    outcome = how_stands(server, channel, DONE | {"NPAGES": "2"}, call)
    assert isinstance(outcome, Delivered)
    report = outcome.report
    assert (report.account_reference, report.pages) == (REFERENCE, 2)
    assert (report.station, report.rate, report.raw) == ("EXCHANGE 101", 14_400, "DONE")


@pytest.mark.parametrize(
    "call",
    [None, [], ["csi:"], ["csi:   ", "signalrate:fast"], ["signalrate:"]],
    ids=["kept to itself", "empty", "no name", "an odd rate", "no rate"],
)
def test_a_receipt_without_what_the_line_said(
    server: Hfaxd, channel: Hylafax, call: list[str] | None
) -> None:
    outcome = how_stands(server, channel, DONE, call)
    assert isinstance(outcome, Delivered)
    assert (outcome.report.station, outcome.report.rate) == (None, None)


@pytest.mark.parametrize(
    ("job", "cause"),
    [
        ({}, Cause.BUSY),
        ({"STATUS": "No carrier detected; too many attempts to dial"}, Cause.VOICE),
        ({"STATUS": "Kill time expired", "TOTDIALS": "0"}, Cause.PROVIDER),
        ({"STATUS": "REJECT: no such modem", "TOTDIALS": "0"}, Cause.ACCOUNT),
        ({"NPAGES": ""}, Cause.BUSY),
    ],
    ids=["busy", "a voice", "not dialled in time", "rejected", "no count of pages"],
)
def test_a_job_that_certainly_did_not_arrive(
    server: Hfaxd, channel: Hylafax, job: dict[str, str], cause: Cause
) -> None:
    outcome = how_stands(server, channel, FAILED | job)
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.raw.startswith("FAILED ")


@pytest.mark.parametrize(
    "job",
    [
        {"NPAGES": "1"},
        {"TOTDIALS": "2"},
        {"TOTDIALS": ""},
        {"TOTDIALS": "-1"},
        {"TOTDIALS": "one"},
        {"STATUS": "Kill time expired"},
        {"STATUS": "Remote fax disconnected prematurely"},
        {"STATUS": "Solar flare"},
        {"STATUS": ""},
    ],
    ids=[
        "busy after a page",
        "dialled twice",
        "no count of dials",
        "odd dials",
        "a word of dials",
        "a call before the kill time",
        "dropped",
        "an invented word",
        "no word",
    ],
)
def test_a_failure_that_proves_nothing_is_unknown(
    server: Hfaxd, channel: Hylafax, job: dict[str, str]
) -> None:
    assert isinstance(how_stands(server, channel, FAILED | job), Unknown)


@pytest.mark.parametrize(
    "state", ["SENDING", "PENDING", "SLEEPING", "BLOCKED", "READY", "SUSPENDED", "done", "ODD", ""]
)
def test_a_job_in_any_other_state_is_in_progress(
    server: Hfaxd, channel: Hylafax, state: str
) -> None:
    outcome = how_stands(
        server, channel, SENDING | {"STATE": state, "STATUS": "Busy signal detected"}
    )
    assert isinstance(outcome, Accepted)
    assert not any(command.startswith("RETR") for command in server.said)


@pytest.mark.parametrize("job", [DONE, FAILED, SENDING], ids=["done", "failed", "sending"])
def test_another_job_by_the_same_number_says_nothing_of_ours(
    server: Hfaxd, channel: Hylafax, job: dict[str, str]
) -> None:
    outcome = how_stands(server, channel, job | {"JOBINFO": "fa-2"})
    assert isinstance(outcome, Unknown) and "another job" in outcome.report.raw


def test_a_job_between_two_queues_is_in_progress(server: Hfaxd, channel: Hylafax) -> None:
    server.doneq = ["12|D|1:1||fa-1"]
    assert isinstance(channel.look_up(REFERENCE), Accepted)


def test_a_job_that_the_server_no_longer_has_is_unknown(server: Hfaxd, channel: Hylafax) -> None:
    server.doneq = ["12|D|1:1||fa-2"]
    outcome = channel.look_up(REFERENCE)
    assert isinstance(outcome, Unknown) and "no longer has" in outcome.report.raw


@pytest.mark.parametrize(
    "ask",
    [
        lambda channel: channel.look_up(REFERENCE),
        lambda channel: channel.withdraw(REFERENCE),
        lambda channel: channel.find(JOB, MORNING),
    ],
    ids=["look up", "withdraw", "find"],
)
@pytest.mark.parametrize(
    "trouble",
    [
        {"JOB": "421 Service not available.", "LIST": "421 Service not available."},
        {"JOB": EOFError(), "LIST": EOFError()},
        {"JOB": TimeoutError("timed out"), "LIST": TimeoutError("timed out")},
        {"JOB": "odd", "LIST": "odd"},
        {"": ConnectionResetError("reset")},
    ],
    ids=["421", "the end", "too late", "no reply", "reset"],
)
def test_trouble_while_asking_says_nothing_of_the_job(
    server: Hfaxd,
    channel: Hylafax,
    ask: Callable[[Hylafax], object],
    trouble: dict[str, str | Exception],
) -> None:
    server.replies |= trouble
    with pytest.raises(Unreachable):
        ask(channel)


# -- submission ------------------------------------------------------------------------------------


def test_a_job_is_submitted_and_then_counted_as_left(server: Hfaxd, channel: Hylafax) -> None:
    before: list[list[str]] = []
    outcome = channel.submit(JOB, lambda _=None: before.append(list(server.said)))
    assert isinstance(outcome, Accepted) and outcome.report.account_reference == REFERENCE
    assert server.documents[0] == JOB.document
    [said] = before
    assert "JPARM DOCUMENT /tmp/doc1.tif" in said, "the job is complete, and not submitted"
    assert said[-1] == "MDTM /tmp/doc2.tif", "and the server's clock was looked at last"
    assert server.said[len(said)] == "JSUBM" and server.said.count("JSUBM") == 1


def parameters(server: Hfaxd, channel: Hylafax, job: Job) -> dict[str, str]:
    channel.submit(job, nothing)
    pairs = [command.split(" ", 2)[1:] for command in server.said if command.startswith("JPARM ")]
    return {asked[0]: asked[1] for asked in pairs}


def test_the_server_dials_once_and_prints_nothing_of_its_own(
    server: Hfaxd, channel: Hylafax
) -> None:
    asked = parameters(server, channel, JOB)
    assert (asked["MAXDIALS"], asked["MAXTRIES"]) == ("1", "1"), "only we redial"
    assert (asked["USETAGLINE"], asked["TAGLINE"]) == ("YES", '""')
    assert (asked["DIALSTRING"], asked["JOBINFO"]) == ('"+12025550101"', '"fa-1"')
    names = list(asked)
    assert names.index("SENDTIME") < names.index("LASTTIME"), "the one counts from the other"


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"fine": True}, "VRES", "196"),
        ({"fine": False}, "VRES", "98"),
        ({"letter_paper": True}, "PAGEWIDTH", "216"),
        ({"letter_paper": True}, "PAGELENGTH", "279"),
        ({"letter_paper": False}, "PAGEWIDTH", "209"),
        ({"letter_paper": False}, "PAGELENGTH", "296"),
        ({"time_left": None}, "LASTTIME", "002300"),
        ({"time_left": timedelta(days=2)}, "LASTTIME", "002300"),
        ({"time_left": timedelta(hours=1, minutes=30, seconds=59)}, "LASTTIME", "000130"),
        ({"time_left": timedelta(seconds=59)}, "LASTTIME", "000001"),
        ({"time_left": timedelta(seconds=-5)}, "LASTTIME", "000001"),
    ],
    ids=str,
)
def test_the_page_and_the_time_of_a_job(
    server: Hfaxd, channel: Hylafax, change: dict[str, object], name: str, value: str
) -> None:
    job = replace(JOB, **change)  # type: ignore[arg-type]
    assert parameters(server, channel, job)[name] == value


@pytest.mark.parametrize("address", ['+1"', "+1\\", "+1\r\nJSUBM", "+1\nJKILL 7"])
def test_a_number_cannot_say_another_command(server: Hfaxd, channel: Hylafax, address: str) -> None:
    with pytest.raises(ValueError, match="not possible"):
        channel.submit(replace(JOB, address=address), nothing)
    assert "JSUBM" not in server.said


REFUSALS: list[tuple[str, str | Exception, Cause]] = [
    ("STOT", "550 No room.", Cause.REFUSED),
    ("STOT", "452 No space left.", Cause.PROVIDER),
    ("JNEW", "503 Too many jobs.", Cause.REFUSED),
    ("JPARM DIALSTRING", "501 Bad number.", Cause.REFUSED),
    ("JPARM DIALSTRING", "421 Service not available.", Cause.PROVIDER),
    ("JPARM DOCUMENT", EOFError(), Cause.PROVIDER),
    ("JPARM DOCUMENT", TimeoutError("timed out"), Cause.PROVIDER),
    ("JSUBM", "550 Not allowed.", Cause.REFUSED),
    ("JSUBM", "460 Failed to submit job: no scheduler.", Cause.PROVIDER),
]


@pytest.mark.parametrize(("command", "reply", "cause"), REFUSALS, ids=str)
def test_a_job_that_was_refused_is_not_dialled(
    server: Hfaxd, channel: Hylafax, command: str, reply: str | Exception, cause: Cause
) -> None:
    server.replies[command] = reply
    departed: list[int] = []
    outcome = channel.submit(JOB, lambda _=None: departed.append(1))
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.raw
    assert bool(departed) is (command == "JSUBM")


@pytest.mark.parametrize(
    "reply",
    [
        EOFError(),
        TimeoutError("timed out"),
        ConnectionResetError("reset"),
        "odd",
        "200 Ok.",
        "200 Job submitted.",
        "",
    ],
    ids=repr,
)
def test_a_submission_whose_reply_proves_nothing_is_unknown(
    server: Hfaxd, channel: Hylafax, reply: str | Exception
) -> None:
    server.replies["JSUBM"] = reply
    outcome = channel.submit(JOB, nothing)
    assert isinstance(outcome, Unknown) and outcome.report.raw
    assert server.said.count("JSUBM") == 1


def test_a_claim_that_is_lost_submits_nothing(server: Hfaxd, channel: Hylafax) -> None:
    def lost(_submitted_at: datetime | None) -> None:
        raise ClaimLost

    with pytest.raises(ClaimLost):
        channel.submit(JOB, lost)
    assert "JSUBM" not in server.said and server.said[-1] == "QUIT"


@pytest.mark.parametrize(
    "trouble",
    [ConnectionRefusedError("refused"), TimeoutError("timed out"), OSError("no route")],
    ids=repr,
)
def test_a_server_that_is_not_there_has_made_no_call(
    server: Hfaxd, channel: Hylafax, trouble: Exception
) -> None:
    server.trouble = trouble
    outcome = channel.submit(JOB, nothing)
    assert isinstance(outcome, Failed) and outcome.cause is Cause.OFFLINE
    assert outcome.report.raw == f"HylaFAX on 127.0.0.1:4559: {trouble}"


# -- signing in ------------------------------------------------------------------------------------


def test_a_password_is_said_only_where_the_server_asks_for_it(
    server: Hfaxd, channel: Hylafax
) -> None:
    channel.submit(JOB, nothing)
    assert "PASS hunter2" not in server.said
    server.replies["USER"] = "331 Password required."
    channel.submit(JOB, nothing)
    assert server.said.count("PASS hunter2") == 1


@pytest.mark.parametrize(
    ("password", "replies"),
    [
        ("", {"USER": "331 Password required."}),
        ("hunter2", {"USER": "331 Password required.", "PASS": "530 Login incorrect."}),
        ("hunter2", {"USER": "530 Not allowed."}),
    ],
    ids=["no password", "a wrong password", "a strange user"],
)
def test_a_server_that_does_not_let_us_in_stops_the_run(
    server: Hfaxd, password: str, replies: dict[str, str | Exception]
) -> None:
    server.replies = replies
    channel = Hylafax("127.0.0.1", 4559, "faxappeal", password)
    with pytest.raises(SetupError, match="does not let faxappeal in") as stopped:
        channel.submit(JOB, nothing)
    assert "FAXAPPEAL_FAX__HYLAFAX__PASSWORD" in stopped.value.hint
    assert "hunter2" not in stopped.value.message + stopped.value.hint


# -- a search by our reference ---------------------------------------------------------------------


@pytest.mark.parametrize("queue", ["sendq", "doneq"])
def test_our_job_is_found_in_either_queue(server: Hfaxd, channel: Hylafax, queue: str) -> None:
    setattr(server, queue, ["7|R|0:1||fa-10", "9|S", "12|D|1:1||fa-1"])
    outcome = channel.find(JOB, MORNING)
    assert isinstance(outcome, Accepted) and outcome.report.account_reference == REFERENCE


LEFT = replace(JOB, submitted_at=datetime(2026, 11, 24, 8, 0, tzinfo=UTC))


def test_what_the_server_says_of_its_clock_is_kept(server: Hfaxd, channel: Hylafax) -> None:
    server.clock = ["20261124080000"]
    seen: list[datetime | None] = []
    channel.submit(JOB, seen.append)
    assert seen == [LEFT.submitted_at]
    assert server.said.index("IDLE 60") < server.said.index("JNEW"), "it ends a silent session"


@pytest.mark.parametrize(
    "replies", [{"MDTM": "550 No."}, {"IDLE": "500 No."}], ids=["no clock", "no limit"]
)
def test_a_server_that_cannot_do_that_takes_the_job_all_the_same(
    server: Hfaxd, channel: Hylafax, replies: dict[str, str | Exception]
) -> None:
    server.clock, server.replies = ["20261124080000"], replies
    seen: list[datetime | None] = []
    assert isinstance(channel.submit(JOB, seen.append), Accepted)
    assert seen == [None]


def test_a_job_that_was_never_submitted_is_known_by_the_servers_clock(
    server: Hfaxd, channel: Hylafax
) -> None:
    server.sendq = ["12|R|0:1||fa-10", "13|R|0:1||"]
    server.clock = ["20261124080300", "20261124080301"]
    assert channel.find(LEFT, MORNING) == NotTaken(timedelta(minutes=3, seconds=1))


def test_a_job_may_still_be_submitted_for_three_minutes(server: Hfaxd, channel: Hylafax) -> None:
    server.clock = ["20261124080050"]
    with pytest.raises(TooEarly) as early:
        channel.find(LEFT, MORNING)
    assert early.value.wait == timedelta(seconds=130)


@pytest.mark.parametrize(
    ("clock", "job"),
    [
        pytest.param(["20261124081400"], LEFT, id="it removes jobs after a quarter of an hour"),
        pytest.param(["20261124081359", "20261124081400"], LEFT, id="while it was asked"),
        pytest.param(["20261124075959"], LEFT, id="its clock was set back"),
        pytest.param(["20261124080500", "20261124080000"], LEFT, id="while it was asked, back"),
        pytest.param(["20261124080500"], JOB, id="it did not tell the time"),
    ],
)
def test_a_job_that_is_not_found_may_have_been_there(
    server: Hfaxd, channel: Hylafax, clock: list[str], job: Job
) -> None:
    server.clock = clock
    assert channel.find(job, MORNING) is None


def test_a_server_without_a_clock_proves_nothing(server: Hfaxd, channel: Hylafax) -> None:
    server.replies["MDTM"] = "550 Permission denied."
    assert channel.find(LEFT, MORNING) is None


# -- a job that is given up ------------------------------------------------------------------------


def test_the_account_can_be_asked_to_give_a_job_up(channel: Hylafax) -> None:
    assert isinstance(channel, Cancelling)


def test_a_job_that_was_never_dialled_is_given_up(server: Hfaxd, channel: Hylafax) -> None:
    server.jobs["12"] = SENDING | {"TOTDIALS": "0"}
    assert channel.withdraw(REFERENCE) is None
    stopped = [command for command in server.said if command.startswith(("JSUSP", "JKILL"))]
    assert stopped == ["JSUSP 12", "JKILL 12"]
    assert server.sessions == 2, "a session remembers what it has read of a job"


@pytest.mark.parametrize(
    ("job", "kind"),
    [(SENDING, Accepted), (FAILED, Failed), (DONE, Delivered)],
    ids=["on the line", "busy", "delivered"],
)
def test_a_job_that_was_dialled_counts_as_it_ended(
    server: Hfaxd, channel: Hylafax, job: dict[str, str], kind: type[Outcome]
) -> None:
    server.jobs["12"] = job
    assert isinstance(channel.withdraw(REFERENCE), kind)


@pytest.mark.parametrize(
    "reply", ["504 Job is done.", "460 No scheduler."], ids=["over", "no scheduler"]
)
def test_a_job_that_cannot_be_stopped_counts_as_it_stands(
    server: Hfaxd, channel: Hylafax, reply: str
) -> None:
    server.jobs["12"] = DONE
    server.replies["JSUSP"] = reply
    assert isinstance(channel.withdraw(REFERENCE), Delivered)


def test_another_job_by_the_same_number_is_left_alone(server: Hfaxd, channel: Hylafax) -> None:
    server.jobs["12"] = SENDING | {"JOBINFO": "fa-2", "TOTDIALS": "0"}
    assert isinstance(channel.withdraw(REFERENCE), Unknown)
    assert not any(command.startswith(("JSUSP", "JKILL")) for command in server.said)


def test_a_job_that_the_server_removed_before_it_was_given_up_is_unknown(channel: Hylafax) -> None:
    assert isinstance(channel.withdraw(REFERENCE), Unknown)


# -- trying the server -----------------------------------------------------------------------------


def test_a_server_that_is_ready(server: Hfaxd, channel: Hylafax) -> None:
    server.sendq = ["7|R|0:1||a", "9|W|0:1||b"]
    found = {check.name: check for check in channel.check(MORNING, frozenset({"US"}))}
    assert {name: check.ok for name, check in found.items()} == {
        "connection": True,
        "sign-in": True,
        "queue": True,
        "dialling": True,
        "header line": True,
    }
    assert found["queue"].words == "2 jobs wait there"
    assert "not encrypted" in found["connection"].words
    assert "JSUBM" not in server.said and not server.documents


@pytest.mark.parametrize(
    ("caps", "name", "words"),
    [
        ({"MAXDIALS": "12"}, "dialling", "would redial by itself"),
        ({"MAXTRIES": "3"}, "dialling", "would redial by itself"),
        ({"MAXDIALS": "3", "MAXTRIES": "3"}, "dialling", "would redial by itself"),
        ({"USETAGLINE": "NO"}, "header line", "would print its tag line over ours"),
    ],
    ids=["dials", "tries", "both", "tag line"],
)
def test_a_server_that_does_it_its_own_way_is_found_out(
    server: Hfaxd, channel: Hylafax, caps: dict[str, str], name: str, words: str
) -> None:
    server.caps = caps
    found = {check.name: check for check in channel.check(MORNING, frozenset())}
    assert found[name].ok is False and words in found[name].words and found[name].hint


def test_a_parameter_that_the_server_does_not_have_is_named(
    server: Hfaxd, channel: Hylafax
) -> None:
    server.replies["JPARM PAGECHOP"] = "503 Unknown parameter."
    *_, last = channel.check(MORNING, frozenset())
    assert (last.name, last.ok) == ("jobs", False)
    assert last.words == "PAGECHOP is refused: 503 Unknown parameter."


@pytest.mark.parametrize(
    "trouble",
    [ConnectionRefusedError("refused"), TimeoutError("timed out"), EOFError()],
    ids=repr,
)
def test_a_server_that_is_not_there_is_said(
    server: Hfaxd, channel: Hylafax, trouble: Exception
) -> None:
    server.trouble = trouble
    [check] = channel.check(MORNING, frozenset())
    assert (check.name, check.ok) == ("connection", False)
    assert "hfaxd" in check.hint and check.words


def test_nothing_is_kept_and_nothing_deleted(server: Hfaxd, channel: Hylafax) -> None:
    assert channel.forget("fa-1", REFERENCE) is False
    channel.close()
    assert server.sessions == 0


# -- its table -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "password"),
    [({}, ""), ({"password": "hunter2"}, "hunter2")],
    ids=["a server without passwords", "a password"],
)
def test_the_table_of_the_account(table: dict[str, str], password: str) -> None:
    channel = Account.model_validate(table | {"host": "fax.example.org"}).open(FaxSection(), None)
    assert (channel.host, channel.port, channel.user) == ("fax.example.org", 4559, "faxappeal")
    assert channel.password == password
