"""SignalWire, whose fax API speaks Twilio's: the `twilio` package is its client.

Twilio itself stopped sending faxes on 2021-12-17, and its package has no fax API any more; so the
requests are made with the package's own request machinery. This API takes no reference of ours: a
submission that was interrupted can only be `unknown`.
"""

from __future__ import annotations

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
from .. import twilio
from ..base import (
    Accepted,
    BeforeSend,
    ClaimLost,
    Failed,
    Job,
    Outcome,
    Probe,
    ProviderReport,
    Unknown,
    Unreachable,
    classify,
    joined,
)
from . import ApiChannel, FaxAccount

if TYPE_CHECKING:
    from twilio.rest import Client

    from ...config.sections import FaxSection, Publish
    from ..http import Api
    from ..publishing import Publication

# CXML fax statuses that end a fax, beside `delivered`
_CAUSES = {"busy": Cause.BUSY, "no-answer": Cause.NO_ANSWER, "canceled": Cause.REFUSED}
_IN_PROGRESS = {"queued", "processing", "sending"}
# `failed` has its reason only in words ("Common fax errors" of SignalWire's documentation).
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


class Account(FaxAccount):
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

        if publish is None:
            hint = "add [publish] with media_url and folder, or with a WebDAV folder"
            words = "SignalWire fetches the document from the web, and nothing is published"
            raise SetupError(words, hint)
        token = secret(self, "token", "fax", "signalwire")
        api = Api("SignalWire", f"{self.url}/api/laml", (self.project_id, token), self.ca_file)
        client = twilio.client(self.project_id, token, "fax.signalwire", self.ca_file)
        client.api.base_url = api.base
        return Signalwire(api, client, self.from_, publication(publish))


class Signalwire(ApiChannel):
    """An account of SignalWire, by its Twilio-compatible API."""

    name = "signalwire"
    supports_lookup = False
    visibility_delay = timedelta(0)  # it cannot be asked
    gap = timedelta(seconds=1)  # faxes count as calls: one a second

    def __init__(self, api: Api, client: Client, sender: str, publication: Publication) -> None:
        super().__init__(api)
        self.client, self.sender, self.publication = client, sender, publication
        self._faxes = f"{twilio.API}/Accounts/{quote(client.account_sid, safe='')}/Faxes"

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        from ..http import REFUSALS, ConnectionFailed, is_good, refusal

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
        data = {
            "To": job.address,
            "From": self.sender,
            "MediaUrl": address,
            "Quality": "fine" if job.fine else "standard",
            "StoreMedia": "false",
        }
        try:
            answer = twilio.post(self.client.api, self._faxes, data)
        except ConnectionFailed as error:
            return Failed(Cause.OFFLINE, ProviderReport(raw=type(error.__cause__).__name__))
        except twilio.Uncertain as error:
            return Unknown(ProviderReport(raw=str(error)))
        if not is_good(answer):
            # 400 is not about the document, which it has not fetched yet
            return refusal(answer, {**REFUSALS, 400: Cause.REFUSED})
        fax = twilio.json_object(answer)
        if not fax.get("sid"):
            return Unknown(ProviderReport(raw="an answer without a sid"))
        return Accepted(_report(fax, job.reference))

    def forget(self, reference: str, account_reference: str | None) -> bool:
        self.publication.remove(reference)
        return True

    def check(self, now: datetime, countries: frozenset[str]) -> Sequence[Probe]:
        where = "your space, API: a token with the scope Fax"
        checks, _ = self.api.probe(f"/{self._faxes}", now, where, {"PageSize": 1})
        number = Probe("sender number", None, f"{self.sender}: told when a fax is sent")
        return [*checks, self.publication.check(), number]

    def close(self) -> None:
        super().close()
        self.client.http_client.session.close()

    def look_up(self, account_reference: str) -> Outcome:
        from ..http import is_good, unanswered

        sid, _, reference = account_reference.partition("/")
        answer = twilio.get("SignalWire", self.client.api, f"{self._faxes}/{quote(sid)}")
        if not is_good(answer):
            raise unanswered("SignalWire", answer)
        fax = twilio.json_object(answer)
        if fax.get("sid") != sid:
            raise Unreachable("SignalWire: an answer about something else")
        return _outcome(fax, reference)

    def find(self, job: Job, since: datetime) -> Outcome | None:
        return None


def _report(fax: Mapping[str, Any], reference: str) -> ProviderReport:
    pages = str(fax.get("num_pages"))  # as text, and null before it is known
    return ProviderReport(
        f"{fax.get('sid')}/{reference}",
        joined(fax.get("status"), fax.get("error_code"), fax.get("error_message")),
        price=twilio.price(fax),
        pages=int(pages) if pages.isdigit() and fax.get("status") == "delivered" else None,
    )


def _outcome(fax: Mapping[str, Any], reference: str) -> Outcome:
    status = str(fax.get("status"))
    cause = _CAUSES.get(status)
    if status == "failed":
        words = str(fax.get("error_message") or "").lower()
        cause = next((cause for reason, cause in _REASONS if reason in words), None)
    return classify(
        _report(fax, reference),
        delivered=status == "delivered",
        in_progress=status in _IN_PROGRESS,
        cause=cause,
    )
