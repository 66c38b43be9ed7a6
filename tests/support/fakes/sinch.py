"""Sinch's fax API, as its OpenAPI "Fax API 3.0" describes it, with a memory.

It is not idempotent: each accepted POST is another fax. Requests are checked strictly: an option
that Sinch does not have, or a value out of its range, is a 422 here and a failing test.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.support.fakes.account import FaxAccountFake, shown
from tests.support.fakes.web import Reply, Request, Web, as_json

PROJECT, KEY, SECRET = "project-1", "key-1", "sinch-secret-1"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    file: str
    fileType: Literal["DOCX", "PDF", "TIF", "JPG", "TXT", "HTML", "PNG"]


class _SendFax(BaseModel):
    """The request of operation sendFax (JSON), with its ranges."""

    model_config = ConfigDict(extra="forbid", strict=True)

    to: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    files: Annotated[list[_File], Field(min_length=1)]
    from_: Annotated[str | None, Field(alias="from", pattern=r"^\+[1-9][0-9 ]+$")] = None
    labels: dict[str, str] = Field(default_factory=dict)
    maxRetries: Annotated[int, Field(ge=0, le=5)] = 3
    imageConversionMethod: Literal["HALFTONE", "MONOCHROME"] = "HALFTONE"
    resolution: Literal["FINE", "SUPERFINE"] = "FINE"
    headerPageNumbers: bool = True
    headerText: Annotated[str, Field(max_length=50)] = "-"


@dataclass
class SinchFake(FaxAccountFake):
    """The account."""

    described = ("sinch", "https://fax.api.sinch.com")

    deleted: list[str] = field(default_factory=list)  # faxes whose document is gone

    def kept(self) -> int:
        return len(self.faxes) - len(self.deleted)

    def reference(self, fax: dict[str, Any]) -> str:
        return str(fax["labels"]["reference"])

    def answer(self, request: Request) -> Reply:
        login = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return Reply(401)
        base = f"/v3/projects/{PROJECT}/faxes"
        if request.path == base and request.method == "POST":
            return self._send(request)
        if request.path == base and request.method == "GET":
            return self._list(request)
        if request.path.startswith(base + "/") and request.method == "GET":
            return self._get(request.path.removeprefix(base + "/"))
        if request.path.endswith("/file") and request.method == "DELETE":
            self.deleted.append(request.path.split("/")[-2])
            return Reply(204)
        return as_json({"code": 404, "status": "NOT_FOUND", "message": "no such thing"}, 404)

    def _send(self, request: Request) -> Reply:
        self.submissions += 1
        if reply := self.before(request):
            return reply
        if request.headers.get("content-type") != "application/json":
            return as_json({"code": 422, "message": "JSON, please"}, 422)
        try:
            body = _SendFax.model_validate_json(request.body)
        except ValidationError as error:
            return as_json({"code": 422, "message": str(error)}, 422)
        self.documents.append(base64.b64decode(body.files[0].file, validate=True))
        fax = {
            "id": f"01SINCH{len(self.faxes):06}",
            "direction": "OUTBOUND",
            "to": body.to,
            "status": "QUEUED",
            "labels": body.labels,
            "maxRetries": body.maxRetries,
            "createTime": datetime.now(UTC).isoformat(),
        }
        self.accept(fax)
        return self.after(request) or as_json(shown(fax))

    def _list(self, request: Request) -> Reply:
        to = (request.query.get("to") or [""])[0]
        found = [shown(fax) for fax in self.listed() if fax["to"].startswith(to)]
        return as_json({"page": 1, "totalPages": 1, "totalItems": len(found), "faxes": found})

    def _get(self, id: str) -> Reply:
        fax = next((fax for fax in self.faxes if fax["id"] == id), None)
        if fax is None:
            return as_json({"code": 404, "message": "no such fax"}, 404)
        ending = self.ending(fax)
        if ending is None:
            fax["status"] = "IN_PROGRESS"
        else:
            fax.update(ending or COMPLETED)
        return as_json(shown(fax))


COMPLETED = {
    "status": "COMPLETED",
    "pagesSentSuccessfully": 1,
    "price": {"amount": "0.07", "currencyCode": "USD"},
}
BUSY = {"status": "FAILURE", "errorType": "CALL_ERROR", "errorCode": 17, "pagesSentSuccessfully": 0}
VOICE = {
    "status": "FAILURE",
    "errorType": "FAX_ERROR",
    "errorCode": 132,
    "pagesSentSuccessfully": 0,
}
PARTIAL = {
    "status": "FAILURE",
    "errorType": "FAX_ERROR",
    "errorCode": 8,
    "pagesSentSuccessfully": 1,
}


FATES: dict[str, dict[str, Any]] = {
    "busy": BUSY,
    "no answer": BUSY | {"errorCode": 16},
    "voice": VOICE,
    "hung up at once": BUSY | {"errorCode": 19},
    "dropped": BUSY | {"errorCode": 11},
    "bad number": BUSY | {"errorCode": 34},
    "not allowed": VOICE | {"errorCode": 133},
    "bad document": BUSY | {"errorType": "DOCUMENT_CONVERSION_ERROR", "errorCode": 54},
    "after a page": PARTIAL,
    "no reason": {"status": "FAILURE"},
    "odd code": VOICE | {"errorCode": 4711},
    "odd word": {"status": "RESTING"},
}


@contextmanager
def sinch(**options: Any) -> Iterator[SinchFake]:
    """A running fake."""
    fake = SinchFake(**options)
    with Web(fake.serve, fake.tls) as web:
        fake.url = web.url
        yield fake
    fake.verify()


def start(folder: Path, **options: Any) -> AbstractContextManager[SinchFake]:
    """As each stand-in of a fax account is started; `folder` is its own."""
    return sinch(**options)


def settings(fake: SinchFake) -> str:
    """The tables of faxappeal.toml for this account."""
    return (
        f'\n[fax]\naccount = "sinch"\n[fax.sinch]\nproject_id = "{PROJECT}"\nkey_id = "{KEY}"\n'
        f'url = "{fake.url}"\nfrom = "+12025550199"\n'
    )


ENVIRONMENT = {"FAXAPPEAL_FAX__SINCH__KEY_SECRET": SECRET}


def body(request: Request) -> Any:
    return json.loads(request.body)
