"""SignalWire, whose fax API speaks Twilio's: the `twilio` package is its client.

Twilio itself stopped sending faxes on 2021-12-17, and its package has no fax API any more; so the
requests are made with the package's own request machinery. There is no reference of ours in this
API: a submission that was interrupted can only be `unknown`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from ..errors import SetupError
from ..text import clean
from . import (
    Accepted,
    Cause,
    Check,
    Delivered,
    Failed,
    GivenUp,
    Job,
    Leaving,
    Outcome,
    Report,
    Unknown,
    Unreachable,
)
from .http import TIMEOUT, not_sent

if TYPE_CHECKING:
    from twilio.base.version import Version
    from twilio.rest import Client

# CXML fax statuses that end a fax, beside `delivered`
_CAUSES = {"busy": Cause.BUSY, "no-answer": Cause.NO_ANSWER, "canceled": Cause.REFUSED}
_UNDER_WAY = {"queued", "processing", "sending"}
# `failed` tells its reason only in words ("Common fax errors" of SignalWire's documentation).
# Several of them say that pages may have been printed nevertheless: those are left out.
_REASONS: tuple[tuple[str, Cause], ...] = (
    ("timed out waiting for initial communication", Cause.VOICE),
    ("fax transmission not established", Cause.VOICE),
    ("connection failed", Cause.LINE),
    ("failed to train", Cause.LINE),
    ("cannot receive at the resolution", Cause.DOCUMENT),
    ("document loading error", Cause.DOCUMENT),
)
_REFUSALS = {
    400: Cause.REFUSED,
    401: Cause.ACCOUNT,
    402: Cause.ACCOUNT,
    403: Cause.ACCOUNT,
    404: Cause.ACCOUNT,
    422: Cause.REFUSED,
    429: Cause.PROVIDER,
}


def client(project: str, token: str) -> Client:
    """Twilio's client, made safe.

    Left to itself it takes missing credentials from TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN,
    rewrites any host by TWILIO_REGION and TWILIO_EDGE (so that our token would go to another
    server), and waits for ever.
    """
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    if not project or not token:  # an empty text would be replaced from the environment
        raise SetupError("SignalWire needs a project id and a token", "see [fax.signalwire]")
    made = Client(
        project,
        token,
        account_sid=project,
        environment={"faxappeal": "an empty mapping would be replaced by os.environ"},
        http_client=TwilioHttpClient(timeout=sum(TIMEOUT), max_retries=None),
    )
    made.region = made.edge = None
    return made


# a page of nothing, to see whether the web shows what we publish
_BLANK = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Publication:
    """A folder of ours that the web shows: the account fetches the document from there."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    def put(self, reference: str, pdf: bytes) -> str:
        """Publish under a name that cannot be guessed, see that it is there; its address."""
        name = f"{reference}.pdf"
        try:
            (self.folder / name).write_bytes(pdf)
        except OSError as error:
            raise SetupError(
                f"the published folder cannot be written: {error.strerror}",
                "look at publish.folder in faxappeal.toml",
            ) from error
        address = f"{self.url}/{quote(name)}"
        try:
            self._see(address, pdf)
        except SetupError:
            self.remove(reference)
            raise
        return address

    def remove(self, reference: str) -> None:
        (self.folder / f"{reference}.pdf").unlink(missing_ok=True)

    def _see(self, address: str, pdf: bytes) -> None:
        """SignalWire follows no redirect and takes only PDF; and it must be this PDF."""
        try:
            got = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            raise SetupError(
                "the published document cannot be fetched", "open publish.media_url in a browser"
            ) from error
        kind = got.headers.get("content-type", "").split(";")[0]
        same = hashlib.sha256(got.content).digest() == hashlib.sha256(pdf).digest()
        if got.status_code != 200 or kind != "application/pdf" or not same:
            raise SetupError(
                f"the published document does not come back as it is (HTTP {got.status_code},"
                f" {clean(kind) or 'no type'})",
                "publish.media_url must show the files of publish.folder, as they are",
            )


