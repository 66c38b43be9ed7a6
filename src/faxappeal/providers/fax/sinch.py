"""Sinch Fax API v3. Plain HTTP: Sinch's Python SDK has no fax, and no client may repeat a POST."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr

from ...config.fields import OneLine, OwnNumber, Url, at
from ...config.secrets import secret
from ...core.errors import SetupError
from ...core.lifecycle import Cause
from ..base import Accepted, BeforeSend, Job, Outcome, Probe, ProviderReport, classify, joined
from . import ApiChannel, FaxAccount, search_start

if TYPE_CHECKING:
    from ...config.sections import FaxSection, Publish
    from ..http import Api

# Codes are per type: 133 is a document that cannot be normalised, or a number that is not allowed.
# From Sinch's OpenAPI "Fax API 3.0", the part on error messages. CALL_ERROR 11 (the call
# dropped) is left out: it may have dropped after the page, before its receipt.
_CAUSES: dict[tuple[str, int], Cause] = {
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


class Account(FaxAccount):
    """[fax.sinch]"""

    about: ClassVar[str] = "Sinch's fax API"
    killed: ClassVar[str] = "found by our reference, sent once; or `unknown` if it is not listed"
    keeps: ClassVar[str] = (
        "keeps logs 13 months; the document is deleted by us once the fax has ended"
    )

    project_id: OneLine
    key_id: OneLine
    from_: Annotated[OwnNumber | None, Field(alias="from")] = None
    key_secret: SecretStr | None = None
    key_secret_command: OneLine | None = None
    url: Annotated[Url, at("sinch.com")] = "https://fax.api.sinch.com"
    ca_file: Path | None = None

    def open(self, fax: FaxSection, publish: Publish | None) -> Sinch:
        from ..http import Api

        if fax.resolution != "fine":
            raise SetupError("Sinch sends at fine resolution or better", 'set resolution = "fine"')
        key = (self.key_id, secret(self, "key_secret", "fax", "sinch"))
        base = f"{self.url}/v3/projects/{quote(self.project_id, safe='')}/faxes"
        return Sinch(Api("Sinch", base, key, self.ca_file), self.from_)


class _Fax(BaseModel):
    """What we read of a Fax object; Sinch sends more."""

    id: str
    status: str = ""
    to: str = ""
    labels: dict[str, str] = {}
    pages_sent: int | None = Field(None, alias="pagesSentSuccessfully")
    error_type: str | None = Field(None, alias="errorType")
    error_code: int | None = Field(None, alias="errorCode")
    error_message: str | None = Field(None, alias="errorMessage")
    price: Any = None  # as it comes: it never decides what became of a fax

    def report(self) -> ProviderReport:
        words = joined(self.status, self.error_type, self.error_code, self.error_message)
        return ProviderReport(self.id, words, self.pages_sent, price=self._price())

    def _price(self) -> str | None:
        if not isinstance(self.price, dict):
            return None
        return joined(self.price.get("amount"), self.price.get("currencyCode")) or None


class _Listing(BaseModel):
    """A page of the list of faxes."""

    faxes: list[_Fax] = []
    pages: int = Field(1, alias="totalPages")


class Sinch(ApiChannel):
    """An account of Sinch. The header line is ours, in the page; Sinch's own is left out."""

    name = "sinch"

    def __init__(self, api: Api, sender: str | None) -> None:
        super().__init__(api)
        self.sender = sender

    def submit(self, job: Job, before_send: BeforeSend) -> Outcome:
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
        answer = self.api.send(_Fax, "", before_send, json=body)
        return answer if isinstance(answer, Outcome) else Accepted(answer.report())

    def check(self, now: datetime, countries: frozenset[str]) -> Sequence[Probe]:
        keys = "dashboard.sinch.com, Access keys"
        checks, _ = self.api.probe("", now, keys, {"pageSize": 1})
        number = self.sender or "the account's first"
        return [*checks, Probe("sender number", None, f"{number}: told when a fax is sent")]

    def forget(self, reference: str, account_reference: str | None) -> bool:
        if account_reference is None:
            return False
        self.api.delete(f"/{quote(account_reference)}/file")
        return True

    def look_up(self, account_reference: str) -> Outcome:
        return _outcome(self.api.get(_Fax, f"/{quote(account_reference)}"))

    def find(self, job: Job, since: datetime) -> Outcome | None:
        # the wire form of a filter by label is not documented: list, and compare the labels
        start, page = search_start(since), 1
        while True:
            query = {"to": job.address, "createTime>": start, "pageSize": 100, "page": page}
            listing = self.api.get(_Listing, "", query)
            for fax in listing.faxes:
                if fax.labels.get("reference") == job.reference:
                    return _outcome(fax)
            if page >= listing.pages:
                return None
            page += 1


def _outcome(fax: _Fax) -> Outcome:
    cause = None
    if fax.status == "FAILURE" and not fax.pages_sent:
        kind = fax.error_type or ""
        cause = _CAUSES.get((kind, fax.error_code or 0)) or _TYPES.get(kind)
    return classify(
        fax.report(),
        delivered=fax.status == "COMPLETED",
        in_progress=fax.status in ("QUEUED", "IN_PROGRESS"),
        cause=cause,
    )
