"""Never twice, never lost: one step at a time, on a clock in the hand.

tests/integration/postgres runs these again with a ledger in a database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from faxappeal.campaign.current import CurrentList
from faxappeal.campaign.delivery import Delivery
from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause, HoldReason, State
from faxappeal.delivery.run_loop import NullObserver, RunLoop
from faxappeal.ledger import Record, rows
from faxappeal.providers.base import (
    Accepted,
    BeforeSend,
    Failed,
    Job,
    Outcome,
    ProviderReport,
    Unknown,
    Unreachable,
)
from tests.support.campaigns import write
from tests.support.fakes.null_account import Letters
from tests.support.world import ScriptedAccount, World


def test_a_letter_goes_out_once(world: World) -> None:
    assert world.run() == ["delivered"]
    assert world.run() == ["delivered"]
    assert len(world.account.submitted) == 1


def test_the_claim_is_durable_before_the_first_byte(world: World) -> None:
    seen = []

    class Watching(ScriptedAccount):
        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            [delivery] = world.deliveries()
            before = world.ledger.queries.get(delivery.id)
            before_send()
            after = world.ledger.queries.get(delivery.id)
            assert before and after
            seen.append((before.state, before.left_at, after.left_at))
            assert before.reference == job.reference
            assert before.document, "and what is sent lies in the archive"
            return super().submit(job, lambda: None)

    world.account = Watching(world.clock)
    world.run()
    [(state, left_before, left_after)] = seen
    assert state == "submitting" and left_before is None and left_after is not None


def test_busy_is_tried_again_later_with_another_reference(world: World) -> None:
    world.account.outcomes = [
        Accepted(ProviderReport("1")),
        Failed(Cause.BUSY, ProviderReport("1")),
    ]
    assert world.run() == ["delivered"]
    (first, _, one), (second, _, two) = world.account.submitted
    assert second - first >= timedelta(minutes=5)
    assert one != two


def test_a_voice_holds_the_number_in_every_campaign(world: World, tmp_path: Path) -> None:
    world.account.outcomes = [Failed(Cause.VOICE, ProviderReport())]
    assert world.run() == ["held voice"]
    write(world.folder, ["other +12025550101"])
    world.rename("second")
    [delivery] = world.deliveries()
    assert delivery.hold == "voice" and delivery.campaign == "second"
    assert world.run() == ["held"]
    assert len(world.account.submitted) == 1


@pytest.mark.parametrize(
    ("cause", "state"),
    [(Cause.BAD_NUMBER, "failed bad-number"), (Cause.DOCUMENT, "failed document"), (Cause.REFUSED, "failed refused")],
)  # fmt: skip
def test_what_cannot_succeed_is_not_tried_again(world: World, cause: Cause, state: str) -> None:
    world.account.outcomes = [Failed(cause, ProviderReport())]
    assert world.run() == [state]
    assert world.run() == [state]
    assert len(world.account.submitted) == 1


def test_trouble_with_the_account_stops_the_run_and_counts_for_no_letter(world: World) -> None:
    write(world.folder, ["one +12025550101", "two +12025550102"])
    world.account.outcomes = [Failed(Cause.ACCOUNT, ProviderReport(raw="402"))]
    dispatcher = world.dispatcher()
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    assert dispatcher.stopped and "402" in dispatcher.stopped.message
    assert len(world.account.submitted) == 1
    world.clock.sleep(600)
    assert world.run() == ["delivered", "delivered"]


def test_without_a_connection_no_attempt_is_counted(world: World) -> None:
    """With `attempts = 1`: what never left this machine is no attempt."""
    world.add_settings("\n[pacing]\nattempts = 1\n")
    offline = Failed(Cause.OFFLINE, ProviderReport(raw="no route to host"))
    world.account.outcomes = [offline] * 4
    begun = world.clock.now()
    assert world.run() == ["delivered"]
    assert world.record().attempt == 1
    assert world.clock.now() - begun < timedelta(minutes=30)


def test_an_unknown_outcome_is_never_sent_again(world: World) -> None:
    world.account.supports_lookup = False
    world.account.outcomes = [Unknown(ProviderReport(raw="connection lost"))]
    assert world.run() == ["unknown"]
    assert world.run() == ["unknown"]
    assert len(world.account.submitted) == 1


@pytest.mark.parametrize("known", [True, False], ids=["accepted", "on its way"])
def test_an_account_out_of_reach_for_a_day_leaves_the_letter_unknown(
    world: World, known: bool
) -> None:
    first = (
        Accepted(ProviderReport("1")) if known else Unknown(ProviderReport(raw="connection lost"))
    )
    world.account.outcomes = [first, *[Unreachable("no answer")] * 9_999]
    world.account.found = [Unreachable("no answer")] * 9_999
    begun = world.clock.now()
    assert world.run(wait=False) == ["accepted" if known else "submitting"]
    world.clock.sleep(23 * 3600)
    assert world.run() == ["unknown"]
    assert timedelta(hours=24) <= world.clock.now() - begun < timedelta(hours=25)
    assert len(world.account.submitted) == 1


def test_an_account_out_of_reach_is_asked_again(world: World) -> None:
    world.account.outcomes = [
        Accepted(ProviderReport("1")),
        Unreachable("down"),
        Unreachable("down"),
    ]
    assert world.run() == ["delivered"]


def test_a_claim_that_slept_too_long_is_given_up_before_the_first_byte(world: World) -> None:
    claims: list[str] = []

    class Sleepy(ScriptedAccount):
        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            claims.append(job.reference)
            if len(claims) == 1:
                self.clock.sleep(3600)  # the laptop was closed
            return super().submit(job, before_send)

    world.account = Sleepy(world.clock)
    assert world.run() == ["delivered"]
    [(_, _, left)] = world.account.submitted
    assert len(claims) == 2 and left == claims[1]


def test_a_reference_tells_nothing(world: World) -> None:
    world.run()
    [(_, _, reference)] = world.account.submitted
    assert reference.startswith("fa-") and len(reference) == 35


def test_an_email_is_accepted_and_its_bytes_stay_the_same(world: World) -> None:
    write(world.folder, ["mail office@example.org"])
    world.account.outcomes = [Failed(Cause.PROVIDER, ProviderReport(raw="451 later"))]
    assert world.run() == ["accepted"]
    [delivery] = world.deliveries()
    documents = {
        event.document for event in world.ledger.queries.events(delivery.campaign) if event.document
    }
    assert len(world.account.submitted) == 2 and len(documents) == 1


# -- what a step says to who follows it --------------------------------------------------------------


def test_who_follows_a_run_hears_of_each_change_and_of_nothing_else(world: World) -> None:
    world.account.outcomes = [Accepted(ProviderReport("1")), Accepted(ProviderReport("1"))]
    heard: list[State] = []

    def changed(_delivery: Delivery, record: Record) -> None:
        heard.append(record.state)

    dispatcher = world.dispatcher(changed=changed)
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    assert heard == [State.ACCEPTED, State.DELIVERED], "a question without news is none"


def test_an_email_that_a_server_has_needs_no_further_step(world: World) -> None:
    write(world.folder, ["mail office@example.org"])
    [delivery] = world.deliveries()
    dispatcher = world.dispatcher()
    assert dispatcher.step(delivery) is None and dispatcher.step(delivery) is None
    assert world.states() == ["accepted"] and len(world.account.submitted) == 1


def test_asking_about_what_is_pending_sends_nothing_new(world: World) -> None:
    write(world.folder, ["one +12025550101", "two +12025550102"])
    one, two = world.deliveries()
    dispatcher = world.dispatcher()
    dispatcher.step(one)
    world.ledger.plan(two, world.clock.now())
    dispatcher.poll_pending([one, two])
    assert world.states() == ["delivered", "planned"] and len(world.account.submitted) == 1


def test_a_call_may_last_no_longer_than_the_office_is_open(world: World) -> None:
    write(world.folder, ["one +12025550101", "mail office@example.org"])
    world.clock.sleep(9 * 3600 + 55 * 60)  # 19:55 in New York
    left: list[timedelta | None] = []

    class Noting(ScriptedAccount):
        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            left.append(job.time_left)
            return super().submit(job, before_send)

    world.account = Noting(world.clock)
    world.run()
    fax, email = left
    assert fax and timedelta(minutes=4) < fax <= timedelta(minutes=5)
    assert email is None, "an e-mail rings no telephone"


# -- the files change while a letter waits -----------------------------------------------------------


def unreadable(_delivery: Delivery, _moment: datetime) -> Delivery:
    raise SetupError("recipients.yaml was changed and has an error on line 3")


def test_a_list_that_cannot_be_read_any_more_stops_the_run(world: World) -> None:
    write(world.folder, ["one +12025550101", "two +12025550102"])
    dispatcher = world.dispatcher(current=unreadable)
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    assert dispatcher.stopped and "line 3" in dispatcher.stopped.message
    assert world.states() == ["planned", "planned"] and not world.account.submitted


def test_a_letter_that_is_held_need_not_be_writable(world: World) -> None:
    class Broken(Letters):
        def content_sha256(self, delivery: Delivery) -> str:
            raise AssertionError("it cannot be written")

    def held(delivery: Delivery, _moment: datetime) -> Delivery:
        return replace(delivery, hold=HoldReason.OPTED_OUT)

    [delivery] = world.deliveries()
    assert world.dispatcher(letters=Broken(), current=held).step(delivery) is None
    assert (world.record().state, world.record().note) == (State.HELD, "opted out")


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"hold": HoldReason.OPTED_OUT}, "opted out"),
        ({"hold": HoldReason.NOT_LISTED}, "no longer in the list"),
        ({"zone": None}, "no time zone"),
    ],
    ids=["they say no", "removed from the list", "no time zone any more"],
)
def test_what_the_list_says_right_before_the_first_byte_counts(
    world: World, changes: dict[str, Any], note: str
) -> None:
    looks = 0

    def current(delivery: Delivery, _moment: datetime) -> Delivery:
        nonlocal looks
        looks += 1
        return delivery if looks == 1 else replace(delivery, **changes)

    dispatcher = world.dispatcher(current=current)
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    assert not world.account.submitted
    assert (world.record().state, world.record().note) == (State.HELD, note)


def suspended(world: World, minutes: int, meanwhile: Callable[[], object]) -> None:
    """Run the only letter; the machine is suspended when it has noted that the letter leaves."""
    attempts = world.ledger.attempts
    note = attempts.record_departure

    def record_departure(*arguments: Any) -> bool:
        is_noted = note(*arguments)
        world.clock.sleep(60 * minutes)
        meanwhile()
        return is_noted

    attempts.record_departure = record_departure  # type: ignore[method-assign, assignment]
    dispatcher = world.dispatcher(current=CurrentList(world.folder).delivery)
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries(), wait=False)


@pytest.mark.parametrize(("minutes", "leaves"), [(0, True), (20, False)], ids=["awake", "asleep"])
def test_a_machine_that_wakes_up_reads_the_list_again(
    world: World, minutes: int, leaves: bool
) -> None:
    listed = (world.folder / "recipients.yaml").read_text()
    opted_out = listed.replace("status: active", "status: opted_out")
    suspended(world, minutes, lambda: (world.folder / "recipients.yaml").write_text(opted_out))
    assert bool(world.account.submitted) is leaves
    assert leaves or world.states() == ["held"]


def test_a_machine_that_wakes_up_calls_no_number_that_is_held_by_then(world: World) -> None:
    [delivery] = world.deliveries()

    def hold() -> None:
        with world.ledger.transaction() as connection:
            moment = world.clock.now()
            rows.put_hold(connection, delivery.address_key, HoldReason.VOICE, moment, "another")

    suspended(world, 20, hold)
    assert world.states() == ["held"] and not world.account.submitted


def test_a_machine_that_wakes_up_sends_nothing_that_others_have_given_up(world: World) -> None:
    def give_up() -> None:
        record = world.record()
        moment = world.clock.now()
        world.ledger.attempts.record(record.id, record.reference or "", State.UNKNOWN, moment)

    suspended(world, 20, give_up)
    assert world.states() == ["unknown"] and not world.account.submitted


def test_a_list_that_breaks_right_before_the_first_byte_keeps_the_letter_here(
    world: World,
) -> None:
    looks = 0

    def current(delivery: Delivery, moment: datetime) -> Delivery:
        nonlocal looks
        looks += 1
        return delivery if looks == 1 else unreadable(delivery, moment)

    dispatcher = world.dispatcher(current=current)
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    assert dispatcher.stopped and not world.account.submitted
    assert world.states() == ["waiting"] and world.record().attempt == 0
    assert world.run() == ["delivered"], "once the list can be read again"


def test_a_hold_that_another_campaign_sets_meanwhile_stops_the_first_byte(world: World) -> None:
    class Interrupted(ScriptedAccount):
        def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
            with world.ledger.transaction() as connection:
                from faxappeal.ledger import rows

                moment, [delivery] = self.clock.now(), world.deliveries()
                key, reason = delivery.address_key, HoldReason.VOICE
                rows.put_hold(connection, key, reason, moment, delivery.id)
            return super().submit(job, before_send)

    world.account = Interrupted(world.clock)
    assert world.run() == ["held"]
    assert not world.account.submitted and world.record().note == "voice"


# -- an account that is not ready --------------------------------------------------------------------


def test_without_an_account_nothing_is_claimed(world: World) -> None:
    def none_chosen(_channel: str) -> str:
        raise SetupError("no account for fax is chosen")

    dispatcher = world.dispatcher(account_name=none_chosen)
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    assert dispatcher.stopped and dispatcher.stopped.message == "no account for fax is chosen"
    assert world.states() == ["planned"]


def test_an_account_that_turns_out_not_to_be_ready_counts_for_no_letter(world: World) -> None:
    world.account.outcomes = [SetupError("the password was refused")]
    [delivery] = world.deliveries()
    dispatcher = world.dispatcher()
    assert dispatcher.step(delivery) is None
    assert dispatcher.stopped and "the password was refused" in dispatcher.stopped.message
    assert world.states() == ["waiting account"] and world.record().attempt == 0
    world.clock.sleep(600)  # the gap between two calls
    assert world.run() == ["delivered"]


def test_after_a_stop_the_list_still_holds_letters(world: World) -> None:
    """What a person has to do is known all the same."""
    write(world.folder, ["one +12025550101", "two +12025550102"])
    dispatcher = world.dispatcher()
    dispatcher.stop(SetupError("no credentials"))
    dispatcher.stop(SetupError("a later reason"))
    one, two = world.deliveries()
    dispatcher.step(replace(one, hold=HoldReason.STALE))
    dispatcher.step(two)
    assert world.states() == ["held", "planned"] and not world.account.submitted
    assert dispatcher.stopped and dispatcher.stopped.message == "no credentials", "the first one"


@pytest.mark.parametrize("known", [True, False], ids=["accepted", "on its way"])
def test_a_letter_that_cannot_be_asked_about_for_lack_of_a_password_stays_as_it_is(
    world: World, known: bool
) -> None:
    world.account.outcomes = [Accepted(ProviderReport("1")) if known else Unknown(ProviderReport())]
    world.run(wait=False)
    before = world.states()
    error = SetupError("no password is known")
    world.account.outcomes, world.account.found = [error], [error]
    world.clock.sleep(3600)
    dispatcher = world.dispatcher()
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    assert dispatcher.stopped and "no password" in dispatcher.stopped.message
    assert world.states() == before == (["accepted"] if known else ["submitting"])


# -- what the workers were left ----------------------------------------------------------------------


def test_a_worker_sends_only_the_letter_that_was_queued(world: World) -> None:
    [delivery] = world.deliveries()
    world.ledger.plan(delivery, world.clock.now())
    dispatcher = world.dispatcher(require_queued_content=True)
    assert dispatcher.step(delivery) == 1.0 and not world.account.submitted, "nothing is queued"

    world.ledger.queue_for_workers({delivery.id: "another letter"}, {delivery.id: ""})
    assert dispatcher.step(delivery) == 1.0 and not world.account.submitted

    content = Letters().content_sha256(delivery)
    world.ledger.queue_for_workers({delivery.id: content}, {delivery.id: ""})
    dispatcher.step(delivery)
    assert world.states() == ["accepted"]


# -- an e-mail that is tried again -------------------------------------------------------------------


def dated(document: bytes) -> datetime:
    """The date that the letter of a null account has."""
    return datetime.fromisoformat(document.decode().removeprefix("letter at "))


def failed_once(world: World) -> None:
    write(world.folder, ["mail office@example.org"])
    world.account.outcomes = [Failed(Cause.PROVIDER, ProviderReport(raw="451 later"))]
    assert world.run(wait=False) == ["waiting provider"]


def test_an_email_whose_document_is_on_another_machine_is_made_again_with_its_date(
    world: World,
) -> None:
    failed_once(world)
    for document in (world.ledger.folder / "documents").iterdir():
        document.unlink()
    assert world.run() == ["accepted"]
    first, second = map(dated, world.account.documents)
    assert second - first < timedelta(seconds=1)


def test_an_email_whose_text_was_corrected_gets_the_date_of_its_new_text(world: World) -> None:
    failed_once(world)

    class Corrected(Letters):
        def content_sha256(self, delivery: Delivery) -> str:
            return "corrected".ljust(64, "0")

    dispatcher = world.dispatcher(letters=Corrected())
    RunLoop(dispatcher, world.clock, NullObserver()).run(world.deliveries())
    first, second = map(dated, world.account.documents)
    assert second - first >= timedelta(minutes=15), "the wait after the failure"


# -- what became of it -------------------------------------------------------------------------------


def test_an_account_that_gives_no_reference_cannot_be_asked(world: World) -> None:
    world.account.outcomes = [Accepted(ProviderReport())]
    assert world.run() == ["unknown"]
    assert world.record().note == "no reference" and len(world.account.submitted) == 1


def test_an_account_that_says_sending_for_a_day_has_lost_track(world: World) -> None:
    world.account.outcomes = [Accepted(ProviderReport("1", raw="sending"))] * 3
    [delivery] = world.deliveries()
    dispatcher = world.dispatcher()
    dispatcher.step(delivery)
    world.clock.sleep(23.9 * 3600)
    assert dispatcher.step(delivery) == 30.0 and world.states() == ["accepted"]
    world.clock.sleep(0.1 * 3600)
    assert dispatcher.step(delivery) is None and world.states() == ["unknown"]
    assert world.record().note == "sending"


def test_a_question_waits_as_long_as_the_account_wants(world: World) -> None:
    world.account.outcomes = [Accepted(ProviderReport("1"))]
    [delivery] = world.deliveries()
    dispatcher = world.dispatcher()
    dispatcher.step(delivery)
    world.account.outcomes = [Unreachable("429", timedelta(minutes=10))]
    assert dispatcher.step(delivery) == 600.0
    seconds = dispatcher.step(delivery)
    assert seconds and 590 < seconds < 600, "a question before that is not even asked"
