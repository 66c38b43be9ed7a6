"""Sinch Fax API v3. Plain HTTP: Sinch's Python SDK has no fax, and no client may repeat a POST."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import requests
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..text import clean
from . import (
    Accepted,
    Cause,
    Delivered,
    Failed,
    Job,
    Leaving,
    Outcome,
    Report,
    Unknown,
    Unreachable,
)
from .http import TIMEOUT, NotSent, session, submit

# Codes are per type: 133 is a document that cannot be normalised, or a number that is not allowed.
# From Sinch's OpenAPI "Fax API 3.0", the part on error messages.
_CAUSES: dict[tuple[str, int], Cause] = {
    ("CALL_ERROR", 11): Cause.LINE,  # dropped
    ("CALL_ERROR", 15): Cause.PROVIDER,  # congestion
    ("CALL_ERROR", 16): Cause.NO_ANSWER,
    ("CALL_ERROR", 17): Cause.BUSY,
    ("CALL_ERROR", 19): Cause.LINE,  # hung up at once
    ("CALL_ERROR", 30): Cause.VOICE,  # no answer from a fax machine
    ("CALL_ERROR", 32): Cause.LINE,  # incompatible
    ("CALL_ERROR", 34): Cause.BAD_NUMBER,
    ("CALL_ERROR", 43): Cause.LINE,
    ("CALL_ERROR", 49): Cause.BAD_NUMBER,
    ("FAX_ERROR", 14): Cause.VOICE,
    ("FAX_ERROR", 46): Cause.ACCOUNT,  # insufficient funds
    ("FAX_ERROR", 48): Cause.NO_ANSWER,
    ("FAX_ERROR", 132): Cause.VOICE,  # no fax tone
    ("FAX_ERROR", 133): Cause.ACCOUNT,  # the number is not permitted
}
_TYPES = {"DOCUMENT_CONVERSION_ERROR": Cause.DOCUMENT, "FATAL_ERROR": Cause.PROVIDER}
# answers to a POST that certainly made no fax
_REFUSALS = {
    400: Cause.DOCUMENT,
    401: Cause.ACCOUNT,
    402: Cause.ACCOUNT,
    403: Cause.ACCOUNT,
    404: Cause.ACCOUNT,
    413: Cause.DOCUMENT,
    422: Cause.REFUSED,
    429: Cause.PROVIDER,
}


_Answer = TypeVar("_Answer", bound=BaseModel)


class _Fax(BaseModel):
    """What we read of a Fax object; Sinch sends more."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    id: str
    status: str = ""
    to: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    pages_sent: int | None = Field(None, alias="pagesSentSuccessfully")
    error_type: str | None = Field(None, alias="errorType")
    error_code: int | None = Field(None, alias="errorCode")
    error_message: str | None = Field(None, alias="errorMessage")

    def report(self) -> Report:
        words = (self.status, self.error_type, self.error_code, self.error_message)
        return Report(self.id, clean(" ".join(str(w) for w in words if w)), self.pages_sent)


class _Listing(BaseModel):
    """A page of the list of faxes."""

    faxes: list[_Fax] = Field(default_factory=list)
    pages: int = Field(1, alias="totalPages")


class Sinch:
    """An account of Sinch. The header line is ours, in the page; Sinch's own is left out."""

    name = "sinch"
    finds = True
    settling = timedelta(seconds=60)  # TIMEOUT: a POST may be accepted until we stop waiting
    remembers = timedelta(0)  # how soon a fax is listed is not documented
    gap = timedelta(seconds=1)  # its limit is not documented

    def __init__(
        self, url: str, project: str, key: tuple[str, str], sender: str | None = None
    ) -> None:
        self.base = f"{url}/v3/projects/{project}/faxes"
        self.sender = sender
        self.session = session(key)

    def submit(self, job: Job, leaving: Leaving) -> Outcome:
        body: dict[str, Any] = {
            "to": job.address,
            "files": [{"file": base64.b64encode(job.pdf).decode(), "fileType": "PDF"}],
            "labels": {"reference": job.reference},
            "maxRetries": 0,  # only we redial
            "imageConversionMethod": "MONOCHROME",  # it is text, and black and white already
            "resolution": "FINE",
            "headerPageNumbers": False,
            "headerText": "",
        }
        if self.sender:
            body["from"] = self.sender
        leaving()
        try:
            response = submit(self.session, "POST", self.base, json=body)
        except NotSent as error:
            return Failed(Cause.PROVIDER, Report(raw=str(error)))
        except requests.RequestException as error:
            return Unknown(Report(raw=type(error).__name__))
        if response.ok:
            try:
                fax = _Fax.model_validate_json(response.content)
            except ValidationError:
                return Unknown(Report(raw=f"HTTP {response.status_code} with an odd answer"))
            return Accepted(fax.report())
        return _refusal(response)

    def close(self) -> None:
        self.session.close()

    def look_up(self, account_reference: str) -> Outcome:
        return _outcome(self._get(_Fax, f"/{account_reference}"))

    def find(self, job: Job, since: datetime) -> Outcome | None:
        # the wire form of a filter by label is not documented: list, and compare the labels
        start = (since - timedelta(minutes=5)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        page = 1
        while True:
            query = {"to": job.address, "createTime>": start, "pageSize": 100, "page": page}
            listing = self._get(_Listing, "", query)
            for fax in listing.faxes:
                if fax.labels.get("reference") == job.reference:
                    return _outcome(fax)
            if page >= listing.pages:
                return None
            page += 1

    def _get(self, kind: type[_Answer], path: str, query: dict[str, Any] | None = None) -> _Answer:
        try:
            response = self.session.get(
                self.base + path, params=query, timeout=TIMEOUT, allow_redirects=False
            )
            response.raise_for_status()
            return kind.model_validate_json(response.content)
        except (requests.RequestException, ValueError) as error:
            raise Unreachable(f"Sinch: {type(error).__name__}") from error


def _refusal(response: requests.Response) -> Outcome:
    report = Report(raw=f"HTTP {response.status_code} {_message(response)}".strip())
    cause = _REFUSALS.get(response.status_code)
    # 5xx: it may have taken the fax before it stumbled
    return Failed(cause, report) if cause else Unknown(report)


def _message(response: requests.Response) -> str:
    try:
        return clean(str(response.json().get("message", "")))[:200]
    except (ValueError, AttributeError):
        return ""


def _outcome(fax: _Fax) -> Outcome:
    report = fax.report()
    if fax.status == "COMPLETED":
        return Delivered(report)
    if fax.status in ("QUEUED", "IN_PROGRESS"):
        return Accepted(report)
    if fax.status != "FAILURE" or fax.pages_sent:
        return Unknown(report)
    kind = fax.error_type or ""
    cause = _CAUSES.get((kind, fax.error_code or 0)) or _TYPES.get(kind)
    return Failed(cause, report) if cause else Unknown(report)
