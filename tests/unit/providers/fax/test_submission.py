"""What becomes of a submission, with each account that has an HTTP API."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from faxappeal.core.errors import SetupError
from faxappeal.core.lifecycle import Cause
from faxappeal.providers.base import Accepted, ClaimLost, Failed, Job, Outcome, Unknown
from tests.support import wire
from tests.support.clock import MORNING
from tests.support.fakes.web import Reply, Request, as_json
from tests.support.fax_channels import ACCEPTED, JOB, PDF, SENDING, beforehand
from tests.support.wire import Wire


class Submission:
    """A submission of one account: what came before it goes well."""

    def __init__(self, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name, self.folder = name, folder
        self.before: list[datetime] = []
        self.answer: wire.Answer = ACCEPTED[name]
        self.wire = Wire(self._serve)
        self.wire.everywhere(monkeypatch)
        self.channel = SENDING[name](self.wire, folder)

    def _serve(self, request: Request) -> Reply:
        return beforehand(request, self.folder, self._submitted)

    def _submitted(self, request: Request) -> Reply:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer(request) if callable(self.answer) else self.answer

    def go(self, answer: wire.Answer | None = None, job: Job = JOB) -> Outcome:
        self.answer = answer or self.answer
        return self.channel.submit(job, lambda: self.before.append(MORNING))

    @property
    def request(self) -> Request:
        """The one that makes a fax."""
        [asked] = [
            request
            for request in self.wire.requests
            if request.method == "POST" and request.path != "/v2/media"
        ]
        return asked


@pytest.fixture(params=SENDING)
def submission(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Submission:
    return Submission(request.param, tmp_path, monkeypatch)


REFERENCES = {
    "interfax": "854/fa-1",
    "signalwire": "FX1/fa-1",
    "sinch": "01SINCH",
    "telnyx": "0ccc7b54",
}


def test_what_was_accepted_has_the_accounts_reference(submission: Submission) -> None:
    outcome = submission.go()
    assert isinstance(outcome, Accepted)
    assert outcome.report.account_reference == REFERENCES[submission.name]
    assert submission.before == [MORNING]


REFUSED: dict[int, Cause] = {
    400: Cause.DOCUMENT,
    401: Cause.ACCOUNT,
    402: Cause.ACCOUNT,
    403: Cause.ACCOUNT,
    404: Cause.ACCOUNT,
    413: Cause.DOCUMENT,
    415: Cause.DOCUMENT,
    422: Cause.REFUSED,
    429: Cause.PROVIDER,
}


@pytest.mark.parametrize("status", REFUSED)
def test_a_refusal_made_no_fax_and_has_its_cause(submission: Submission, status: int) -> None:
    outcome = submission.go(as_json({"message": "no"}, status))
    cause = REFUSED[status]
    if (submission.name, status) == ("signalwire", 400):
        cause = Cause.REFUSED  # it has not fetched the document yet
    assert isinstance(outcome, Failed) and outcome.cause is cause
    assert outcome.report.raw == f"HTTP {status} no" and outcome.retry_after is None
    assert submission.request, "it was asked once"


def test_the_account_says_for_how_long_it_wants_to_be_left_alone(submission: Submission) -> None:
    outcome = submission.go(Reply(429, headers=(("Retry-After", "900"),)))
    assert isinstance(outcome, Failed) and outcome.retry_after == timedelta(minutes=15)


OPEN: dict[str, wire.Answer] = {
    "409": Reply(409),
    "500": Reply(500),
    "503, later": Reply(503, headers=(("Retry-After", "60"),)),
    "a redirect": Reply(302, headers=(("Location", "https://portal.example.org/854"),)),
    "a page": Reply(200, b"<html>welcome</html>", "text/html"),
    "empty": Reply(200),
    "cut off": Reply(cut=True),
    "too late": wire.too_late(),
    "another object": as_json({"welcome": True}),
    "a list": as_json([]),
    "no number": as_json({"id": None, "sid": "", "data": {"id": None}}),
    "a text": as_json("queued"),
}


@pytest.mark.parametrize("way", OPEN)
def test_an_answer_that_proves_nothing_leaves_it_open(submission: Submission, way: str) -> None:
    outcome = submission.go(OPEN[way])
    assert isinstance(outcome, Unknown) and outcome.report.raw
    assert submission.request, "it was asked once"


@pytest.mark.parametrize(
    "trouble", [wire.no_connection, wire.no_route], ids=["refused", "no route"]
)
def test_without_a_connection_nothing_has_left(
    submission: Submission, trouble: Callable[[], Exception]
) -> None:
    outcome = submission.go(trouble())
    assert isinstance(outcome, Failed) and outcome.cause is Cause.OFFLINE


def test_a_strange_certificate_stops_the_run(submission: Submission) -> None:
    with pytest.raises(SetupError, match="certificate"):
        submission.go(wire.untrusted())


def test_a_claim_that_is_lost_sends_nothing(submission: Submission) -> None:
    def lost() -> None:
        raise ClaimLost

    with pytest.raises(ClaimLost):
        submission.channel.submit(JOB, lost)
    asked = {request.path for request in submission.wire.requests if request.method == "POST"}
    assert asked <= {"/v2/media"}
    assert not list(submission.folder.iterdir()), "nothing stays on the web"


def asked_for(request: Request) -> dict[str, Any]:
    """What was asked of the account, in its own words."""
    kind = request.headers["content-type"]
    if kind == "application/json":
        return dict(json.loads(request.body))
    if kind == "application/pdf":
        return {name: values[0] for name, values in request.query.items()}
    return dict(request.form)


# account -> what it calls the number, and the words for fine pages and for coarse ones
WORDS = {
    "interfax": ("faxNumber", ("resolution", "fine", "standard")),
    "signalwire": ("To", ("Quality", "fine", "standard")),
    "sinch": ("to", ("resolution", "FINE", "FINE")),
    "telnyx": ("to", ("quality", "high", "normal")),
}


@pytest.mark.parametrize("fine", [True, False], ids=["fine", "standard"])
def test_the_number_and_the_resolution(submission: Submission, fine: bool) -> None:
    submission.go(job=replace(JOB, fine=fine))
    to, (resolution, high, normal) = WORDS[submission.name]
    asked = asked_for(submission.request)
    assert asked[to] == "+12025550101"
    assert asked[resolution] == (high if fine else normal)


def test_the_account_gets_the_very_page(submission: Submission) -> None:
    submission.go()
    request = submission.request
    if submission.name == "sinch":
        [file] = asked_for(request)["files"]
        assert base64.b64decode(file["file"]) == PDF and file["fileType"] == "PDF"
    elif submission.name == "interfax":
        assert request.body == PDF
    elif submission.name == "telnyx":
        upload = submission.wire.requests[0]
        assert upload.path == "/v2/media" and PDF in upload.body
    else:
        assert asked_for(request)["MediaUrl"].endswith("/faxes/fa-1.pdf")
        assert (submission.folder / "fa-1.pdf").read_bytes() == PDF


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("interfax", ("retriesToPerform", "0")),
        ("sinch", ("maxRetries", 0)),
        ("sinch", ("headerText", "")),
        ("sinch", ("headerPageNumbers", False)),
        ("sinch", ("imageConversionMethod", "MONOCHROME")),
        ("telnyx", ("monochrome", True)),
        ("signalwire", ("StoreMedia", "false")),
        ("interfax", ("rendering", "bw")),
        ("interfax", ("fitToPage", "noscale")),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value[0]),
)
def test_the_account_redials_changes_and_adds_nothing(
    name: str, never: tuple[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = Submission(name, tmp_path, monkeypatch)
    submission.go()
    key, value = never
    assert asked_for(submission.request)[key] == value


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("interfax", lambda asked: asked["reference"]),
        ("sinch", lambda asked: asked["labels"]["reference"]),
        ("telnyx", lambda asked: asked["media_name"]),
        ("telnyx", lambda asked: base64.b64decode(asked["client_state"]).decode()),
    ],
    ids=["interfax", "sinch", "telnyx, as a name", "telnyx, as a state"],
)
def test_our_reference_goes_with_the_fax(
    name: str,
    found: Callable[[dict[str, Any]], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submission = Submission(name, tmp_path, monkeypatch)
    submission.go()
    assert found(asked_for(submission.request)) == "fa-1"


@pytest.mark.parametrize(("letter", "size"), [(True, "letter"), (False, "a4")])
def test_interfax_learns_the_size_of_the_paper(
    letter: bool, size: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = Submission("interfax", tmp_path, monkeypatch)
    submission.go(job=replace(JOB, letter_paper=letter))
    assert asked_for(submission.request)["pageSize"] == size
