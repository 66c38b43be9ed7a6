"""Twilio's Lookup v2 and Voice, with a memory: each accepted POST is another call."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tests.support.fakes.openapi import description
from tests.support.fakes.web import Reply, Request, Web, as_json

ACCOUNT, TOKEN = "AC" + "0" * 32, "twilio-token-1"
CALLER = "+12025550190"
_LOOKUP = ("twilio-lookups", "https://lookups.twilio.com")
_VOICE = ("twilio-calls", "https://api.twilio.com")
_FIELDS = {
    *("To", "From", "Twiml", "MachineDetection", "MachineDetectionTimeout", "Timeout"),
    "TimeLimit",
}


@dataclass
class TwilioFake:
    """The account. `lines` maps the last digits of a number to what Lookup says of it, `endings`
    to how a call to it ends."""

    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    endings: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # numbers that were looked up
    requests: list[Request] = field(default_factory=list)
    countries: tuple[str, ...] = ("US", "DE")  # that may be called
    callers: tuple[str, ...] = (CALLER,)  # that are the account's own
    balance: str = "12.50"
    before: Callable[[Request], Reply | None] = lambda _request: None
    after: Callable[[Request], Reply | None] = lambda _request: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    polls_under_way: int = 1
    url: str = ""
    problems: list[str] = field(default_factory=list)

    def serve(self, request: Request) -> Reply:
        self.requests.append(request)
        if reply := self.before(request):
            return reply
        lookup = request.path.startswith("/v2/PhoneNumbers")
        is_left_out = request.path.startswith("/v1/")
        known = None if is_left_out else description(*(_LOOKUP if lookup else _VOICE))
        try:
            asked = known.request(request) if known else None
            reply = self._answer(request)
            if known and reply.status < 400:
                known.response(asked, reply)
        except Exception as problem:
            self.problems.append(f"{type(problem).__name__}: {problem}")
            raise
        return self.after(request) or reply

    def verify(self) -> None:
        assert not self.problems, self.problems

    def _answer(self, request: Request) -> Reply:
        login = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return error(401, 20003, "Authenticate")
        base = f"/2010-04-01/Accounts/{ACCOUNT}"
        if request.path.startswith("/v2/PhoneNumbers/"):
            return self._line(request)
        if request.path == f"{base}/Calls.json":
            return self._call(request) if request.method == "POST" else self._list(request)
        if request.path.startswith(f"{base}/Calls/"):
            return self._get(request.path.rpartition("/")[2].removesuffix(".json"))
        if request.path == f"{base}/Balance.json":
            return as_json({"account_sid": ACCOUNT, "balance": self.balance, "currency": "USD"})
        if request.path == f"{base}/IncomingPhoneNumbers.json":
            number = request.query.get("PhoneNumber", [""])[0]
            found = [{"phone_number": own} for own in self.callers if own == number]
            return as_json({"incoming_phone_numbers": found, "page": 0, "page_size": 50})
        if request.path.startswith("/v1/DialingPermissions/Countries/"):
            country = request.path.rpartition("/")[2]
            return as_json(
                {"iso_code": country, "low_risk_numbers_enabled": country in self.countries}
            )
        return error(404, 20404, "The requested resource was not found")

    def _line(self, request: Request) -> Reply:
        from urllib.parse import unquote

        number = unquote(request.path.rpartition("/")[2])
        self.asked.append(number)
        told = next((says for end, says in self.lines.items() if number.endswith(end)), {})
        kind = {
            "type": told.get("type", "landline"),
            "carrier_name": told.get("carrier", "Example"),
        }
        kind = {name: value for name, value in kind.items() if value}
        wants = "line_type_intelligence" in request.query.get("Fields", [""])[0]
        return as_json(
            {
                "phone_number": number,
                "valid": told.get("valid", True),
                "validation_errors": told.get("errors", []),
                "line_type_intelligence": kind if wants else None,
                "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
            }
            if wants
            else {"phone_number": number, "valid": told.get("valid", True)}
        )

    def _call(self, request: Request) -> Reply:
        form = request.form
        if unknown := set(form) - _FIELDS:
            return error(400, 20001, f"unknown parameters {sorted(unknown)}")
        if form["From"] not in self.callers:
            return error(400, 21210, "'From' phone number not verified")
        told = next((e for end, e in self.endings.items() if form["To"].endswith(end)), {})
        if code := told.get("refused"):
            return error(400 if code != 20003 else 401, code, "refused")
        started = self.now()
        call = {
            "sid": f"CA{len(self.calls):032x}",
            "account_sid": ACCOUNT,
            "to": form["To"],
            "from": form["From"],
            "status": "queued",
            "date_created": format_datetime(started),
            "start_time": None,
            "answered_by": None,
            "price": None,
            "price_unit": "USD",
        }
        self.calls.append(call | {"ending": told, "form": form, "polls": 0, "at": started})
        return as_json(call, 201)

    def _list(self, request: Request) -> Reply:
        to = request.query.get("To", [""])[0]
        found = [_shown(call) for call in self.calls if call["to"] == to]
        return as_json({"calls": found, "page": 0, "page_size": 50})

    def _get(self, sid: str) -> Reply:
        call = next((call for call in self.calls if call["sid"] == sid), None)
        if call is None:
            return error(404, 20404, "not found")
        call["polls"] += 1
        if call["polls"] > self.polls_under_way:
            call["status"] = call["ending"].get("status", "completed")
            call["answered_by"] = call["ending"].get("answered_by")
            call["start_time"] = format_datetime(call["at"] + timedelta(seconds=1))
            call["price"] = call["ending"].get("price")
        return as_json(_shown(call))


def _shown(call: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in call.items() if name not in ("ending", "form", "polls", "at")
    }


def error(status: int, code: int, message: str) -> Reply:
    """As Twilio says what is wrong."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return as_json({"code": code, "message": message, "more_info": more, "status": status}, status)


@contextmanager
def twilio(**options: Any) -> Iterator[TwilioFake]:
    """A running fake."""
    fake = TwilioFake(**options)
    with Web(fake.serve) as web:
        fake.url = web.url
        yield fake
    fake.verify()


def settings(fake: TwilioFake, more: str = "") -> str:
    """The table of faxappeal.toml."""
    return f'\n[twilio]\naccount_sid = "{ACCOUNT}"\nfrom = "{CALLER}"\nurl = "{fake.url}"\n{more}'


ENVIRONMENT = {"FAXAPPEAL_TWILIO__AUTH_TOKEN": TOKEN}
