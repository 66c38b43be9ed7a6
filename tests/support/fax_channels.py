"""The channels of the fax accounts with an HTTP API, opened as the program does, on a wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from faxappeal.config.sections import FaxSection, Publish
from faxappeal.providers.base import Job
from faxappeal.providers.fax import interfax, signalwire, sinch, telnyx
from faxappeal.providers.fax.interfax import Interfax
from faxappeal.providers.fax.signalwire import Signalwire
from faxappeal.providers.fax.sinch import Sinch
from faxappeal.providers.fax.telnyx import Telnyx
from tests.support.fakes.interfax import PASSWORD, USER
from tests.support.fakes.signalwire import PROJECT as SPACE
from tests.support.fakes.signalwire import TOKEN
from tests.support.fakes.sinch import KEY as KEY_ID
from tests.support.fakes.sinch import PROJECT, SECRET
from tests.support.fakes.telnyx import CONNECTION, KEY
from tests.support.fakes.web import Reply, Request, as_json
from tests.support.wire import Wire

SENDER = "+12025550199"
PDF = b"%PDF-1.7 a page"
JOB = Job("fa-1", "+12025550101", b"a TIFF", PDF)
MEDIA = "http://127.0.0.1:8000/faxes"  # where a document is published; nothing listens there
Sending = Callable[[Wire, Path], Interfax | Signalwire | Sinch | Telnyx]


def open_sinch(wire: Wire, **table: Any) -> Sinch:
    needed: dict[str, Any] = {"project_id": PROJECT, "key_id": KEY_ID, "key_secret": SECRET}
    account = sinch.Account.model_validate(needed | {"from": SENDER} | table)
    channel = account.open(FaxSection(), None)
    wire.on(channel.api.session)
    return channel


def open_telnyx(wire: Wire, **table: Any) -> Telnyx:
    needed = {"connection_id": CONNECTION, "api_key": KEY, "from": SENDER}
    channel = telnyx.Account.model_validate(needed | table).open(FaxSection(), None)
    wire.on(channel.api.session)
    return channel


def open_interfax(wire: Wire, **table: Any) -> Interfax:
    needed = {"username": USER, "password": PASSWORD}
    channel = interfax.Account.model_validate(needed | table).open(FaxSection(), None)
    wire.on(channel.api.session)
    return channel


def open_signalwire(wire: Wire, folder: Path, **table: Any) -> Signalwire:
    """`folder` is the one that is published; a test that submits has `Wire.everywhere`."""
    url = "https://example.signalwire.com"
    needed = {"project_id": SPACE, "token": TOKEN, "from": SENDER, "url": url}
    publish = Publish(media_url=MEDIA, folder=folder)
    channel = signalwire.Account.model_validate(needed | table).open(FaxSection(), publish)
    wire.on(channel.api.session, channel.client.http_client.session)
    return channel


SENDING: Mapping[str, Sending] = {
    "interfax": lambda wire, _: open_interfax(wire),
    "signalwire": open_signalwire,
    "sinch": lambda wire, _: open_sinch(wire),
    "telnyx": lambda wire, _: open_telnyx(wire),
}
# what an account says that has accepted a fax
ACCEPTED: Mapping[str, Reply] = {
    "interfax": Reply(201, headers=(("Location", "https://rest.interfax.net/outbound/faxes/854"),)),
    "signalwire": as_json({"sid": "FX1", "status": "queued", "num_pages": None}),
    "sinch": as_json({"id": "01SINCH", "status": "QUEUED"}),
    "telnyx": as_json({"data": {"id": "0ccc7b54", "status": "queued"}}, 202),
}


def beforehand(request: Request, folder: Path, answer: Callable[[Request], Reply]) -> Reply:
    """What precedes a submission goes well: Telnyx' upload, and the look at the published file."""
    if request.path == "/v2/media":
        return as_json({"data": {"media_name": "fa-1"}}, 201)
    if request.method == "GET" and request.path.startswith("/faxes/"):
        document = (folder / request.path.removeprefix("/faxes/")).read_bytes()
        return Reply(200, document, "application/pdf")
    return answer(request)