class Signalwire:
    """An account of SignalWire, by its Twilio-compatible API."""

    name = "signalwire"
    finds = False
    settling = timedelta(seconds=sum(TIMEOUT))
    remembers = timedelta(0)
    gap = timedelta(seconds=1)  # faxes count as calls: one a second
    pause = timedelta(0)
    forgets = True

    def __init__(
        self, url: str, project: str, token: str, sender: str, publication: Publication
    ) -> None:
        self.project, self.sender, self.publication = project, sender, publication
        self.client = client(project, token)
        self.client.api.base_url = f"{url}/api/laml"

    @property
    def _api(self) -> Version:
        from twilio.base.version import Version

        return Version(self.client.api, "2010-04-01")

    def submit(self, job: Job, leaving: Leaving) -> Outcome:
        from twilio.base.exceptions import TwilioException, TwilioRestException

        address = self.publication.put(job.reference, job.pdf)
        try:
            leaving()
        except GivenUp:
            self.publication.remove(job.reference)
            raise
        try:
            fax = self._api.create(
                "POST",
                f"/Accounts/{self.project}/Faxes",
                data={
                    "To": job.address,
                    "From": self.sender,
                    "MediaUrl": address,
                    "Quality": "fine" if job.fine else "standard",
                    "StoreMedia": "false",
                },
            )
        except TwilioRestException as error:
            return _refusal(error.status, error.msg)
        except requests.ConnectionError as error:
            report = Report(raw=type(error).__name__)
            return Failed(Cause.PROVIDER, report) if not_sent(error) else Unknown(report)
        except (requests.RequestException, TwilioException, ValueError) as error:
            return Unknown(Report(raw=type(error).__name__))
        if not isinstance(fax, dict) or not fax.get("sid"):
            return Unknown(Report(raw="an answer without a sid"))
        return Accepted(_report(fax, job.reference))

    def forget(self, reference: str, account_reference: str | None) -> None:
        try:
            self.publication.remove(reference)
        except OSError as error:
            raise Unreachable(f"the published document: {error.strerror}") from error

    def check(self, now: datetime) -> Sequence[Check]:
        from twilio.base.exceptions import TwilioException, TwilioRestException

        checks = [self._credentials(TwilioRestException, TwilioException)]
        name = f"check-{secrets.token_hex(16)}"
        try:
            self.publication.put(name, _BLANK)
        except SetupError as error:
            checks.append(Check("published folder", False, error.message, error.hint))
        else:
            self.publication.remove(name)
            checks.append(Check("published folder", True, "the web shows what lies there"))
        return [*checks, Check("sender number", None, f"{self.sender}: told when a fax is sent")]

    def _credentials(self, refused: type[Exception], trouble: type[Exception]) -> Check:
        try:
            self._api.fetch("GET", f"/Accounts/{self.project}/Faxes", params={"PageSize": 1})
        except refused as error:
            hint = "make a token with the scope Fax: your space, API"
            status = getattr(error, "status", "")
            return Check("credentials", False, f"refused (HTTP {status})", hint)
        except (requests.RequestException, trouble, ValueError) as error:
            words = f"SignalWire does not answer ({type(error).__name__})"
            return Check("connection", False, words, "look at fax.signalwire.url")
        return Check("credentials", True, "accepted")

    def close(self) -> None:
        pass  # the client keeps its connections to itself

    def look_up(self, account_reference: str) -> Outcome:
        from twilio.base.exceptions import TwilioException

        sid, _, reference = account_reference.partition("/")
        try:
            fax = self._api.fetch("GET", f"/Accounts/{self.project}/Faxes/{quote(sid)}")
        except (requests.RequestException, TwilioException, ValueError) as error:
            raise Unreachable(f"SignalWire: {type(error).__name__}") from error
        if not isinstance(fax, dict) or fax.get("sid") != sid:
            raise Unreachable("SignalWire: an answer about something else")
        return _outcome(fax, reference)

    def find(self, job: Job, since: datetime) -> Outcome | None:
        return None


def _report(fax: Mapping[str, Any], reference: str) -> Report:
    words = (fax.get("status"), fax.get("error_code"), fax.get("error_message"))
    pages = str(fax.get("num_pages"))  # as text, and null before it is known
    return Report(
        f"{fax.get('sid')}/{reference}",
        clean(" ".join(str(word) for word in words if word)),
        pages=int(pages) if pages.isdigit() and fax.get("status") == "delivered" else None,
    )


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


def _refusal(status: int, message: str) -> Outcome:
    report = Report(raw=clean(f"HTTP {status} {message}")[:200])
    cause = _REFUSALS.get(status)
    return Failed(cause, report) if cause else Unknown(report)
