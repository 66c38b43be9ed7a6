"""`faxappeal status`: one line a delivery, asking the accounts about those under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from ..campaign.loading import LoadedCampaign
from ..core.clock import Clock
from ..core.errors import SetupError, UsageError
from ..core.lifecycle import Fate
from ..core.result import Problem, Result, problem_of
from ..delivery.context import CampaignContext
from ..delivery.mailbox_sync import is_open
from ..delivery.run_loop import NullObserver
from ..ledger.locking import LedgerLocked
from .environment import Environment
from .plan_rows import Row, SendPlan, StatusResult
from .run import Run, exit_code
from .selection import Choice
from .send_plan import make_plan, open_context

if TYPE_CHECKING:
    from ..documents.renderer import Letters
    from ..providers.incoming_mail import UnmatchedMessage

    # what the accounts and the mailbox said that is no letter's state
    Answers = tuple[tuple[Problem, ...], tuple[UnmatchedMessage, ...]]

_EVERY = 10.0  # seconds between two looks: as often as InterFAX wants to be asked
_MAILBOX = 6  # looks between two into the mailbox: each is a sign-in

# of a table of deliveries; what a dry run wrote is none of it
COLUMNS = (
    *("delivery", "recipient", "channel", "address", "state", "cause", "fate", "reason"),
    *("attempts", "local_time", "until"),
)


def status(
    environment: Environment, choice: Choice, *, offline: bool, mailbox: bool = True
) -> Result:
    """How each delivery stands. `offline` asks no account and needs no secret; without `mailbox`,
    the mailbox is not read."""
    campaign, clock = environment.read(), environment.clock
    problems, mail = ((), ()) if offline else _ask(campaign, clock, mailbox)
    with open_context(campaign, clock.now(), writes=False) as context:
        letters = context.letters()
        rows = make_plan(context, choice, render="texts", letters=letters).rows
        shown = {row.delivery.id for row in rows}
        recorded = {row.delivery.id for row in rows if row.record}
        others = not recorded >= context.records.keys()
        data = StatusResult(
            context=context,
            letters=letters,
            rows=rows,
            test_letters=_test_letters(context, letters, choice.only) if others else (),
            mail=tuple(message for message in mail if message.letter in shown),
            hidden=len(context.deliveries(choice.only)) - len(rows) if choice.states else 0,
        )
        return Result("status", data, exit_code(rows), problems)


def _test_letters(
    context: CampaignContext, letters: Letters, only: tuple[str, ...]
) -> tuple[Row, ...]:
    """The test letters that are not over: they are not part of the campaign."""
    choice = Choice(only=only, to_me=True)
    try:
        return make_plan(context, choice, render="texts", letters=letters, recorded_only=True).rows
    except UsageError:  # no fax of one's own
        return ()


def watch(environment: Environment, choice: Choice, *, offline: bool) -> Iterator[Result]:
    """The status again and again, until there is nothing more to come."""
    mail: tuple[UnmatchedMessage, ...] = ()
    for number in count():
        mailbox = number % _MAILBOX == 0
        result = status(environment, choice, offline=offline, mailbox=mailbox)
        mail = result.data.mail if mailbox else mail
        yield replace(result, data=replace(result.data, mail=mail))
        if not any(row.fate.is_open for row in result.data.rows):
            return
        environment.clock.sleep(_EVERY)


def _ask(campaign: LoadedCampaign, clock: Clock, mailbox: bool) -> Answers:
    """Bring the ledger up to date, if anything is in progress. Test letters are not part of the
    status, but one may be on the line."""
    with open_context(campaign, clock.now(), writes=False) as context:
        plans = [_recorded(context, Choice())]
        if len(plans[0].rows) < len(context.records):  # there are others: to oneself, perhaps
            plans.append(_recorded(context, Choice(to_me=True)))
        choices = [plan.choice for plan in plans if _has_questions(plan, clock, mailbox)]
    problems: tuple[Problem, ...] = ()
    mail: tuple[UnmatchedMessage, ...] = ()
    for choice in choices:
        more, found = _ask_about(campaign, clock, choice, mailbox)
        problems += tuple(problem for problem in more if problem not in problems)
        mail += found
    return problems, mail


def _recorded(context: CampaignContext, choice: Choice) -> SendPlan:
    """What the ledger has of a choice, without texts; nothing where one has no fax of one's own."""
    try:
        return make_plan(context, choice, render="nothing", recorded_only=True)
    except UsageError:
        return SendPlan(context, context.letters(), choice, (), dry_run=False)


def _ask_about(campaign: LoadedCampaign, clock: Clock, choice: Choice, mailbox: bool) -> Answers:
    try:
        with open_context(campaign, clock.now(), writes=True) as context:
            plan = make_plan(context, choice, render="nothing", recorded_only=True)
            run = Run(plan, clock, NullObserver())
            run.poll_pending(mailbox=mailbox and not choice.to_me)
    except LedgerLocked:
        return (), ()  # the process that is sending asks, and writes down the answers
    except SetupError as error:
        return (problem_of(error),), ()
    errors = (run.dispatcher.stopped, run.unread)
    return tuple(problem_of(error) for error in errors if error), run.odd


def _has_questions(plan: SendPlan, clock: Clock, mailbox: bool) -> bool:
    if plan.left_behind:
        return True
    has_mailbox = plan.context.campaign.settings.email.imap is not None
    reads = mailbox and has_mailbox and not plan.choice.to_me
    return any(
        row.fate is Fate.IN_PROGRESS or (reads and is_open(row.record, clock.now()))
        for row in plan.rows
    )
