"""SignalWire's Twilio-compatible fax API, with a memory; it fetches the document as the real one.

Each accepted POST is another fax, and nothing of ours is kept with it: no reference.
"""

from __future__ import annotations

import base64
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.fakes.account import FaxAccountFake, shown
from tests.support.fakes.web import Reply, Request, Web, as_json

PROJECT, TOKEN = "project-2", "PTsignalwire-token-1"
_FIELDS = {
    *("To", "From", "MediaUrl", "Quality", "StatusCallback", "StatusCallbackMethod"),
    *("StatusCallbackEvent", "StoreMedia", "Ttl", "SipAuthUsername", "SipAuthPassword"),
}


@dataclass
class SignalwireFake(FaxAccountFake):
    """The account."""

    described = ("signalwire", "https://YOUR_SPACE.signalwire.com")

    requests: list[Request] = field(default_factory=list)
    media_url: str = ""
    folder: Path = Path()

    supports_lookup = False

    def kept(self) -> int:
        return len(list(self.folder.iterdir()))

    def reference(self, fax: dict[str, Any]) -> str:
        # it keeps none: this is the name of the document that it fetched
        return str(fax["media"].rpartition("/")[2].removesuffix(".pdf"))

    def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        login = base64.b64encode(f"{PROJECT}:{TOKEN}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return _error(401, "Unauthorized")
        base = f"/api/laml/2010-04-01/Accounts/{PROJECT}/Faxes"
        if request.path == base and request.method == "POST":
            return self._send(request)
        if request.path == base and request.method == "GET":
            uris = ("uri", "first_page_uri", "next_page_uri", "previous_page_uri")
            return as_json({"faxes": [], "page": 0, "page_size": 1} | dict.fromkeys(uris, base))
        if request.path.startswith(base + "/") and request.method == "GET":
            return self._get(request.path.removeprefix(base + "/"))
        return _error(404, "no such resource")

    def publish(self, request: Request) -> Reply:
        """The web server that shows the folder of the person who sends."""
        path = self.folder / request.path.strip("/")
        if not path.is_file():
            return Reply(404, b"", "text/html")
        return Reply(200, path.read_bytes(), "application/pdf")

    def _send(self, request: Request) -> Reply:
        self.submissions += 1
        if reply := self.before(request):
            return reply
        form = request.form
        if unknown := set(form) - _FIELDS:
            return _error(422, f"unknown parameters {sorted(unknown)}")
        if not form.get("To") or not form.get("From") or not form.get("MediaUrl"):
            return _error(422, "To, From and MediaUrl are required")
        if form.get("Quality", "fine") not in ("standard", "fine", "superfine"):
            return _error(422, "Quality")
        with urllib.request.urlopen(form["MediaUrl"], timeout=5) as media:
            assert media.headers["Content-Type"] == "application/pdf"
            self.documents.append(media.read())
        fax: dict[str, Any] = {
            "sid": f"FX{len(self.faxes):032}",
            "account_sid": PROJECT,
            "api_version": "2010-04-01",
            "date_created": "Tue, 24 Nov 2026 15:00:00 +0000",
            "date_updated": "Tue, 24 Nov 2026 15:00:00 +0000",
            "direction": "outbound",
            "media_url": None,
            "media_sid": "",
            "price": None,
            "price_unit": "USD",
            "quality": form.get("Quality", "fine"),
            "duration": 0,
            "links": {"media": ""},
            "url": "",
            "to": form["To"],
            "from": form["From"],
            "status": "queued",
            "num_pages": None,
            "error_code": None,
            "error_message": None,
            "media": form["MediaUrl"],
        }
        self.accept(fax)
        return self.after(request) or as_json(shown(fax))

    def _get(self, sid: str) -> Reply:
        fax = next((fax for fax in self.faxes if fax["sid"] == sid), None)
        if fax is None:
            return _error(404, "no such fax")
        ending = self.ending(fax)
        if ending is None:
            fax["status"] = "sending"
        else:
            fax.update({"status": "delivered", "num_pages": "1", "price": "0.05"} | ending)
        return as_json(shown(fax))


def _error(status: int, message: str) -> Reply:
    return as_json({"code": status, "message": message, "more_info": "", "status": status}, status)


BUSY = {"status": "busy", "num_pages": None}
VOICE = {
    "status": "failed",
    "num_pages": None,
    "error_message": "Timed out waiting for initial communication",
}
MAYBE = {"status": "failed", "error_message": "No response after sending a page"}


FATES: dict[str, dict[str, Any]] = {
    "busy": BUSY,
    "no answer": {"status": "no-answer", "num_pages": None},
    "voice": VOICE,
    "after a page": MAYBE,
    "no reason": {"status": "failed"},
    "odd word": {"status": "resting"},
}


@contextmanager
def signalwire(folder: Path, **options: Any) -> Iterator[SignalwireFake]:
    """A running fake, and a web server that shows `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    fake = SignalwireFake(folder=folder, **options)
    with Web(fake.serve, fake.tls) as api, Web(fake.publish) as media:
        fake.url, fake.media_url = api.url, media.url
        yield fake
    fake.verify()


def start(folder: Path, **options: Any) -> AbstractContextManager[SignalwireFake]:
    """As each stand-in of a fax account is started; `folder` is its own."""
    return signalwire(folder / "web", **options)


def settings(fake: SignalwireFake) -> str:
    """The tables of faxappeal.toml for this account."""
    return (
        f'\n[fax]\naccount = "signalwire"\n[fax.signalwire]\nproject_id = "{PROJECT}"\n'
        f'url = "{fake.url}"\nfrom = "+12025550199"\n'
        f'[publish]\nmedia_url = "{fake.media_url}"\nfolder = "{fake.folder}"\n'
    )


ENVIRONMENT = {"FAXAPPEAL_FAX__SIGNALWIRE__TOKEN": TOKEN}
