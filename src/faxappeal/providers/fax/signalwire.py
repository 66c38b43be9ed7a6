"""SignalWire, whose fax API speaks Twilio's: the `twilio` package is its client.

Twilio itself stopped sending faxes on 2021-12-17, and its package has no fax API any more; so the
requests are made with the package's own request machinery. There is no reference of ours in this
API: a submission that was interrupted can only be `unknown`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import AfterValidator, Field, SecretStr

from ...config.fields import OneLine, OwnNumber, Url, at
from ...config.secrets import secret
from ...core.errors import SetupError
from ...core.lifecycle import Cause
from ...core.text import clean
from ..base import (
    Accepted,
    BeforeSend,
    ClaimLost,
    Delivered,
    Failed,
    Job,
    Outcome,
    Probe,
    ProviderReport,
    Unknown,
    Unreachable,
)
from . import FaxAccount as Table

if TYPE_CHECKING:
    from twilio.base.version import Version
    from twilio.rest import Client

    from ...config.sections import FaxSection, Publish
    from ..http import Api
    from ..publishing import Publication

# CXML fax statuses that end a fax, beside `delivered`
_CAUSES = {"busy": Cause.BUSY, "no-answer": Cause.NO_ANSWER, "canceled": Cause.REFUSED}
_UNDER_WAY = {"queued", "processing", "sending"}
# `failed` tells its reason only in words ("Common fax errors" of SignalWire's documentation).
# Several of them say that pages may have been printed nevertheless: those are left out.
_REASONS: tuple[tuple[str, Cause], ...] = (
    ("timed out waiting for initial communication", Cause.VOICE),
    ("fax transmission not established", Cause.VOICE),
    ("connection failed", Cause.LINE),
    ("cannot receive at the resolution", Cause.DOCUMENT),
    ("document loading error", Cause.DOCUMENT),
)


def _project(text: str) -> str:
    if re.fullmatch(r"AC[0-9a-fA-F]{32}", text):
        raise ValueError("this is Twilio's account; the id of a SignalWire project is needed")
    return text


class Account(Table):
    """[fax.signalwire]"""

    about: ClassVar[str] = "SignalWire's Twilio-compatible fax API"
    killed: ClassVar[str] = "`unknown`: it keeps no reference of ours"
    keeps: ClassVar[str] = (
        "keeps faxes until they are deleted in its dashboard; the published page is deleted by us"
        " once the fax has ended, but not where that is unknown"
    )

    project_id: Annotated[OneLine, AfterValidator(_project)]
    from_: Annotated[OwnNumber, Field(alias="from")]
    url: Annotated[Url, at("signalwire.com")]  # https://YOUR-SPACE.signalwire.com
    token: SecretStr | None = None
    token_command: OneLine | None = None
    ca_file: Path | None = None

    def open(self, fax: FaxSection, publish: Publish | None) -> Signalwire:
        from ..http import Api
        from ..publishing import publication
        from ..twilio import client

        if publish is None:
            raise SetupError(
                "SignalWire fetches the document from the web, and nothing is published",
                "add [publish] with media_url and folder, or with a WebDAV folder",
            )
        token = secret(self, "token", "fax", "signalwire")
        api = Api("SignalWire", f"{self.url}/api/laml", (self.project_id, token), self.ca_file)
        made = client(self.project_id, token, "fax.signalwire", self.ca_file)
        made.api.base_url = api.base
        place = publication(publish)
        return Signalwire(api, made, self.project_id, self.from_, place)


class Signalwire:
    """An account of SignalWire, by its Twilio-compatible API."""

    name = "signalwire"
    supports_lookup = False
    visibility_delay = timedelta(0)  # nobody can be asked
    retention = timedelta(0)
    gap = timedelta(seconds=1)  # faxes count as calls: one a second
    poll_interval = timedelta(0)

    def __init__(
        self, api: Api, client: Client, project: str, sender: str, publication: Publication
    ) -> None:
        self.api, self.client, self.publication = api, client, publication
        self.sender = sender
        self._faxes = f"/Accounts/{quote(project, safe='')}/Faxes"

    @property
    def _api(self) -> Version:
        from twilio.base.version import Version

        return Version(self.client.api, "2010-04-01")

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        import requests
        from twilio.base.exceptions import TwilioException

        from ..http import REFUSALS, TRUST, UNTRUSTED, is_good, is_untrusted, not_sent, refusal

        try:
            address = self.publication.put(job.reference, job.pdf)
        except Unreachable as error:
            return Failed(Cause.PROVIDER, ProviderReport(raw=str(error)))
        try:
            before_send()
        except ClaimLost:
            with suppress(Unreachable, SetupError):  # a later run takes it away
                self.publication.remove(job.reference)
            raise
        try:
            answer = self._api.request(
                "POST",
                self._faxes,
                data={
                    "To": job.address,
                    "From": self.sender,
                    "MediaUrl": address,
                    "Quality": "fine" if job.fine else "standard",
                    "StoreMedia": "false",
                },
            )
        except requests.ConnectionError as error:
            if is_untrusted(error):
                raise SetupError(UNTRUSTED, TRUST) from error
            report = ProviderReport(raw=type(error).__name__)
            return Failed(Cause.PROVIDER, report) if not_sent(error) else Unknown(report)
        except (requests.RequestException, TwilioException) as error:
            return Unknown(ProviderReport(raw=type(error).__name__))
        if not is_good(answer):
            # 400 is not about the document, which it has not fetched yet
            return refusal(answer, {**REFUSALS, 400: Cause.REFUSED})
        fax = _fax(answer.text)
        if not fax.get("sid"):
            return Unknown(ProviderReport(raw="an answer without a sid"))
        return Accepted(_report(fax, job.reference))

    def forget(self, reference: str, account_reference: str | None) -> bool:
        self.publication.remove(reference)
        return True

    def check(self, now: datetime, countries: frozenset[str]) -> Sequence[Probe]:
        where = "your space, API: a token with the scope Fax"
        checks, _ = self.api.probe(f"/2010-04-01{self._faxes}", now, where, {"PageSize": 1})
        number = Probe("sender number", None, f"{self.sender}: told when a fax is sent")
        return [*checks, self.publication.check(), number]

    def close(self) -> None:
        self.api.close()
        self.client.http_client.session.close()

    def look_up(self, account_reference: str) -> Outcome:
        import requests
        from twilio.base.exceptions import TwilioException

        from ..http import is_good, silence

        sid, _, reference = account_reference.partition("/")
        try:
            answer = self._api.request("GET", f"{self._faxes}/{quote(sid)}")
        except (requests.RequestException, TwilioException) as error:
            raise Unreachable(f"SignalWire: {type(error).__name__}") from error
        if not is_good(answer):
            raise silence("SignalWire", answer)
        fax = _fax(answer.text)
        if fax.get("sid") != sid:
            raise Unreachable("SignalWire: an answer about something else")
        return _outcome(fax, reference)

    def find(self, job: Job, since: datetime) -> Outcome | None:
        return None


def _fax(text: str) -> Mapping[str, Any]:
    """The fax of an answer; an empty one where it makes no sense."""
    try:
        fax = json.loads(text)
    except ValueError:
        return {}
    return fax if isinstance(fax, dict) else {}


def _report(fax: Mapping[str, Any], reference: str) -> ProviderReport:
    words = (fax.get("status"), fax.get("error_code"), fax.get("error_message"))
    pages = str(fax.get("num_pages"))  # as text, and null before it is known
    return ProviderReport(
        f"{fax.get('sid')}/{reference}",
        clean(" ".join(str(word) for word in words if word)),
        price=_price(fax),
        pages=int(pages) if pages.isdigit() and fax.get("status") == "delivered" else None,
    )


def _price(fax: Mapping[str, Any]) -> str | None:
    price = fax.get("price")
    return clean(f"{price} {fax.get('price_unit') or ''}") if price else None


def _outcome(fax: Mapping[str, Any], reference: str) -> Outcome:
    report = _report(fax, reference)
    status = str(fax.get("status"))
    if status == "delivered":
        return Delivered(report)
    if status in _UNDER_WAY:
        return Accepted(report)
    if status in _CAUSES:
        return Failed(_CAUSES[status], report)
    if status == "failed":
        words = str(fax.get("error_message") or "").lower()
        for reason, cause in _REASONS:
            if reason in words:
                return Failed(cause, report)
    return Unknown(report)
