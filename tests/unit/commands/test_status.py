"""How each letter stands, after the accounts and the mailbox were asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from faxappeal.campaign.delivery import Delivery
from faxappeal.commands.selection import Choice
from faxappeal.commands.status import COLUMNS, status, watch
from faxappeal.core.errors import ExitCode, SetupError, UsageError
from faxappeal.core.json import to_data
from faxappeal.core.lifecycle import Fate, HoldReason, State
from faxappeal.core.result import Result
from faxappeal.ledger.locking import lock
from faxappeal.providers.base import Accepted, Delivered, ProviderReport, Unreachable
from faxappeal.providers.incoming_mail import UnmatchedMessage
from tests.support.commands import HYLAFAX, SMTP, Surroundings

REPORT = ProviderReport("job 7")
IMAP = '[email.imap]\nhost = "imap.example.org"\n'
THREE = ("one +12025550101", "two +12025550102", "mail office@example.org")
ALL = HYLAFAX + SMTP


def looked_at(
    around: Surroundings,
    choice: Choice | None = None,
    *,
    offline: bool = False,
    mailbox: bool = True,
) -> Result:
    return status(around.environment, choice or Choice(), offline=offline, mailbox=mailbox)


def fates(result: Result) -> dict[str, str]:
    return {row.recipient: row.fate for row in result.data.rows}


# -- how each letter stands --------------------------------------------------------------------------


def test_before_anything_was_sent_all_letters_are_planned(around: Surroundings) -> None:
    around.write(*THREE, settings=ALL)
    result = looked_at(around)
    assert fates(result) == dict.fromkeys(("one", "two", "mail"), Fate.GOES)
    assert result.exit_code is ExitCode.INCOMPLETE and not around.opened


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.DELIVERED, 0), (State.FAILED, 3), (State.UNKNOWN, 4), (State.WAITING, 3)],
)
def test_the_exit_code_is_that_of_a_run(around: Surroundings, state: State, code: int) -> None:
    around.end(state)
    assert looked_at(around).exit_code == code


@pytest.mark.parametrize(
    ("choice", "recipients", "hidden"),
    [
        pytest.param(Choice(), ["one", "two", "mail"], 0, id="all"),
        pytest.param(Choice(only=("two",)), ["two"], 0, id="one recipient"),
        pytest.param(Choice(states=frozenset({State.DELIVERED})), ["one"], 2, id="a state"),
        pytest.param(
            Choice(states=frozenset({State.DELIVERED, State.PLANNED})), ["one", "mail"], 1, id="two"
        ),
        pytest.param(
            Choice(only=("two",), states=frozenset({State.DELIVERED})), [], 1, id="none of them"
        ),
    ],
)
def test_what_was_not_asked_for_is_counted(
    around: Surroundings, choice: Choice, recipients: list[str], hidden: int
) -> None:
    around.write(*THREE, settings=ALL)
    around.end(State.DELIVERED, "one")
    around.end(State.FAILED, "two")
    result = looked_at(around, choice)
    assert list(fates(result)) == recipients and result.data.hidden == hidden


def test_an_unknown_recipient_is_guessed(around: Surroundings) -> None:
    with pytest.raises(UsageError) as caught:
        looked_at(around, Choice(only=("onee",)))
    assert caught.value.hint == "did you mean one?"


def test_each_column_of_the_table_is_a_key_of_a_line(around: Surroundings) -> None:
    [row] = looked_at(around).data.rows
    assert set(COLUMNS) <= to_data(row).keys()


# -- asking the accounts -----------------------------------------------------------------------------


@pytest.mark.parametrize(("offline", "state"), [(False, State.DELIVERED), (True, State.ACCEPTED)])
def test_the_accounts_are_asked_about_what_is_in_progress(
    around: Surroundings, offline: bool, state: State
) -> None:
    around.end(State.ACCEPTED, report=REPORT)
    looked_at(around, offline=offline)
    assert around.states() == {"one": state} and bool(around.opened) is not offline


@pytest.mark.parametrize(
    "state", [State.PLANNED, State.WAITING, State.DELIVERED, State.FAILED, State.UNKNOWN]
)
def test_where_nothing_is_in_progress_no_account_is_asked(
    around: Surroundings, state: State
) -> None:
    """Nor is a lock needed."""
    around.end(state)
    with around.ledger() as ledger, lock(ledger, "a run"):
        looked_at(around)
    assert around.opened == []


def test_all_that_is_in_progress_is_asked_about_whatever_is_shown(around: Surroundings) -> None:
    around.write(*THREE, settings=ALL)
    around.end(State.ACCEPTED, "one", "two", report=REPORT)
    result = looked_at(around, Choice(only=("one",)))
    assert fates(result) == {"one": Fate.SENT}
    assert around.states() == {"one": State.DELIVERED, "two": State.DELIVERED}


def test_a_letter_to_somebody_who_left_the_list_is_followed(around: Surroundings) -> None:
    around.write("old +12025550109")
    around.end(State.ACCEPTED, report=REPORT)
    around.write("one +12025550101")
    assert fates(looked_at(around)) == {"one": Fate.GOES}
    assert around.states() == {"old": State.DELIVERED}


def test_nothing_leaves(around: Surroundings) -> None:
    around.write(*THREE, settings=ALL)
    around.end(State.ACCEPTED, "one", report=REPORT)
    around.end(State.PLANNED, "two")
    looked_at(around)
    assert not around.account.submitted


def test_while_letters_are_being_sent_the_run_asks(around: Surroundings) -> None:
    around.end(State.ACCEPTED, report=REPORT)
    with around.ledger() as ledger, lock(ledger, "a run"):
        result = looked_at(around)
    assert fates(result) == {"one": Fate.IN_PROGRESS} and result.errors == ()
    assert around.opened == []


def test_an_account_that_is_not_ready_is_a_problem_and_the_status_is_shown(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.end(State.ACCEPTED, report=REPORT)

    def missing(*_: Any) -> None:
        raise SetupError("no key is known", "write it into .env")

    monkeypatch.setattr("faxappeal.delivery.accounts.open_account", missing)
    result = looked_at(around)
    assert fates(result) == {"one": Fate.IN_PROGRESS}
    assert [(each.message, each.hint) for each in result.errors] == [
        ("no key is known", "write it into .env")
    ]


def test_a_ledger_that_cannot_be_written_is_a_problem_and_the_status_is_shown(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.end(State.ACCEPTED, report=REPORT)

    def refuses(*_: Any) -> None:
        raise SetupError("the ledger cannot be opened", "look at the disk")

    monkeypatch.setattr("faxappeal.ledger.sqlite.SqliteStore.open", refuses)
    result = looked_at(around)
    assert fates(result) == {"one": Fate.IN_PROGRESS}
    assert [problem.message for problem in result.errors] == ["the ledger cannot be opened"]


def test_the_same_problem_is_said_once(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.add_own_fax()
    around.end(State.ACCEPTED, report=REPORT)
    around.end(State.ACCEPTED, choice=Choice(to_me=True), report=REPORT)

    def missing(*_: Any) -> None:
        raise SetupError("no key is known", "write it into .env")

    monkeypatch.setattr("faxappeal.delivery.accounts.open_account", missing)
    assert len(looked_at(around).errors) == 1


# -- test letters ------------------------------------------------------------------------------------


@pytest.fixture
def rehearsed(around: Surroundings) -> Surroundings:
    """A test letter on the line; the campaign itself is not sent."""
    around.add_own_fax()
    around.end(State.ACCEPTED, choice=Choice(to_me=True), report=REPORT)
    return around


def addresses(result: Result) -> list[str]:
    return [row.address for row in result.data.test_letters]


def test_a_test_letter_on_the_line_is_followed_and_shown(rehearsed: Surroundings) -> None:
    first = looked_at(rehearsed, offline=True)
    assert addresses(first) == ["+1 202 555 0199"]
    assert fates(first) == {"one": Fate.GOES}, "it is no letter of the campaign"
    looked_at(rehearsed)
    assert rehearsed.states() == {"one": State.DELIVERED}
    assert addresses(looked_at(rehearsed)) == [], "it is over"


def test_a_test_letter_is_followed_where_one_has_no_fax_any_more(rehearsed: Surroundings) -> None:
    rehearsed.change("faxappeal.toml", 'fax = "+1 202 555 0199"\n', "")
    result = looked_at(rehearsed)
    assert addresses(result) == [] and fates(result) == {"one": Fate.GOES}


# -- the mailbox -------------------------------------------------------------------------------------


@dataclass
class Receipts:
    """A mailbox with messages about letters."""

    error: SetupError | None = None
    asked: int = 0

    def sync(
        self, deliveries: Sequence[Delivery], *, unknown: bool = False
    ) -> tuple[UnmatchedMessage, ...]:
        self.asked += 1
        if self.error:
            raise self.error
        return tuple(
            UnmatchedMessage("reply", "INBOX", None, "office@example.org", letter.id)  # type: ignore[arg-type]
            for letter in deliveries
            if letter.channel == "email"
        )


@pytest.fixture
def receipts(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> Receipts:
    """Of a campaign whose e-mail has gone out."""
    around.write(*THREE, settings=ALL + IMAP)
    around.end(State.ACCEPTED, "mail")
    found = Receipts()
    monkeypatch.setattr("faxappeal.commands.run.mailbox_sync_of", lambda *_: found)
    return found


@pytest.mark.parametrize(
    ("asked", "looks"),
    [({}, 1), ({"mailbox": False}, 0), ({"offline": True}, 0)],
    ids=["usually", "without the mailbox", "offline"],
)
def test_the_mailbox_is_read_about_emails_that_went_out(
    around: Surroundings, receipts: Receipts, asked: dict[str, Any], looks: int
) -> None:
    result = looked_at(around, **asked)
    assert receipts.asked == looks and len(result.data.mail) == looks


@pytest.mark.parametrize("settings", [ALL, ALL + IMAP], ids=["no mailbox", "nothing went out"])
def test_there_is_nothing_to_read(around: Surroundings, receipts: Receipts, settings: str) -> None:
    around.write(*THREE, settings=settings)
    if "imap" in settings:
        around.clock.sleep(30 * 24 * 3600)  # no bounce comes so late
    assert looked_at(around).data.mail == () and receipts.asked == 0


@pytest.mark.parametrize(
    ("choice", "messages"), [(Choice(only=("mail",)), 1), (Choice(only=("one",)), 0)]
)
def test_a_message_is_shown_with_its_letter(
    around: Surroundings, receipts: Receipts, choice: Choice, messages: int
) -> None:
    assert len(looked_at(around, choice).data.mail) == messages


def test_a_mailbox_that_cannot_be_read_is_a_problem(
    around: Surroundings, receipts: Receipts
) -> None:
    receipts.error = SetupError("no password is known", "set it")
    result = looked_at(around)
    assert [problem.message for problem in result.errors] == ["no password is known"]
    assert fates(result)["mail"] is Fate.SENT


# -- again and again ---------------------------------------------------------------------------------


def test_it_is_watched_until_nothing_more_will_come(around: Surroundings) -> None:
    around.account.outcomes = [Accepted(REPORT), Accepted(REPORT), Delivered(REPORT)]
    around.end(State.ACCEPTED, report=REPORT)
    slept = len(around.clock.slept)
    seen = [fates(result)["one"] for result in watch(around.environment, Choice(), offline=False)]
    assert seen[0] is Fate.IN_PROGRESS and seen[-1] is Fate.SENT
    assert seen.count(Fate.SENT) == 1
    assert around.clock.slept[slept:] == [10.0] * (len(seen) - 1)


@pytest.mark.parametrize(
    ("state", "hold"),
    [(State.DELIVERED, None), (State.UNKNOWN, None), (State.PLANNED, HoldReason.VOICE)],
)
def test_what_is_over_or_held_is_looked_at_once(
    around: Surroundings, state: State, hold: HoldReason | None
) -> None:
    around.end(state)
    if hold:
        around.hold(hold)
    assert len(list(watch(around.environment, Choice(), offline=True))) == 1


def test_trouble_with_an_account_does_not_end_it(around: Surroundings) -> None:
    around.end(State.ACCEPTED, report=REPORT)
    around.account.outcomes = [Unreachable("no answer"), Delivered(REPORT)]
    seen = [fates(result)["one"] for result in watch(around.environment, Choice(), offline=False)]
    assert seen[0] is Fate.IN_PROGRESS and seen[-1] is Fate.SENT


def test_the_mailbox_is_read_at_every_sixth_look_and_its_messages_stay(
    around: Surroundings, receipts: Receipts
) -> None:
    """Each look into it is a sign-in."""
    around.end(State.ACCEPTED, "one", report=REPORT)
    around.account.outcomes = [Accepted(REPORT)] * 50
    around.hold(HoldReason.VOICE, "+12025550102")
    messages = []
    for result in watch(around.environment, Choice(), offline=False):
        messages.append(len(result.data.mail))
        if len(messages) == 7:
            break
    assert messages == [1] * 7 and receipts.asked == 2
