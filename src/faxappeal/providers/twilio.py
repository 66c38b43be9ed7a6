"""Twilio, which sends no faxes any more, but knows what kind of line a number is.

Its package is a client for SignalWire's faxes, too; here is the one safe way to make it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ..config.fields import is_loopback
from ..config.secrets import secret
from ..core.errors import SetupError
from ..core.text import clean
from .base import Probe, Unreachable, joined

if TYPE_CHECKING:
    from twilio.base.domain import Domain
    from twilio.rest import Client

    from ..config.sections import TwilioSection
    from .http import Answer

CONSOLE = "console.twilio.com, Account, API keys & tokens"


def client(account: str, token: str, table: str, ca_file: Path | None = None) -> Client:
    """Twilio's client, made safe, for the account of a `table` of faxappeal.toml.

    Left to itself it takes missing credentials from TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN,
    rewrites any host by TWILIO_REGION and TWILIO_EDGE (so that our token would go to another
    server), and waits for ever.
    """
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    from .http import TIMEOUT, session

    if not account or not token:  # an empty text would be replaced from the environment
        raise SetupError("the account's id and its token are needed", f"see [{table}]")
    twilio = Client(
        account,
        token,
        account_sid=account,
        environment={"faxappeal": "an empty mapping would be replaced by os.environ"},
        http_client=TwilioHttpClient(timeout=sum(TIMEOUT), max_retries=None),
    )
    twilio.region = twilio.edge = None
    twilio.http_client.session = session(None, ca_file)
    return twilio


def get(name: str, domain: Domain, path: str, query: Mapping[str, Any] | None = None) -> Answer:
    """The answer to a question, which may be asked again; Unreachable without an answer. `name` is
    the provider's. The path begins with the version of the API."""
    import requests
    from twilio.base.exceptions import TwilioException

    try:
        answer: Answer = domain.request("GET", path, params=query)
    except (requests.RequestException, TwilioException) as error:
        raise Unreachable(f"{name}: {type(error).__name__}") from error
    return answer


def post(domain: Domain, path: str, data: Mapping[str, Any]) -> Answer:
    """The answer to a request that makes a call or a fax: it is made once. ConnectionFailed if
    nothing has left, SetupError if the server's certificate was refused, Uncertain without an
    answer."""
    import requests
    from twilio.base.exceptions import TwilioException

    from .http import connection_errors

    try:
        with connection_errors(domain.base_url):
            answer: Answer = domain.request("POST", path, data=data)
    except (requests.RequestException, TwilioException) as error:
        raise Uncertain(type(error).__name__) from error
    return answer


def json_object(answer: Answer) -> Mapping[str, Any]:
    """The object of an answer; an empty one if the answer has no valid one."""
    try:
        found = json.loads(answer.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Uncertain(Exception):
    """The call or the fax may have been made: there was no answer."""


@dataclass(frozen=True)
class LineType:
    """What Twilio's Lookup says of a number. It does not know whether a fax is behind it."""

    is_valid: bool
    kind: str  # landline, mobile, fixedVoip, nonFixedVoip, tollFree, premium …; unknown
    carrier: str
    raw: str


# no fax is behind these (Lookup v2, "line type intelligence"); VoIP may be one
_DOUBTFUL = {
    "mobile": "a mobile number: a person would answer",
    "personal": "a personal number: a person would answer",
    "premium": "a premium-rate number: the call is expensive",
    "sharedCost": "a shared-cost number: the call may be expensive",
    "voicemail": "a voice mailbox",
    "pager": "a pager",
}


def doubt_of(line: LineType) -> str:
    """Why a number of that kind is hardly a fax, or nothing."""
    if not line.is_valid:
        return "no number of its country's plan"
    return _DOUBTFUL.get(line.kind, "")


@dataclass(frozen=True)
class Call:
    """A voice call, as Twilio reports it."""

    sid: str
    status: str  # queued, ringing, in-progress; completed, busy, no-answer, failed, canceled
    answered_by: str  # human, fax, machine_start …, unknown; empty if Twilio did not detect it
    price: str | None
    raw: str

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "busy", "no-answer", "failed", "canceled")


