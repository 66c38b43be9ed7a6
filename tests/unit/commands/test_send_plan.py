"""The plan of a send: which letters are in it, what is made of them, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from faxappeal.campaign.current import CurrentList
from faxappeal.campaign.letter import LetterError
from faxappeal.commands.plan_rows import Row, SendPlan
from faxappeal.commands.selection import Choice
from faxappeal.commands.send_plan import Render, make_plan, open_context, prepare
from faxappeal.core.errors import UsageError
from faxappeal.core.finding import InvalidCampaign
from faxappeal.core.lifecycle import Fate, HoldReason, State
from faxappeal.documents.renderer import Letters
from tests.support.appeal import loaded
from tests.support.campaigns import write
from tests.support.commands import HYLAFAX, SMTP, PlainLetters, Surroundings

THREE = ("one +12025550101", "two +12025550102", "mail office@example.org")


def planned(
    around: Surroundings,
    choice: Choice | None = None,
    render: Render = "nothing",
    *,
    dry_run: bool = False,
    recorded_only: bool = False,
) -> SendPlan:
    with around.context() as context:
        return make_plan(
            context,
            choice or Choice(),
            render=render,
            dry_run=dry_run,
            recorded_only=recorded_only,
        )


def ids(rows: tuple[Row, ...]) -> str:
    return " ".join(row.recipient for row in rows)


# -- which letters are in it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "recipients"),
    [
        pytest.param(Choice(), "one two mail", id="all, in the order of the list"),
        pytest.param(Choice(only=("mail", "one")), "one mail", id="some recipients"),
        pytest.param(Choice(channel="email"), "mail", id="one channel"),
        pytest.param(Choice(only_failed=True), "two", id="what failed"),
        pytest.param(Choice(states=frozenset({State.DELIVERED})), "one", id="what was delivered"),
        pytest.param(Choice(states=frozenset({State.PLANNED})), "mail", id="what is planned"),
        pytest.param(Choice(states=frozenset({State.HELD})), "", id="what is held"),
    ],
)
def test_a_plan_has_the_letters_that_were_chosen(
    around: Surroundings, choice: Choice, recipients: str
) -> None:
    around.write(*THREE, settings=HYLAFAX + SMTP)
    around.end(State.DELIVERED, "one")
    around.end(State.FAILED, "two")
    assert ids(planned(around, choice).rows) == recipients


def test_a_state_that_was_asked_for_is_todays(around: Surroundings) -> None:
    """It was planned, and is held by now."""
    around.end(State.PLANNED)
    around.hold(HoldReason.VOICE)
    assert ids(planned(around, Choice(states=frozenset({State.HELD}))).rows) == "one"
    assert planned(around, Choice(states=frozenset({State.PLANNED}))).rows == ()


def test_a_question_to_the_accounts_is_about_what_the_ledger_has(around: Surroundings) -> None:
    around.write(*THREE, settings=HYLAFAX + SMTP)
    around.end(State.ACCEPTED, "two")
    assert ids(planned(around, recorded_only=True).rows) == "two"


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        pytest.param(Choice(), ["old"], id="the whole campaign"),
        pytest.param(Choice(only=("one",)), [], id="one recipient"),
        pytest.param(Choice(channel="fax"), [], id="one channel"),
    ],
)
def test_what_is_on_the_line_to_somebody_who_left_the_list_belongs_to_the_whole_campaign(
    around: Surroundings, choice: Choice, left: list[str]
) -> None:
    around.write("old +12025550109")
    around.end(State.ACCEPTED)
    around.write(*THREE)
    found = planned(around, choice).left_behind
    assert [letter.recipient.id for letter in found] == left


def test_each_line_has_the_time_there(around: Surroundings) -> None:
    around.write("one +12025550101", "two +493023125012")
    here = around.clock.now()
    new_york, berlin = (row.recipient_time for row in planned(around).rows)
    assert new_york and berlin and (new_york.hour, berlin.hour) == (10, 16)
    assert abs((new_york - here).total_seconds()) < 1


# -- what is made of them ----------------------------------------------------------------------------


def test_a_question_to_the_accounts_writes_no_letter(around: Surroundings) -> None:
    around.change("letter.j2", "please answer", "{{ to.office.nowhere }}")
    [row] = planned(around, render="nothing").rows
    assert (row.content, row.pages) == ("", None)
    with pytest.raises(LetterError):
        planned(around, render="texts")


def test_the_status_writes_letters_and_makes_no_pages(around: Surroundings) -> None:
    [row] = planned(around, render="texts").rows
    assert len(row.content) == 64 and row.pages is None


@pytest.mark.parametrize(
    ("state", "dry_run", "pages"),
    [
        pytest.param(State.PLANNED, False, 1, id="it goes"),
        pytest.param(State.DELIVERED, False, None, id="it went before"),
        pytest.param(State.DELIVERED, True, 1, id="it went before, in a dry run"),
    ],
)
def test_pages_are_made_of_what_will_leave(
    around: Surroundings, state: State, dry_run: bool, pages: int | None
) -> None:
    around.end(state)
    [row] = planned(around, render="pages", dry_run=dry_run).rows
    assert row.pages == pages and (row.seconds is not None) is (pages is not None)


@pytest.mark.parametrize(("more", "pages"), [("", 1), ("[email]\npdf = false\n", None)])
def test_an_email_has_pages_where_they_go_with_it_and_no_seconds(
    around: Surroundings, more: str, pages: int | None
) -> None:
    around.write("mail office@example.org", settings=more)
    [row] = planned(around, render="pages").rows
    assert (row.pages, row.seconds) == (pages, None)


def test_letters_that_were_made_are_used_again(around: Surroundings) -> None:
    letters = cast(Letters, PlainLetters())
    with around.context() as context:
        plan = make_plan(context, Choice(), render="texts", letters=letters)
    assert plan.letters is letters and plan.rows[0].content.startswith("test")


# -- with the ledger behind it -----------------------------------------------------------------------


def test_a_plan_to_send_makes_a_ledger_and_a_dry_run_none(
    around: Surroundings, nobody: Path
) -> None:
    file = nobody / "data" / "faxappeal" / "ledger.db"
    with prepare(around.environment, Choice(), dry_run=True) as plan:
        assert plan.context.ledger is None and plan.dry_run
    assert not file.exists()
    with prepare(around.environment, Choice(), dry_run=False) as plan:
        assert plan.context.ledger and not plan.dry_run
    assert file.exists()


def test_a_dry_run_sees_what_was_sent(around: Surroundings) -> None:
    around.end(State.DELIVERED)
    with prepare(around.environment, Choice(), dry_run=True) as plan:
        assert [row.fate for row in plan.rows] == [Fate.SENT]


def test_a_dry_run_asks_no_ledger_on_another_machine(around: Surroundings) -> None:
    """Nor a password for it."""
    shared = '\n[ledger]\nurl = "postgresql://us@db.example.org/ledger"\n'
    write(around.folder, settings=HYLAFAX + shared)
    with prepare(around.environment, Choice(), dry_run=True) as plan:
        assert plan.context.ledger is None and plan.ledger_not_queried


def test_a_campaign_with_an_error_has_no_plan(around: Surroundings) -> None:
    around.change("recipients.yaml", "+12025550101", "+1202")
    with pytest.raises(InvalidCampaign), prepare(around.environment, Choice(), dry_run=True):
        pytest.fail("it is planned")


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_doubtful_contact_needs_a_reason(around: Surroundings, reason: str | None) -> None:
    choice = Choice(accepted=("one",), reason=reason)
    with (
        pytest.raises(UsageError, match="needs a reason, which is logged"),
        prepare(around.environment, choice, dry_run=True),
    ):
        pytest.fail("it is planned")


def test_a_doubtful_contact_goes_with_a_reason(around: Surroundings) -> None:
    around.change("recipients.yaml", "status: active", "status: unverified")
    choice = Choice(accepted=("one",), reason="called the office")
    for each, fate in ((Choice(), Fate.HELD), (choice, Fate.GOES)):
        with prepare(around.environment, each, dry_run=True) as plan:
            assert [row.fate for row in plan.rows] == [fate]


# -- for the workers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(), "workers need a ledger in PostgreSQL"),
        (Choice(to_me=True), "a rehearsal needs no workers"),
    ],
)
def test_what_cannot_be_left_to_the_workers_is_refused(
    around: Surroundings, choice: Choice, said: str, nobody: Path
) -> None:
    around.add_own_fax()
    with (
        pytest.raises(UsageError, match=said),
        prepare(around.environment, choice, dry_run=False, enqueue=True),
    ):
        pytest.fail("it is planned")
    assert not (nobody / "data").exists()


def test_what_workers_can_send_is_planned(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faxappeal.workers.queue.database", lambda home: home)  # it will do
    with prepare(around.environment, Choice(), dry_run=True, enqueue=True) as plan:
        assert ids(plan.rows) == "one"


# -- many senders ------------------------------------------------------------------------------------


def sign(around: Surroundings, count: int, *recipients: str) -> None:
    around.write(*recipients, settings=HYLAFAX + '[senders]\nmode = "each"\n')
    path = around.folder / "senders.csv"
    lines = [f"s-{number},Person {number},,2026-11-20\n" for number in range(count)]
    path.write_text("id,name,place,consent\n" + "".join(lines), encoding="utf-8")
    path.chmod(0o600)


def test_too_many_are_refused_before_their_letters_are_written(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(around, 21, "one +12025550101")
    monkeypatch.delattr("faxappeal.documents.renderer.Letters.content")
    with (
        pytest.raises(UsageError, match="each number would get 21 letters"),
        prepare(around.environment, Choice(), dry_run=True),
    ):
        pytest.fail("it is planned")


def test_what_a_number_got_today_counts_with_the_plan(around: Surroundings) -> None:
    around.write("old +12025550101")
    around.end(State.DELIVERED)
    sign(around, 20, "one +12025550101")
    with (
        pytest.raises(UsageError, match=r"\+12025550101 would get 21 letters"),
        prepare(around.environment, Choice(), dry_run=True),
    ):
        pytest.fail("it is planned")


@pytest.mark.parametrize("choice", [Choice(to_me=True), Choice(only_failed=True)])
def test_test_letters_and_what_failed_are_no_crowd(around: Surroundings, choice: Choice) -> None:
    sign(around, 21, "one +12025550101")
    around.add_own_fax()
    with prepare(around.environment, choice, dry_run=True) as plan:
        assert len(plan.rows) == choice.to_me


# -- a look ------------------------------------------------------------------------------------------


def test_a_look_makes_no_ledger(around: Surroundings, nobody: Path) -> None:
    campaign, now = loaded(around.folder), around.clock.now()
    with open_context(campaign, now, writes=False) as context:
        assert context.ledger is None
    around.end(State.DELIVERED)
    with open_context(campaign, now, writes=False) as context:
        assert context.ledger and len(context.records) == 1
    with open_context(campaign, now, writes=True, asks=False) as context:
        assert context.ledger is None


def test_the_list_of_the_moment_is_the_files(around: Surroundings) -> None:
    """Whatever the plan has: `send` asks the list again when a letter leaves."""
    [row] = planned(around).rows
    around.change("recipients.yaml", "status: active", "status: opted_out")
    now = CurrentList(around.folder).delivery(row.delivery, around.clock.now())
    assert now.hold is HoldReason.OPTED_OUT and row.fate is Fate.GOES
