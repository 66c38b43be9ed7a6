"""One short voice call to a number: when it may be made, what answered, and never a second one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from faxappeal.commands.verify_call import CheckCallResult, Question, call
from faxappeal.core.errors import ExitCode, FaxappealError, SetupError, UsageError
from faxappeal.core.lifecycle import HoldReason, State
from faxappeal.core.result import Result
from faxappeal.ledger.check_calls import CheckCalls
from faxappeal.ledger.locking import LedgerLocked, lock
from faxappeal.providers.base import Unreachable
from faxappeal.providers.twilio import Call, LineType, NotPlaced, Uncertain
from tests.support.commands import HYLAFAX, NUMBER, Surroundings
from tests.support.twilio_in_memory import CALLING, RINGING, TABLE, MemoryTwilio, over

HOUR = 3600.0


@dataclass
class Person:
    """Says yes or no, and remembers what was asked."""

    says: bool = True
    asked: list[Question] = field(default_factory=list)

    def __call__(self, question: Question) -> bool:
        self.asked.append(question)
        return self.says


@pytest.fixture
def twilio(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> MemoryTwilio:
    """An account that may call."""
    around.write(f"one {NUMBER}", "mail office@example.org", settings=HYLAFAX + CALLING)
    account = MemoryTwilio()
    account.use(monkeypatch, "faxappeal.commands.verify_call")
    return account


def called(around: Surroundings, id: str = "one", person: Person | None = None) -> Result:
    result = call(around.environment, id, person or Person())
    assert result
    return result


def refused(around: Surroundings, id: str = "one") -> FaxappealError:
    """Why the number may not be called."""
    person = Person()
    with pytest.raises(FaxappealError) as caught:
        called(around, id, person)
    assert not person.asked, "it is not asked what cannot be done"
    return caught.value


def events(around: Surroundings) -> list[str]:
    return [event for event in around.events("one") if event != "planned"]


# -- what answered -----------------------------------------------------------------------------------

VOICE = HoldReason.VOICE
OK, INCOMPLETE, UNKNOWN = ExitCode.OK, ExitCode.INCOMPLETE, ExitCode.UNKNOWN


@pytest.mark.parametrize(
    ("ending", "answer", "words", "hold", "code"),
    [
        pytest.param(
            over("fax"), "fax", "a fax answered. That proves a machine", None, OK, id="fax"
        ),
        pytest.param(over("human"), "human", "a person answered", VOICE, OK, id="a person"),
        pytest.param(
            over("machine_start"), "machine", "an answering machine", VOICE, OK, id="a machine"
        ),
        pytest.param(
            over("machine_end_beep"), "machine", "an answering machine", VOICE, OK, id="its beep"
        ),
        pytest.param(
            over("unknown"), "unknown", "cannot tell what", None, INCOMPLETE, id="unknown"
        ),
        pytest.param(over(""), "unknown", "cannot tell what", None, INCOMPLETE, id="not said"),
        pytest.param(over(status="busy"), "busy", "busy: nothing", None, INCOMPLETE, id="busy"),
        pytest.param(
            over(status="no-answer"),
            "no-answer",
            "nobody answered",
            None,
            INCOMPLETE,
            id="no answer",
        ),
        pytest.param(
            over(status="failed"), "failed", "the call failed", None, INCOMPLETE, id="failed"
        ),
        pytest.param(
            over(status="canceled"), "canceled", "the call failed", None, INCOMPLETE, id="cancelled"
        ),
        pytest.param(
            over("human", "busy"), "busy", "busy: nothing", None, INCOMPLETE, id="busy after all"
        ),
    ],
)
def test_what_answered_is_said_and_a_voice_is_held(
    around: Surroundings,
    twilio: MemoryTwilio,
    ending: Call,
    answer: str,
    words: str,
    hold: HoldReason | None,
    code: ExitCode,
) -> None:
    twilio.answers = [RINGING, ending]
    result = called(around)
    data: CheckCallResult = result.data
    assert (result.exit_code, data.answer, data.held, data.earlier) == (code, answer, hold, False)
    assert words in data.words and (data.recipient, data.address) == ("one", NUMBER)
    assert around.held() is hold
    assert events(around) == ["calling", "ringing", "called"]
    assert len(twilio.calls) == 1 and not twilio.is_open


def test_the_log_has_the_account_its_reference_and_its_price(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    twilio.answers = [over("fax", price="-0.013 USD")]
    called(around)
    with around.ledger() as ledger:
        last = ledger.queries.events("test")[-1]
    assert (last.note, last.account, last.account_reference, last.price) == (
        "fax",
        "twilio",
        "CA1",
        "-0.013 USD",
    )


@pytest.mark.parametrize(
    ("organisation", "language", "spoken"),
    [
        ("", "", "Erika Mustermann"),
        ("Example Human Rights Group", "", "Example Human Rights Group"),
        ("", "de-DE", 'language="de-DE"'),
    ],
    ids=["a person", "an organisation", "in the recipient's language"],
)
def test_who_answers_hears_who_calls(
    around: Surroundings, twilio: MemoryTwilio, organisation: str, language: str, spoken: str
) -> None:
    if organisation:
        around.change(
            "faxappeal.toml", "[sender]\n", f'[sender]\norganisation = "{organisation}"\n'
        )
    if language:
        around.change("recipients.yaml", "    fax:", f"    language: {language}\n    fax:")
    called(around)
    [(number, words)] = twilio.calls
    assert number == NUMBER and spoken in words


def test_a_person_is_asked_with_the_time_there(around: Surroundings, twilio: MemoryTwilio) -> None:
    person = Person()
    called(around, person=person)
    [question] = person.asked
    assert (question.recipient, question.number) == ("one", NUMBER)
    assert question.recipient_time.hour == 10, "in New York"


def test_no_means_no(around: Surroundings, twilio: MemoryTwilio) -> None:
    assert call(around.environment, "one", Person(says=False)) is None
    assert not twilio.calls and events(around) == [] and not twilio.is_open


# -- when it may not be made -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "said", "hint"),
    [
        pytest.param("", "needs an account of Twilio's", "add [twilio]", id="no account"),
        pytest.param(TABLE, "check calls are off", "allow_calls = true", id="not turned on"),
        pytest.param(
            CALLING.replace('from = "+12025550190"\n', ""),
            "who calls",
            'add from = "+',
            id="no caller",
        ),
    ],
)
def test_it_is_off_until_a_person_turns_it_on(
    around: Surroundings, twilio: MemoryTwilio, table: str, said: str, hint: str
) -> None:
    around.write(f"one {NUMBER}", settings=HYLAFAX + table)
    error = refused(around)
    assert isinstance(error, SetupError)
    assert said in error.message and hint in error.hint
    assert not twilio.asked and not twilio.calls


@pytest.mark.parametrize(
    ("change", "said", "hint"),
    [
        pytest.param(
            ("status: active", "status: opted_out"),
            "does not want to be called",
            "nothing overrides that",
            id="an opt-out",
        ),
        pytest.param(
            ("timezone: America/New_York", "timezone: Asia/Tokyo"),
            "time zone is not known",
            "add timezone",
            id="a zone that the number contradicts",
        ),
    ],
)
def test_what_the_list_forbids_is_not_called(
    around: Surroundings,
    twilio: MemoryTwilio,
    monkeypatch: pytest.MonkeyPatch,
    change: tuple[str, str],
    said: str,
    hint: str,
) -> None:
    around.change("recipients.yaml", *change)
    monkeypatch.setattr("faxappeal.checks.load.errors", lambda _findings: [])  # as found meanwhile
    error = refused(around)
    assert said in error.message and hint in error.hint
    assert not twilio.asked and not twilio.calls


@pytest.mark.parametrize("reason", [VOICE, HoldReason.CALL, HoldReason.FAILING])
def test_a_number_that_is_held_is_not_called(
    around: Surroundings, twilio: MemoryTwilio, reason: HoldReason
) -> None:
    around.hold(reason)
    error = refused(around)
    assert error.message == f"{NUMBER} is held: {reason}" and not twilio.calls


@pytest.mark.parametrize(
    ("hours", "opens"),
    [(11, "Wed 25 Nov 08:00"), (24 * 4, "Mon 30 Nov 08:00"), (48, "Fri 27 Nov 08:00")],
    ids=["in the evening", "on a Saturday", "on a holiday"],
)
def test_it_calls_in_office_hours_alone(
    around: Surroundings, twilio: MemoryTwilio, hours: int, opens: str
) -> None:
    around.clock.sleep(hours * HOUR)
    error = refused(around)
    assert (error.message, error.hint) == ("the office is closed", f"not before {opens} there")
    assert not twilio.asked and not twilio.calls


@pytest.mark.parametrize("hours", [1, 22.5])
def test_never_twice_within_a_day(around: Surroundings, twilio: MemoryTwilio, hours: float) -> None:
    twilio.answers = [over(status="busy")]
    called(around)
    around.clock.sleep(hours * HOUR)
    error = refused(around)
    assert f"{NUMBER} was called already, 2026-11-24 15:00 UTC" in error.message
    assert error.hint == "not before Wed 25 Nov 16:00", "by the clock here"
    around.clock.sleep((25 - hours) * HOUR)
    called(around)
    assert len(twilio.calls) == 2


@pytest.mark.parametrize("state", [State.SUBMITTING, State.ACCEPTED])
def test_a_line_with_a_fax_on_it_is_not_called(
    around: Surroundings, twilio: MemoryTwilio, state: State
) -> None:
    around.rename("other")
    around.end(state, "one")
    around.rename("test")
    error = refused(around)
    assert error.message == f"a fax is on the line of {NUMBER}"
    assert not twilio.calls


def test_a_fax_that_has_just_ended_is_given_its_gap(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    around.rename("other")
    around.end(State.DELIVERED, "one", gap=timedelta(minutes=5))
    around.rename("test")
    assert "a fax is on the line" in refused(around).message
    around.clock.sleep(301)
    assert called(around).exit_code is OK


@pytest.mark.parametrize("kind", ["mobile", "premium", "personal", "voicemail", "pager"])
def test_some_lines_are_never_called(around: Surroundings, twilio: MemoryTwilio, kind: str) -> None:
    twilio.line = LineType(True, kind, "", kind)
    error = refused(around)
    assert f"{NUMBER} is not called: " in error.message and not twilio.calls
    assert error.hint == "ask the office for its fax"


@pytest.mark.parametrize(("id", "said"), [("mail", "mail has no fax"), ("onne", "no recipient")])
def test_only_a_fax_is_called(
    around: Surroundings, twilio: MemoryTwilio, id: str, said: str
) -> None:
    error = refused(around, id)
    assert isinstance(error, UsageError) and said in error.message and not twilio.calls


def test_where_the_kind_of_line_is_not_known_nothing_is_called(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    twilio.line = Unreachable("Twilio: Timeout")
    error = refused(around)
    assert isinstance(error, SetupError) and error.hint == "nothing was called: try again"
    assert not twilio.calls


def test_nothing_is_called_while_letters_are_being_sent(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    with around.ledger() as ledger, lock(ledger, "a run"):
        assert isinstance(refused(around), LedgerLocked)
    assert not twilio.calls and not twilio.is_open


# -- a call that may or may not have been made -------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "said", "hint"),
    [
        (NotPlaced("Twilio cannot be reached"), "cannot be reached", "nothing was called"),
        (SetupError("refused the credentials", "a new token"), "refused", "a new token"),
    ],
)
def test_a_call_that_was_refused_was_not_made(
    around: Surroundings, twilio: MemoryTwilio, trouble: Exception, said: str, hint: str
) -> None:
    twilio.placed = trouble
    with pytest.raises(SetupError, match=said) as caught:
        called(around)
    assert caught.value.hint == hint
    assert events(around) == ["calling", "not-called"] and around.held() is None
    twilio.placed = "CA1"
    around.clock.sleep(600)
    assert called(around).data.answer == "fax", "it may ring later on the same day"


@pytest.mark.parametrize(
    "found",
    [["CA1"], [None, "CA1"], [Unreachable("Timeout"), SetupError("locked"), "CA1"]],
    ids=["at once", "a little later", "after trouble"],
)
def test_a_lost_answer_is_looked_for_and_no_second_call_made(
    around: Surroundings, twilio: MemoryTwilio, found: list[str | Exception | None]
) -> None:
    twilio.placed, twilio.found = Uncertain("Timeout"), list(found)
    begun = around.clock.moment
    result = called(around)
    assert (result.exit_code, result.data.answer) == (OK, "fax")
    assert len(twilio.calls) == 1 and len(twilio.searched) == len(found)
    assert all(timedelta(0) <= since - begun < timedelta(seconds=1) for since in twilio.searched)


def test_where_a_call_is_not_shown_the_number_is_held(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    """That Twilio shows none proves nothing."""
    twilio.placed = Uncertain("Timeout")
    result = called(around)
    assert (result.exit_code, result.data.answer) == (UNKNOWN, "nobody-knows")
    assert result.data.held is HoldReason.CALL and around.held() is HoldReason.CALL
    assert "is held: call" in refused(around).message and len(twilio.calls) == 1


def test_a_call_that_goes_on_is_asked_about_by_the_next_run(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    twilio.answers = [RINGING]
    first = called(around)
    assert (first.exit_code, first.data.answer, first.data.held) == (UNKNOWN, "nobody-knows", None)
    assert "the same command asks again" in first.data.words
    assert events(around) == ["calling", "ringing"]
    twilio.answers = [over("human")]
    person = Person(says=False)
    second = called(around, person=person)
    assert (second.data.answer, second.data.earlier) == ("human", True)
    assert not person.asked and len(twilio.calls) == 1 and around.held() is VOICE


def test_trouble_while_a_call_is_followed_ends_nothing(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    twilio.answers = [Unreachable("Timeout"), RINGING, Unreachable("Timeout"), over("fax")]
    assert called(around).data.answer == "fax"


@pytest.mark.parametrize(
    ("found", "answer", "held"),
    [(["CA1"], "fax", None), ([None, None, None], "nobody-knows", HoldReason.CALL)],
    ids=["Twilio shows it", "Twilio shows none"],
)
def test_a_call_that_a_crash_interrupted_is_never_made_again(
    around: Surroundings,
    twilio: MemoryTwilio,
    found: list[str | Exception | None],
    answer: str,
    held: HoldReason | None,
) -> None:
    """It was claimed, and nothing is known of it."""
    with around.context() as context:
        assert context.ledger
        [letter] = context.deliveries(["one"], "fax")
        context.ledger.plan(letter, context.moment)
        calls = CheckCalls(context.ledger)
        assert calls.claim(letter, "check-1", timedelta(minutes=5), context.moment)
    twilio.found = found
    result = called(around)
    assert (result.data.answer, result.data.earlier, result.data.held) == (answer, True, held)
    assert not twilio.calls and around.held() is held


def test_a_number_that_was_called_meanwhile_is_not_called_again(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    """While the question was on the screen."""

    def answer(_question: Question) -> bool:
        with around.context() as context:
            assert context.ledger
            [letter] = context.deliveries(["one"], "fax")
            context.ledger.plan(letter, context.moment)
            CheckCalls(context.ledger).claim(letter, "theirs", timedelta(0), context.moment)
        return True

    with pytest.raises(UsageError, match="somebody else has called meanwhile"):
        call(around.environment, "one", answer)
    assert not twilio.calls


def test_a_fax_waits_after_a_check_call(around: Surroundings, twilio: MemoryTwilio) -> None:
    called(around)
    with around.plan() as plan:
        assert plan.rows[0].reason == "the gap between two calls to a number"
    around.clock.sleep(300)
    with around.plan() as plan:
        assert plan.rows[0].reason == ""
