"""Commands that send, and ask what became of it: what their options decide, and who is asked."""

from __future__ import annotations

import csv
import gc
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from faxappeal.commands.environment import Environment
from faxappeal.commands.plan_rows import SendPlan
from faxappeal.commands.run import Run
from faxappeal.commands.selection import Choice
from faxappeal.core.errors import SetupError, UsageError
from faxappeal.core.result import Result
from faxappeal.delivery.run_loop import RunObserver
from tests.support.campaigns import run, write
from tests.support.clock import FakeClock
from tests.support.keyboard import runner_at_terminal

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    """A test that turns the collection of what is not used off leaves it on."""
    yield
    gc.enable()


# -- send ------------------------------------------------------------------------------------------


@dataclass
class Sent:
    """What the command of `send` was asked to do; it asks the person once, about two letters."""

    choice: Choice
    options: dict[str, bool]
    agreed: bool
    cancels: bool
    collects: bool


@pytest.fixture
def sends(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    found: list[Sent] = []

    def send(
        _environment: Environment,
        choice: Choice,
        confirm: Callable[[SendPlan], bool],
        confirm_cancel: Callable[[Run], bool],
        observe: Callable[[SendPlan], AbstractContextManager[RunObserver]],
        **options: bool,
    ) -> Result:
        plan = cast(SendPlan, SimpleNamespace(leaving=[object()] * 2, later=()))
        agreed = confirm(plan)
        gc.disable()
        if agreed:
            with observe(plan):
                pass
        interrupted = cast(Run, SimpleNamespace(withdrawable=[object()]))
        cancels = confirm_cancel(interrupted)
        found.append(Sent(choice, options, agreed, cancels, gc.isenabled()))
        return Result("send")

    monkeypatch.setattr("faxappeal.commands.send.send", send)
    monkeypatch.setattr(
        "faxappeal.output.screens.send.show_plan", lambda console, _: console.line("PLAN")
    )
    return found


@pytest.mark.parametrize(
    ("words", "choice", "options"),
    [
        ([], Choice(), {}),
        (["--to", "one", "--to", "two"], Choice(only=("one", "two")), {}),
        (["--channel", "email"], Choice(channel="email"), {}),
        (
            ["--accept-unverified", "one", "--reason", "called them"],
            Choice(accepted=("one",), reason="called them"),
            {},
        ),
        (["--to-me"], Choice(to_me=True), {}),
        (["--again"], Choice(again=True), {}),
        (["--only-failed"], Choice(only_failed=True), {}),
        (["--no-wait"], Choice(), {"wait": False}),
        (["--dry-run"], Choice(), {"dry_run": True}),
        (["--enqueue"], Choice(), {"enqueue": True}),
    ],
    ids=lambda value: " ".join(value) or "no option" if isinstance(value, list) else "",
)
def test_what_is_sent_and_how_is_what_the_options_say(
    sends: list[Sent], words: list[str], choice: Choice, options: dict[str, bool]
) -> None:
    assert run("send", "--yes", *words).code == 0
    [sent] = sends
    assert sent.choice == choice
    assert sent.options == {"dry_run": False, "enqueue": False, "wait": True} | options


@pytest.mark.parametrize(
    ("words", "typed", "agreed", "out"),
    [
        (["--yes"], "n\n", True, "PLAN\n"),
        ([], "y\nn\n", True, "PLAN\n\nSend 2 letters? [y/N]: y\n"),
        ([], "n\nn\n", False, "PLAN\n\nSend 2 letters? [y/N]: n\n"),
    ],
    ids=["--yes", "a person agrees", "a person declines"],
)
def test_the_plan_is_shown_and_a_person_agrees_to_it(
    sends: list[Sent],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    typed: str,
    agreed: bool,
    out: str,
) -> None:
    runner_at_terminal(monkeypatch)
    ended = run("send", *words, typed=typed)
    assert ended.code == 0 and ended.out.startswith(out)
    assert [sent.agreed for sent in sends] == [agreed]


@pytest.mark.parametrize("words", [[], ["--json"]], ids=["words", "json"])
def test_a_question_that_no_person_can_answer_sends_nothing(
    sends: list[Sent], words: list[str]
) -> None:
    ended = run("send", *words, typed="y\n")
    assert ended.code == 2 and "--yes" in (ended.out if words else ended.err)
    assert not sends


def test_ctrl_c_at_the_question_sends_nothing(
    sends: list[Sent], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner_at_terminal(monkeypatch)
    assert run("send", typed="").code == 130
    assert not sends


def test_for_a_script_nothing_but_the_result_is_printed(sends: list[Sent]) -> None:
    ended = run("send", "--yes", "--json")
    assert ended.code == 0 and ended.json["command"] == "send"


@pytest.mark.parametrize(
    ("words", "typed", "cancels"),
    [(["--yes"], "y\n", True), (["--yes"], "n\n", False), (["--yes", "--json"], "y\n", False)],
    ids=["a person says so", "a person lets it be", "a script"],
)
def test_only_a_person_stops_what_is_on_the_line(
    sends: list[Sent],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    typed: str,
    cancels: bool,
) -> None:
    runner_at_terminal(monkeypatch)
    run("send", *words, typed=typed)
    assert [sent.cancels for sent in sends] == [cancels]


def test_a_run_that_may_last_gives_its_memory_back(sends: list[Sent]) -> None:
    run("send", "--yes")
    assert [sent.collects for sent in sends] == [True]


# -- accounts --------------------------------------------------------------------------------------


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done with the accounts, in order."""
    done: list[str] = []

    def sign_in(_folder: Path, show: Callable[[str, str], None]) -> None:
        done.append("sign in")
        show("https://example.org/code", "ABCD")

    def check(_folder: Path, _clock: object) -> Result:
        done.append("check")
        return Result("accounts")

    monkeypatch.setattr("faxappeal.commands.accounts.sign_in", sign_in)
    monkeypatch.setattr("faxappeal.commands.accounts.accounts", check)
    return done


@pytest.mark.parametrize(
    ("words", "done"), [([], ["check"]), (["--sign-in"], ["sign in", "check"])]
)
def test_the_accounts_are_tried_if_wanted_after_a_sign_in(
    accounts: list[str], words: list[str], done: list[str]
) -> None:
    ended = run("accounts", *words, "--json")
    assert ended.code == 0 and accounts == done
    assert ended.json["command"] == "accounts", "the code is not between"
    assert ("type ABCD" in ended.err) is bool(words)


# -- worker ----------------------------------------------------------------------------------------


def serving(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[[Sequence[Path], int, Any], None]
) -> None:
    """A worker that serves in this way."""

    def worker(_environment: object, folders: Sequence[Path], at_once: int, tell: Any) -> None:
        serve(folders, at_once, tell)

    monkeypatch.setattr("faxappeal.commands.worker.worker", worker)


@pytest.mark.parametrize(
    ("words", "folders", "at_once"),
    [
        ([], [Path()], 4),
        (["a", "b"], [Path("a"), Path("b")], 4),
        (["--at-once", "7"], [Path()], 7),
    ],
    ids=["by default", "two campaigns", "seven at once"],
)
def test_a_worker_serves_the_folders_that_it_is_given(
    monkeypatch: pytest.MonkeyPatch, words: list[str], folders: list[Path], at_once: int
) -> None:
    seen: list[object] = []
    serving(monkeypatch, lambda folders, at_once, _tell: seen.append((folders, at_once)))
    assert run("worker", *words).code == 0
    assert seen == [(folders, at_once)]


def test_each_event_of_a_worker_is_a_line_of_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(
        _folders: Sequence[Path], _at_once: int, tell: Callable[[Mapping[str, str]], None]
    ) -> None:
        tell({"event": "started"})
        tell({"event": "ended", "message": "a\nb"})

    serving(monkeypatch, serve)
    ended = run("worker")
    assert ended.lines == [{"event": "started"}, {"event": "ended", "message": "a\nb"}]


def test_a_worker_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    collects: list[bool] = []
    serving(monkeypatch, lambda *_: collects.append(gc.isenabled()))
    gc.disable()
    run("worker")
    assert collects == [True]


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("two folders are one", "name each once"), 2, "Error: two folders are one.\n"),
        (SetupError("no database"), 5, "Error: no database.\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=["used wrongly", "not ready", "Ctrl-C"],
)
def test_a_worker_that_cannot_begin_says_why(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    def serve(*_: object) -> None:
        raise error

    serving(monkeypatch, serve)
    ended = run("worker")
    assert (ended.code, ended.out) == (code, "") and ended.err.startswith(said)


# -- status ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], [("one", "delivered"), ("two", "failed")]),
        (["--to", "two"], [("two", "failed")]),
        (["--state", "delivered"], [("one", "delivered")]),
        (["--state", "delivered", "--state", "failed"], [("one", "delivered"), ("two", "failed")]),
        (["--to", "one", "--state", "failed"], []),
    ],
    ids=lambda value: " ".join(value) or "all" if all(isinstance(v, str) for v in value) else "",
)
@pytest.mark.parametrize("form", ["--csv", "--json"])
def test_the_status_is_of_what_was_asked_for(
    sent: Path, form: str, words: list[str], found: list[tuple[str, str]]
) -> None:
    ended = run("status", "--offline", form, *words, folder=sent)
    if form == "--json":
        rows = ended.json["data"]["deliveries"]
    else:
        rows = list(csv.DictReader(io.StringIO(ended.out, newline="")))
    assert [(row["recipient"], row["state"]) for row in rows] == found
    assert ended.code == (3 if ("two", "failed") in found else 0)


def test_for_a_script_json_is_more_than_a_table(sent: Path) -> None:
    assert run("status", "--offline", "--csv", "--json", folder=sent).json["command"] == "status"


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_a_script_looks_again_by_itself(sent: Path, form: str) -> None:
    ended = run("status", "--watch", "--offline", form, folder=sent)
    assert ended.code == 2
    assert "--watch is for people to look at" in (ended.err if form == "--csv" else ended.out)


def test_a_watch_ends_when_all_is_settled(sent: Path, clock: FakeClock) -> None:
    gc.disable()
    ended = run("status", "--watch", "--offline", folder=sent)
    assert ended.code == 3 and ended.out.count("1 letter did NOT arrive.") == 1
    assert not clock.slept and gc.isenabled()


def test_ctrl_c_ends_a_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def watch(*_: object, **__: object) -> Iterator[Result]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("faxappeal.commands.status.watch", watch)
    ended = run("status", "--watch", folder=write(tmp_path))
    assert (ended.code, ended.out, ended.err) == (130, "", "")


def test_the_status_of_no_campaign_is_an_error_in_a_table_too(tmp_path: Path) -> None:
    ended = run("status", "--csv", folder=tmp_path)
    assert (ended.code, ended.out) == (2, "") and "no recipients.yaml here" in ended.err


# -- resolve ---------------------------------------------------------------------------------------


def test_an_outcome_that_is_none_is_refused(sent: Path) -> None:
    ended = run("resolve", "abcd", "lost", folder=sent)
    assert ended.code == 2 and "not-sent" in ended.err


def test_what_is_settled_already_is_not_resolved(sent: Path) -> None:
    rows = json.loads(run("status", "--offline", "--json", folder=sent).out)["data"]["deliveries"]
    ended = run("resolve", rows[0]["delivery"], "not-sent", "--reason", "called", folder=sent)
    assert ended.code == 2 and ended.err.startswith("Error: ")
