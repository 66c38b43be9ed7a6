"""InterFAX (Upland). Plain HTTP: its Python package is from 2021 and has no time limits.

The document is the request's body. The whole state of a fax is one number: below 0 it is in
progress, 0 is delivered, above 0 it failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, Field, RootModel, SecretStr

from ...config.fields import OneLine, Url, at
from ...config.secrets import secret
from ...core.lifecycle import Cause
from ...core.text import clean
from ..base import Accepted, BeforeSend, Job, Outcome, Probe, ProviderReport, Unknown, classify
from . import ApiChannel, FaxAccount

if TYPE_CHECKING:
    from ...config.sections import FaxSection, Publish

# Few of its numbers are public (help.uplandsoftware.com, "Fax status codes"): the list ends in
# "telephony error". A number above 0 that is not here is unknown, unless the line never came about.
_CAUSES: dict[int, Cause] = {
    263: Cause.BUSY,
    205000: Cause.ACCOUNT,  # 24 hours without credit
}


class Account(FaxAccount):
    """[fax.interfax]"""

    about: ClassVar[str] = "InterFAX' fax API"
    killed: ClassVar[str] = "found by our reference, sent once; or `unknown` if it is not listed"
    keeps: ClassVar[str] = (
        "keeps pages 14 days and logs longer; its API deletes nothing that was sent"
    )
    forgets: ClassVar[bool] = False

    username: OneLine
    password: SecretStr | None = None
    password_command: OneLine | None = None
    url: Annotated[Url, at("interfax.net")] = "https://rest.interfax.net"
    ca_file: Path | None = None

    def open(self, fax: FaxSection, publish: Publish | None) -> Interfax:
        from ..http import Api

        login = (self.username, secret(self, "password", "fax", "interfax"))
        return Interfax(Api("InterFAX", self.url, login, self.ca_file))


class _Record(BaseModel):
    """What we read of a fax; InterFAX sends more."""

    id: int
    status: int
    pages_sent: int | None = Field(None, alias="pagesSent")
    station: str | None = Field(None, alias="remoteCSID")
    duration: float | None = None
    units: Any = None  # as they come: a price never decides what became of a fax
    unit_cost: Any = Field(None, alias="costPerUnit")

    def report(self, reference: str) -> ProviderReport:
        return ProviderReport(
            account_reference=f"{self.id}/{reference}",
            raw=f"status {self.status}",
            pages=self.pages_sent,
            seconds=self.duration,
            station=clean(self.station) if self.station else None,
            price=self._price(),
        )

    def _price(self) -> str | None:
        """In the account's currency, which the record does not name."""
        try:
            return f"{float(self.units) * float(self.unit_cost):.4g}"
        except (TypeError, ValueError):
            return None


class Interfax(ApiChannel):
    """An account of InterFAX. The header line is ours, in the page; whether another is printed is
    set in the account."""

    name = "interfax"
    poll_interval = timedelta(seconds=10)  # at most six questions a minute

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        query: dict[str, Any] = {
            "faxNumber": job.address,
            "reference": job.reference,
            "retriesToPerform": 0,  # only we redial
            "pageSize": "letter" if job.letter_paper else "a4",
            "fitToPage": "noscale",
            "pageOrientation": "portrait",
            "resolution": "fine" if job.fine else "standard",
            "rendering": "bw",
        }
        response = self.api.post(
            "/outbound/faxes",
            before_send,
            params=query,
            data=job.pdf,
            headers={"Content-Type": "application/pdf"},
        )
        if isinstance(response, Outcome):
            return response
        status = f"HTTP {response.status_code}"
        number = response.headers.get("Location", "").rstrip("/").rpartition("/")[2]
        if not number.isdigit():
            return Unknown(ProviderReport(raw=f"{status} without the fax's number"))
        return Accepted(ProviderReport(f"{number}/{job.reference}", status))

    def forget(self, reference: str, account_reference: str | None) -> bool:
        return False  # its API has no way to delete one that was sent

    def check(self, now: datetime, countries: frozenset[str]) -> Sequence[Probe]:
        where = "the account's page at InterFAX"
        checks, balance = self.api.probe("/accounts/self/ppcards/balance", now, where)
        if isinstance(balance, (int, float)):
            words = f"{balance:.2f} in the account's currency"
            hint = "" if balance > 0 else f"top it up: {where}"
            checks.append(Probe("balance", balance > 0, words, hint))
        words = "ours; InterFAX may print its own too: see its settings"
        return [*checks, Probe("header line", None, words)]

    def look_up(self, account_reference: str) -> Outcome:
        from ..http import NotFound

        number, _, reference = account_reference.partition("/")
        try:
            fax = self.api.get(_Record, f"/outbound/faxes/{quote(number)}")
        except NotFound:
            # it came in a header, and what breaks off in a header goes unnoticed by HTTP clients:
            # the number may be a part of one
            outcome = self._search(reference) if reference else None
            if outcome is None:
                raise
            return outcome
        return _outcome(fax, reference)

    def find(self, job: Job, since: datetime) -> Outcome | None:
        return self._search(job.reference)

    def _search(self, reference: str) -> Outcome | None:
        query = {"reference": reference}
        found = self.api.get(RootModel[list[_Record]], "/outbound/search", query).root
        return _outcome(found[0], reference) if found else None


def _outcome(fax: _Record, reference: str) -> Outcome:
    cause = None
    if not fax.pages_sent:
        cause = _CAUSES.get(fax.status)
        if cause is None and fax.duration == 0:
            cause = Cause.LINE  # no second of it was on the line: no page has left
    return classify(
        fax.report(reference),
        delivered=fax.status == 0,
        in_progress=fax.status < 0,
        cause=cause,
    )
