"""`faxappeal verify ID --call`: one short voice call, to learn whether a fax answers.

The bell may ring beside a stranger's bed. So it is off until somebody turns it on, asks before it
calls, calls in office hours alone, and never a second time within a day.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..campaign.delivery import Delivery
from ..config.sections import Pacing, TwilioSection
from ..core.clock import Clock
from ..core.errors import ExitCode, SetupError, UsageError
from ..core.json import Internal
from ..core.lifecycle import ContactStatus, HoldReason
from ..core.result import Result
from ..core.text import clean
from ..delivery.context import CampaignContext
from ..ledger import Ledger
from ..ledger.check_calls import REST, CheckCalls, Claim
from ..ledger.location import store_of
from ..ledger.locking import lock
from ..providers.base import ProviderReport, Unreachable, new_reference
from ..providers.call_script import twiml
from ..providers.twilio import Call, NotPlaced, Twilio, Uncertain, doubt_of, open_twilio
from .environment import Environment
from .verify_lookup import fax_of

_EVERY = 3.0  # seconds between two questions about a call
_PATIENCE = timedelta(minutes=3)  # ring, detection, sentence, and Twilio's own queue
_SHOWS_AFTER = (5.0, 10.0, 15.0)  # seconds until Twilio lists a call; nothing is documented


@dataclass(frozen=True)
class Question:
    """Who would be called: what a person has to say yes to."""

    recipient: str
    number: str
    recipient_time: datetime


@dataclass(frozen=True)
class CheckCallResult:
    """What is known of the number after the call."""

    recipient: str
    address: str
    answer: str  # fax, human, machine, unknown, busy, no-answer, failed, canceled, nobody-knows
    held: str | None
    words: Internal[str]
    earlier: bool = False  # of a call that an earlier run had begun


def call(environment: Environment, id: str, confirm: Callable[[Question], bool]) -> Result | None:
    """Call a recipient's fax number once, and write down what answered; None where a person did not
    `confirm` it. UsageError tells why it may not be called, SetupError what is missing."""
    clock = environment.clock
    moment = clock.now()
    campaign = environment.read()
    settings = campaign.settings
    section = _allowed(settings.twilio)
    with store_of(settings.ledger).open() as ledger:
        delivery = fax_of(CampaignContext(campaign, ledger, moment), id)
        who = f"a check call, since {moment:%Y-%m-%d %H:%M}"
        with closing(open_twilio(section)) as account, lock(ledger, who):
            check = _CheckCall(ledger, clock, account, delivery)
            if result := check.settle():
                return _with_exit_code(result)
            check.refuse(settings.pacing, moment)
            assert delivery.zone  # else it is refused
            recipient_time = moment.astimezone(delivery.zone)
            if not confirm(Question(id, delivery.contact.raw_address, recipient_time)):
                return None
            sender = settings.sender
            language = delivery.recipient.language or campaign.letter.language
            words = twiml(clean(sender.organisation or sender.name), sender.phone, language)
            return _with_exit_code(check.call(words, settings.pacing.per_number_gap))


def _allowed(section: TwilioSection | None) -> TwilioSection:
    """The settings of an account that may call."""
    if section is None:
        hint = "add [twilio]: docs/how-to/check-numbers.md"
        raise SetupError("a check call needs an account of Twilio's", hint)
    if not section.allow_calls:
        raise SetupError(
            "check calls are off: a telephone would ring",
            "read docs/how-to/check-numbers.md, then write allow_calls = true in [twilio]",
        )
    if section.from_ is None:
        raise SetupError("nobody is named who calls", 'add from = "+…" to [twilio]')
    return section


def _with_exit_code(result: CheckCallResult) -> Result:
    codes = dict.fromkeys(("fax", "human", "machine"), ExitCode.OK)
    codes["nobody-knows"] = ExitCode.UNKNOWN
    return Result("verify", result, codes.get(result.answer, ExitCode.INCOMPLETE))


@dataclass(frozen=True)
class _CheckCall:
    """A check call to one number."""

    ledger: Ledger
    clock: Clock
    account: Twilio
    delivery: Delivery

    @property
    def calls(self) -> CheckCalls:
        return CheckCalls(self.ledger)

    def settle(self) -> CheckCallResult | None:
        """What became of a call that an earlier run had begun, if there is one. A call that Twilio
        does not show may have been made all the same: then the number is held."""
        result = None
        for claim in self.calls.unfinished(self.delivery.address_key):
            result = self._follow(claim, claim.sid or self._find(claim))
        return replace(result, earlier=True) if result else None

    def refuse(self, pacing: Pacing, moment: datetime) -> None:
        """UsageError where this number may not be called."""
        delivery, number = self.delivery, self.delivery.contact.raw_address
        if delivery.contact.status is ContactStatus.OPTED_OUT:
            raise UsageError(f"{number} does not want to be called", "nothing overrides that")
        if held := self.ledger.queries.hold(delivery.address_key):
            raise UsageError(f"{number} is held: {held}", "it is not called; ask the office")
        if delivery.zone is None:
            raise UsageError("the recipient's time zone is not known", "add timezone: Area/City")
        opens = pacing.next_open(moment, delivery.zone, delivery.recipient.country)
        if opens > moment:
            words = f"not before {opens:%a %d %b %H:%M} there"
            raise UsageError("the office is closed", words)
        before = self.calls.last(delivery.address_key)
        if before and moment - before < REST:
            again = (before + REST).astimezone(moment.tzinfo)
            words = f"not before {again:%a %d %b %H:%M}"
            raise UsageError(f"{number} was called already, {before:%Y-%m-%d %H:%M} UTC", words)
        line = self.ledger.queries.line(
            delivery.address_key, pacing.per_number_gap, delivery.id, moment
        )
        if line.taken_by or (line.free_at and line.free_at > moment):
            raise UsageError(f"a fax is on the line of {number}", "faxappeal status asks for it")
        try:
            kind = self.account.look_up(delivery.address)
        except Unreachable as error:
            raise SetupError(str(error), "nothing was called: try again") from error
        if why := doubt_of(kind):
            raise UsageError(f"{number} is not called: {why}", "ask the office for its fax")

    def call(self, words: str, gap: timedelta) -> CheckCallResult:
        """Place the call, once, and follow it to its end."""
        moment = self.clock.now()
        self.ledger.plan_all([self.delivery], moment)
        claim = Claim(self.delivery.id, new_reference(), None, moment)
        if not self.calls.claim(self.delivery, claim.reference, gap, moment):
            raise UsageError("somebody else has called meanwhile", "faxappeal log says who")
        try:
            sid: str | None = self.account.place(self.delivery.address, words)
        except NotPlaced as error:
            self._not_made(claim, str(error))
            raise SetupError(str(error), "nothing was called") from error
        except SetupError as error:
            self._not_made(claim, error.message)
            raise
        except Uncertain:
            sid = self._find(claim)
        return self._follow(claim, sid)

    def _find(self, claim: Claim) -> str | None:
        """Twilio's name of a call that may have been made, as soon as it shows it."""
        for seconds in _SHOWS_AFTER:
            try:
                if sid := self.account.find(self.delivery.address, claim.at):
                    return sid
            except (Unreachable, SetupError):
                pass  # nobody can be asked now: it counts as made
            self.clock.sleep(seconds)
        return None

    def _follow(self, claim: Claim, sid: str | None) -> CheckCallResult:
        """Ask until the call is over. Without a `sid` it may have rung, and somebody may have
        answered."""
        if sid is None:
            return self._end(claim, ProviderReport(raw=_NOT_SHOWN), "nobody-knows", HoldReason.CALL)
        if claim.sid is None:
            claim = self.calls.rings(claim, sid, self.clock.now())
        end = self.clock.now() + _PATIENCE
        while self.clock.now() < end:
            try:
                found = self.account.call(sid)
                if found.is_over:
                    answer = _answer(found)
                    hold = HoldReason.VOICE if answer in ("human", "machine") else None
                    report = ProviderReport(
                        account_reference=found.sid, raw=found.raw, price=found.price
                    )
                    return self._end(claim, report, answer, hold)
            except Unreachable:
                pass
            self.clock.sleep(_EVERY)
        words = "Twilio has not said yet how the call ended: the same command asks again"
        return self._result("nobody-knows", None, words)

    def _end(
        self, claim: Claim, report: ProviderReport, answer: str, hold: HoldReason | None
    ) -> CheckCallResult:
        key, now = self.delivery.address_key, self.clock.now()
        self.calls.end(claim, key, now, report, answer, hold=hold)
        words = _MEANS.get(answer, "the call failed: nothing is known")
        return self._result(answer, hold, words)

    def _not_made(self, claim: Claim, words: str) -> None:
        key, now = self.delivery.address_key, self.clock.now()
        self.calls.end(claim, key, now, ProviderReport(raw=words), "not made", made=False)

    def _result(self, answer: str, held: str | None, words: str) -> CheckCallResult:
        return CheckCallResult(
            recipient=self.delivery.recipient.id,
            address=self.delivery.address,
            answer=answer,
            held=held,
            words=words,
        )


_NOT_SHOWN = "Twilio does not show the call"  # in the log
_MEANS = {
    "fax": (
        "a fax answered. That proves a machine, not whose: look at the office's page or call, then"
        " verify it"
    ),
    "human": "a person answered: the number is held in every campaign",
    "machine": "an answering machine answered: the number is held in every campaign",
    "unknown": "something answered, and Twilio cannot tell what: ask the office",
    "busy": "busy: nothing is known. Try again tomorrow",
    "no-answer": "nobody answered: nothing is known. Try again tomorrow",
    "nobody-knows": (
        "the call may have been made, and Twilio does not show it: the number is held in every"
        " campaign until somebody has asked there"
    ),
}


def _answer(found: Call) -> str:
    """What answered, in one word."""
    if found.status != "completed":
        return found.status
    if found.answered_by.startswith("machine"):
        return "machine"
    return found.answered_by if found.answered_by in ("fax", "human") else "unknown"
