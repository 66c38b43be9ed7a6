"""Telnyx Programmable Fax. Plain HTTP: Telnyx's Python SDK cannot send a local file, and repeats
a POST.

The document is uploaded under our reference as its name, then the fax is sent: both the name and
`client_state` come back with it, so it is found after a crash.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr

from ...config.fields import OneLine, OwnNumber, Url, at
from ...config.secrets import secret
from ...core.lifecycle import Cause
from ...core.text import clean
from ..base import Accepted, BeforeSend, Job, Outcome, Probe, ProviderReport, Unreachable, classify
from . import ApiChannel, FaxAccount, search_start

if TYPE_CHECKING:
    from ...config.sections import FaxSection, Publish
    from ..http import Api

# telnyx-python 4.189.0, types/fax.py; the set is open, and the field is missing in older answers.
# No count of pages comes with a failure: what may happen after a page is not in this list, so
# that it is unknown: a dropped call, a lost carrier, an odd ECM response, and fax_signaling_error,
# which "includes no response after sending a page" (Telnyx's list of errors).
_CAUSES: dict[str, Cause] = {
    "user_busy": Cause.BUSY,
    "receiver_no_answer": Cause.NO_ANSWER,
    "receiver_no_response": Cause.NO_ANSWER,
    "fax_initial_communication_timeout": Cause.VOICE,  # no fax tone, says Telnyx's list of errors
    "receiver_decline": Cause.REFUSED,
    "receiver_incompatible_destination": Cause.LINE,
    "service_unavailable": Cause.PROVIDER,
    "user_channel_limit_exceeded": Cause.PROVIDER,
    "outbound_profile_channel_limit_exceeded": Cause.PROVIDER,
    "connection_channel_limit_exceeded": Cause.PROVIDER,
    "sender_canceled": Cause.REFUSED,
    "receiver_invalid_number_format": Cause.BAD_NUMBER,
    "receiver_unallocated_number": Cause.BAD_NUMBER,
    "destination_invalid": Cause.BAD_NUMBER,
    "destination_unreachable": Cause.LINE,
    "destination_not_in_service_plan": Cause.ACCOUNT,
    "destination_not_in_countries_whitelist": Cause.ACCOUNT,
    "account_disabled": Cause.ACCOUNT,
    "no_outbound_profile": Cause.ACCOUNT,
    "outbound_profile_daily_spend_limit_exceeded": Cause.ACCOUNT,
    "unverified_origination_number": Cause.ACCOUNT,
    "unverified_destination_not_allowed": Cause.ACCOUNT,
    "file_format_invalid": Cause.DOCUMENT,
    "file_download_failed": Cause.DOCUMENT,
    "file_size_limit_exceeded": Cause.DOCUMENT,
    "page_count_limit_exceeded": Cause.DOCUMENT,
    "media_processing_exception": Cause.DOCUMENT,
}
_IN_PROGRESS = ("queued", "media.processed", "originated")  # and all that begins with "sending"
_Object = TypeVar("_Object")
_PORTAL = "portal.telnyx.com"
_MEDIA_TTL = 86_400  # seconds until Telnyx deletes the upload by itself, should we never come back


class Account(FaxAccount):
    """[fax.telnyx]"""

    about: ClassVar[str] = "Telnyx' fax API"
    killed: ClassVar[str] = "found by our reference, sent once; or `unknown` if it is not listed"
    keeps: ClassVar[str] = (
        "keeps logs; the document is deleted by us once the fax has ended, else after a day"
    )

    connection_id: OneLine  # of the Fax Application
    from_: Annotated[OwnNumber, Field(alias="from")]
    api_key: SecretStr | None = None
    api_key_command: OneLine | None = None
    url: Annotated[Url, at("telnyx.com")] = "https://api.telnyx.com"
    ca_file: Path | None = None

    def open(self, fax: FaxSection, publish: Publish | None) -> Telnyx:
        from ..http import Api, Bearer

        key = Bearer(secret(self, "api_key", "fax", "telnyx"))
        api = Api("Telnyx", f"{self.url}/v2", key, self.ca_file)
        return Telnyx(api, self.connection_id, self.from_)


class _Fax(BaseModel):
    """What we read of a Fax object; Telnyx sends more."""

    id: str
    status: str = ""
    media_name: str | None = None
    client_state: str | None = None
    failure_reason: str | None = None

    def report(self) -> ProviderReport:
        return ProviderReport(self.id, clean(f"{self.status} {self.failure_reason or ''}".strip()))


class _Answer(BaseModel, Generic[_Object]):
    data: _Object


class _Meta(BaseModel):
    total_pages: int = 1


class _Listing(BaseModel):
    """A page of the list of faxes."""

    data: list[_Fax] = []
    meta: _Meta = _Meta()


class _Profile(BaseModel):
    """An Outbound Voice Profile."""

    enabled: bool = True
    destinations: list[str] = Field(alias="whitelisted_destinations")  # alpha-2


class _Balance(BaseModel):
    """What may still be spent: the balance and the credit that Telnyx gives."""

    credit: Decimal = Field(alias="available_credit")
    currency: str = ""


class Telnyx(ApiChannel):
    """An account of Telnyx. It has no header line of its own: ours is in the page."""

    name = "telnyx"
    # as to `gap`: its only documented limit is 2,000 faxes in process

    def __init__(self, api: Api, connection: str, sender: str) -> None:
        super().__init__(api)
        self.connection, self.sender = connection, sender

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
        # the document, under our reference; the part needs a file name, else: 'media' is invalid
        files = {"media": (f"{job.reference}.pdf", job.pdf, "application/pdf")}
        fields = {"media_name": job.reference, "ttl_secs": str(_MEDIA_TTL)}
        if failure := self.api.upload("/media", files=files, data=fields):
            return failure
        body: dict[str, Any] = {
            "connection_id": self.connection,
            "from": self.sender,
            "to": job.address,
            "media_name": job.reference,
            "client_state": _state(job.reference),
            "quality": "high" if job.fine else "normal",
            "monochrome": True,  # it is text, and black and white already
        }
        answer = self.api.send(_Answer[_Fax], "/faxes", before_send, json=body)
        return answer if isinstance(answer, Outcome) else Accepted(answer.data.report())

    def forget(self, reference: str, account_reference: str | None) -> bool:
        self.api.delete(f"/media/{quote(reference)}")
        return True

    def check(self, now: datetime, countries: frozenset[str]) -> Sequence[Probe]:
        path = f"/fax_applications/{quote(self.connection)}"
        checks, answer = self.api.probe(path, now, f"{_PORTAL}, API Keys")
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, dict):
            return checks
        outbound = data.get("outbound")
        profile = outbound.get("outbound_voice_profile_id") if isinstance(outbound, dict) else None
        where = f"{_PORTAL}, Programmable Fax"
        return [
            *checks,
            Probe("fax application", True, "switched on")
            if data.get("active")
            else Probe("fax application", False, "switched off", where),
            self._countries(str(profile), countries)
            if profile
            else Probe("countries", False, "no Outbound Voice Profile: no call is allowed", where),
            self._balance(),
            Probe("sender number", None, f"{self.sender}: told when a fax is sent"),
        ]

    def _countries(self, profile: str, wanted: frozenset[str]) -> Probe:
        """Whether the profile lets calls through to all of them: only the US and Canada do from the
        beginning."""
        where = f"{_PORTAL}, Outbound Voice Profiles, Allowed destinations"
        path = f"/outbound_voice_profiles/{quote(profile)}"
        try:
            allowed = self.api.get(_Answer[_Profile], path).data
        except Unreachable as error:
            return Probe("countries", None, f"its Outbound Voice Profile is not told ({error})")
        if not allowed.enabled:
            words = "its Outbound Voice Profile is switched off: no call is allowed"
            return Probe("countries", False, words, where)
        missing = sorted(wanted - {country.upper() for country in allowed.destinations})
        if missing:
            words = f"calls to {', '.join(missing)} are not allowed"
            return Probe("countries", False, words, where)
        return Probe("countries", True, ", ".join(sorted(wanted)) or "none is in the list")

    def _balance(self) -> Probe:
        try:
            balance = self.api.get(_Answer[_Balance], "/balance").data
        except Unreachable as error:
            return Probe("balance", None, f"not told to this key ({error})")
        words = f"{balance.credit} {clean(balance.currency)}".strip()
        is_left = balance.credit > 0
        where = f"top it up: {_PORTAL}, Billing"
        return Probe("balance", is_left, words, "" if is_left else where)

    def look_up(self, account_reference: str) -> Outcome:
        return _outcome(self.api.get(_Answer[_Fax], f"/faxes/{quote(account_reference)}").data)

    def find(self, job: Job, since: datetime) -> Outcome | None:
        page = 1
        while True:
            query = {
                "filter[to][eq]": job.address,
                "filter[created_at][gte]": search_start(since),
                "page[number]": page,
                "page[size]": 100,
            }
            listing = self.api.get(_Listing, "/faxes", query)
            for fax in listing.data:
                if fax.media_name == job.reference or fax.client_state == _state(job.reference):
                    return _outcome(fax)
            if page >= listing.meta.total_pages:
                return None
            page += 1


def _state(reference: str) -> str:
    return base64.b64encode(reference.encode()).decode()


def _outcome(fax: _Fax) -> Outcome:
    return classify(
        fax.report(),
        delivered=fax.status == "delivered",
        in_progress=fax.status in _IN_PROGRESS or fax.status.startswith("sending"),
        cause=_CAUSES.get(fax.failure_reason or "") if fax.status == "failed" else None,
    )
