"""Telnyx' fax and media API, as its OpenAPI describes it, with a memory.

It is not idempotent: each accepted POST is another fax. Requests are checked strictly.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tests.support.fakes.account import FaxAccountFake, shown
from tests.support.fakes.web import Reply, Request, Web, as_json

KEY, CONNECTION = "KEY-telnyx-secret-1", "234423"


class _SendFax(BaseModel):
    """SendFaxRequest, as far as we may use it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    connection_id: str
    from_: Annotated[str, Field(alias="from", pattern=r"^\+[1-9][0-9]{6,14}$")]
    to: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    media_name: str
    client_state: str
    quality: Literal["normal", "high", "very_high", "ultra_light", "ultra_dark"] = "high"
    monochrome: bool = False


@dataclass
class TelnyxFake(FaxAccountFake):
    """The account."""

    described = ("telnyx", "https://api.telnyx.com")
    # of Telnyx' descriptions of billing and of Outbound Voice Profiles
    undescribed = ("/v2/balance", "/v2/outbound_voice_profiles/")

    media: dict[str, bytes] = field(default_factory=dict)
    profile: str | None = "1293384261075731499"
    allowed: tuple[str, ...] = ("US", "CA")
    enabled: bool = True
    credit: str = "400.00"

    counts_pages = False

    def kept(self) -> int:
        return len(self.media)

    def reference(self, fax: dict[str, Any]) -> str:
        return str(fax["media_name"])

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return _error(401, "Authentication failed")
        if request.path == "/v2/media" and request.method == "POST":
            return self._upload(request)
        if request.path.startswith("/v2/media/") and request.method == "DELETE":
            gone = self.media.pop(request.path.removeprefix("/v2/media/"), None)
            return Reply(204) if gone is not None else _error(404, "Resource not found")
        if request.path == "/v2/faxes" and request.method == "POST":
            return self._send(request)
        if request.path == "/v2/faxes" and request.method == "GET":
            return self._list(request)
        if request.path.startswith("/v2/faxes/") and request.method == "GET":
            return self._get(request.path.removeprefix("/v2/faxes/"))
        if request.path == f"/v2/fax_applications/{CONNECTION}" and request.method == "GET":
            outbound: dict[str, Any] = {"channel_limit": 10}
            if self.profile:
                outbound["outbound_voice_profile_id"] = self.profile
            return as_json({"data": {"id": CONNECTION, "active": True, "outbound": outbound}})
        if request.path == f"/v2/outbound_voice_profiles/{self.profile}":
            profile = {"enabled": self.enabled, "whitelisted_destinations": self.allowed}
            return as_json({"data": {"id": self.profile, "service_plan": "global"} | profile})
        if request.path == "/v2/balance":
            money = {"available_credit": self.credit, "currency": "USD", "pending": "10.00"}
            return as_json({"data": {"record_type": "balance", "balance": "300.00"} | money})
        return _error(404, "Resource not found")

    def _upload(self, request: Request) -> Reply:
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        form = message_from_bytes(head + request.body)
        parts = {
            str(part.get_param("name", header="content-disposition")): part
            for part in form.walk()
            if not part.is_multipart()
        }
        if set(parts) != {"media", "media_name", "ttl_secs"} or not parts["media"].get_filename():
            return _error(422, "'media' is invalid")
        name = str(parts["media_name"].get_payload()).strip()
        content = parts["media"].get_payload(decode=True)
        assert isinstance(content, bytes)
        self.media[name] = content
        return as_json({"data": {"media_name": name, "content_type": "application/pdf"}}, 201)

    def _send(self, request: Request) -> Reply:
        self.submissions += 1
        if reply := self.before(request):
            return reply
        try:
            body = _SendFax.model_validate_json(request.body)
        except ValidationError as error:
            return _error(422, str(error))
        if body.connection_id != CONNECTION or body.media_name not in self.media:
            return _error(422, "connection_id or media_name")
        base64.b64decode(body.client_state, validate=True)
        self.documents.append(self.media[body.media_name])
        fax = {
            "id": f"0ccc7b54-4df3-4bca-a65a-{len(self.faxes):012}",
            "record_type": "fax",
            "direction": "outbound",
            "to": body.to,
            "from": body.from_,
            "status": "queued",
            "media_name": body.media_name,
            "client_state": body.client_state,
            "created_at": datetime.now(UTC).isoformat(),
            "failure_reason": None,
        }
        self.accept(fax)
        return self.after(request) or as_json({"data": shown(fax)}, 202)

    def _list(self, request: Request) -> Reply:
        to = (request.query.get("filter[to][eq]") or [""])[0]
        assert request.query.get("filter[created_at][gte]"), "without it a week is listed"
        found = [shown(fax) for fax in self.listed() if fax["to"] == to]
        return as_json({"data": found, "meta": {"total_pages": 1, "page_number": 1}})

    def _get(self, id: str) -> Reply:
        fax = next((fax for fax in self.faxes if fax["id"] == id), None)
        if fax is None:
            return _error(404, "Resource not found")
        ending = self.ending(fax)
        if ending is None:
            fax["status"] = "sending"
        else:
            fax.update({"status": "delivered"} | ending)
        return as_json({"data": shown(fax)})


def _error(status: int, detail: str) -> Reply:
    error = {"code": str(10_000 + status), "title": "Something is wrong", "detail": detail}
    return as_json({"errors": [error]}, status)


FATES: dict[str, dict[str, Any]] = {
    "busy": {"status": "failed", "failure_reason": "user_busy"},
    "no answer": {"status": "failed", "failure_reason": "receiver_no_answer"},
    "voice": {"status": "failed", "failure_reason": "fax_initial_communication_timeout"},
    "bad number": {"status": "failed", "failure_reason": "receiver_unallocated_number"},
    "not allowed": {"status": "failed", "failure_reason": "destination_not_in_countries_whitelist"},
    "bad document": {"status": "failed", "failure_reason": "media_processing_exception"},
    "after a page": {"status": "failed", "failure_reason": "fax_signaling_error"},
    "no reason": {"status": "failed"},
    "odd code": {"status": "failed", "failure_reason": "solar_flare"},
    "odd word": {"status": "resting"},
}


@contextmanager
def telnyx(**options: Any) -> Iterator[TelnyxFake]:
    """A running fake."""
    fake = TelnyxFake(**options)
    with Web(fake.serve, fake.tls) as web:
        fake.url = web.url
        yield fake
    fake.verify()


def start(folder: Path, **options: Any) -> AbstractContextManager[TelnyxFake]:
    """As each stand-in of a fax account is started; `folder` is its own."""
    return telnyx(**options)


def settings(fake: TelnyxFake) -> str:
    """The tables of faxappeal.toml for this account."""
    return (
        f'\n[fax]\naccount = "telnyx"\n[fax.telnyx]\nconnection_id = "{CONNECTION}"\n'
        f'url = "{fake.url}"\nfrom = "+12025550199"\n'
    )


ENVIRONMENT = {"FAXAPPEAL_FAX__TELNYX__API_KEY": KEY}