class NotPlaced(Exception):
    """The call certainly was not made."""


RINGS = 25  # seconds: five rings
LASTS = 45  # seconds of a whole call: the detection, and one sentence
API = "2010-04-01"  # the version
_SKEW = timedelta(minutes=2)  # between our clock and Twilio's


class Twilio:
    """An account of Twilio's, for checks of numbers."""

    def __init__(self, client: Client, url: str, caller: str | None) -> None:
        self.client, self.caller = client, caller
        self._account = f"{API}/Accounts/{quote(client.account_sid, safe='')}"
        self._calls = f"{self._account}/Calls.json"
        if is_loopback(urlsplit(url).hostname or ""):
            client.api.base_url = client.lookups.base_url = client.voice.base_url = url

    def look_up(self, number: str) -> LineType:
        """The kind of line of an E.164 number, which Twilio learns. SetupError where the
        account is not ready, Unreachable where nothing is known."""
        path = f"v2/PhoneNumbers/{quote(number, safe='')}"
        answer = self._ask(self.client.lookups, path, {"Fields": "line_type_intelligence"})
        line = answer.get("line_type_intelligence") or {}
        problems = answer.get("validation_errors") or []
        is_valid = bool(answer.get("valid"))
        kind = str(line.get("type") or "unknown")
        carrier = clean(str(line.get("carrier_name") or ""))
        words = joined("valid" if is_valid else "not valid", kind, carrier, *problems)
        return LineType(is_valid, kind, carrier, words[:200])

    def check(self, countries: frozenset[str], *, calls: bool) -> list[Probe]:
        """Whether the account would check numbers of these countries (ISO 3166-1 alpha-2), and
        `calls` them. It makes no call, and sends no number."""
        try:
            balance = self._ask(self.client.api, f"{self._account}/Balance.json")
            money = clean(f"{balance.get('balance')} {balance.get('currency') or ''}")
            checks = [
                Probe("credentials", True, "accepted"),
                Probe("balance", not money.startswith(("0 ", "0.00", "-")), money, "top it up"),
            ]
            return checks + (self._may_call(countries) if calls else [])
        except SetupError as error:
            return [Probe("credentials", False, error.message, error.hint)]
        except Unreachable as error:
            return [Probe("connection", False, str(error), "try again later")]

    def _may_call(self, countries: frozenset[str]) -> list[Probe]:
        query = {"PhoneNumber": self.caller}
        path = f"{self._account}/IncomingPhoneNumbers.json"
        own = self._ask(self.client.api, path, query).get("incoming_phone_numbers")
        checks = [
            Probe("caller", True, f"{self.caller} is yours")
            if own
            else Probe("caller", None, f"{self.caller} is none of your numbers", _VERIFIED)
        ]
        for country in sorted(countries):
            path = f"v1/DialingPermissions/Countries/{country}"
            allowed = bool(self._ask(self.client.voice, path).get("low_risk_numbers_enabled"))
            words = "may be called" if allowed else "may not be called (error 21215)"
            checks.append(Probe(f"country {country}", allowed, words, "" if allowed else _ALLOW))
        return checks

    def place(self, number: str, twiml: str) -> str:
        """Place one short voice call that shows whether a fax answers; its sid. NotPlaced where it
        certainly was not made, Uncertain where it may have been."""
        from .http import ConnectionFailed, is_good

        request = {
            "To": number,
            "From": self.caller,
            "Twiml": twiml,
            "MachineDetection": "Enable",
            "MachineDetectionTimeout": 15,
            "Timeout": RINGS,
            "TimeLimit": LASTS,
        }
        try:
            answer = post(self.client.api, self._calls, request)
        except ConnectionFailed as error:
            raise NotPlaced("Twilio cannot be reached") from error
        sid = json_object(answer).get("sid")
        if is_good(answer) and sid:
            return str(sid)
        if is_good(answer) or answer.status_code >= 500:
            raise Uncertain(f"HTTP {answer.status_code}")
        problem = refused(answer)
        if isinstance(problem, SetupError):
            raise problem
        words = joined(json_object(answer).get("message"))[:120]
        raise NotPlaced(f"Twilio refused the call: HTTP {answer.status_code} {words}".strip())

    def call(self, sid: str) -> Call:
        """How a call stands; Unreachable where nothing is known."""
        path = f"{self._calls.removesuffix('.json')}/{quote(sid, safe='')}.json"
        found = self._ask(self.client.api, path)
        by = str(found.get("answered_by") or "")
        return Call(
            sid=str(found.get("sid") or ""),
            status=str(found.get("status") or ""),
            answered_by=by,
            price=price(found),
            raw=joined(found.get("status"), f"answered by {by}" if by else None),
        )

    def find(self, number: str, since: datetime) -> str | None:
        """The sid of our call to a number since then, where Twilio shows one. Unreachable where it
        cannot be asked."""
        query = {"To": number, "PageSize": 50}
        found = self._ask(self.client.api, self._calls, query).get("calls") or []
        for call in found:  # the newest first
            created = parsedate_to_datetime(str(call.get("date_created")))
            if call.get("from") == self.caller and created >= since - _SKEW:
                return str(call.get("sid"))
        return None

    def close(self) -> None:
        """End the sessions that are kept for the next question."""
        self.client.http_client.session.close()

    def _ask(
        self, domain: Domain, path: str, query: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        from .http import TRUST, UNTRUSTED, is_good, is_untrusted

        try:
            answer = get("Twilio", domain, path, query)
        except Unreachable as error:
            if is_untrusted(error.__cause__):
                raise SetupError(UNTRUSTED, TRUST) from error
            raise
        if not is_good(answer):
            raise refused(answer)
        return json_object(answer)


def price(found: Mapping[str, Any]) -> str | None:
    """The price of a call or a fax, "-0.07 USD", once it is known."""
    return joined(found["price"], found.get("price_unit")) if found.get("price") else None


_ALLOW = "allow the country: console.twilio.com, Voice, Settings, Geographic permissions"
_VERIFIED = "it must be a number of your own there, or one under Verified Caller IDs"
# Twilio's own error codes (www.twilio.com/docs/api/errors): what they mean, and where to fix it
_CODES: Mapping[int, tuple[str, str]] = {
    20003: ("Twilio refused the credentials", f"make a new token: {CONSOLE}"),
    20008: ("these are Twilio's test credentials", f"take the live ones: {CONSOLE}"),
    21210: ("Twilio does not know the caller's number as yours", "verify it: Verified Caller IDs"),
    21212: ("the caller's number cannot be used", "look at from in [twilio]"),
    21215: ("Twilio may not call numbers of that country from your account", _ALLOW),
    21219: (
        "a trial account calls only numbers that you have verified",
        "upgrade the account, or call the office yourself",
    ),
}


def refused(answer: Answer) -> SetupError | Unreachable:
    """What an answer means that is not 2xx."""
    from .http import unanswered

    code = json_object(answer).get("code")
    if isinstance(code, int) and code in _CODES:
        return SetupError(f"{_CODES[code][0]} (error {code})", _CODES[code][1])
    if answer.status_code in (401, 403):
        return SetupError(f"Twilio refused the credentials (HTTP {answer.status_code})", CONSOLE)
    return unanswered("Twilio", answer)


def open_twilio(section: TwilioSection | None) -> Twilio:
    """The account of [twilio]; SetupError says what is missing."""
    if section is None:
        hint = "add [twilio] with account_sid: docs/how-to/check-numbers.md"
        raise SetupError("checks of numbers need an account of Twilio's", hint)
    token = secret(section, "auth_token", "twilio")
    twilio = client(section.account_sid, token, "twilio", section.ca_file)
    return Twilio(twilio, section.url, section.from_)
