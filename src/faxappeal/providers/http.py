"""HTTP as every account needs it: time limits, no redirects, nothing submitted twice."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import requests
from pydantic import BaseModel, ValidationError
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import InvalidHeader, MaxRetryError, NewConnectionError
from urllib3.util.retry import Retry

from ..core.errors import SetupError
from ..core.lifecycle import Cause
from .base import BeforeSend, Failed, Outcome, Probe, ProviderReport, Unknown, Unreachable, joined

TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two bytes of the answer
# answers to a request that certainly made no fax; any other may have made one
REFUSALS: Mapping[int, Cause] = {
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
# they log addresses with account ids and numbers, wherever a program turns their loggers on
for name in ("urllib3", "twilio.http_client"):
    logging.getLogger(name).setLevel(logging.WARNING)

_Auth = AuthBase | tuple[str, str] | None
_Answer = TypeVar("_Answer", bound=BaseModel)


class Answer(Protocol):
    """An answer, from any HTTP library."""

    status_code: int

    @property
    def text(self) -> str: ...

    @property
    def headers(self) -> Any: ...


class ConnectionFailed(Exception):
    """The connection could not be made: nothing has left."""


class NotFound(Unreachable):
    """The account has nothing by this number."""


class Bearer(AuthBase):
    """A key in the Authorization header, which no `.netrc` replaces."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class _Session(requests.Session):
    """A session whose own authority holds: requests prefers REQUESTS_CA_BUNDLE to it."""

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        if verify is None and isinstance(self.verify, str):
            verify = self.verify
        return super().merge_environment_settings(url, proxies, stream, verify, cert)


def session(auth: _Auth, ca_file: Path | None = None) -> requests.Session:
    """A session that repeats nothing by itself and takes no login from a `.netrc`. SetupError
    where `ca_file`, with the certificates to trust, cannot be read."""
    made = _Session()
    made.auth = auth
    if ca_file is not None:
        made.verify = trusted(ca_file)
    adapter = HTTPAdapter(max_retries=Retry(total=0, read=False))
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def trusted(ca_file: Path) -> str:
    """The name of a file of certificates, as it can be read; SetupError where it cannot."""
    try:
        with suppress(UnicodeDecodeError):
            if "BEGIN CERTIFICATE" in ca_file.read_text(encoding="ascii"):
                return str(ca_file)
    except OSError as error:
        words = f"ca_file cannot be read: {error.strerror}"
        raise SetupError(words, "look at ca_file in faxappeal.toml") from error
    raise SetupError("ca_file holds no certificate", "it must be a PEM file: BEGIN CERTIFICATE")


def request(http: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
    """One request, made once, with time limits and without redirects."""
    return http.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)


@contextmanager
def connection_errors(server: str) -> Iterator[None]:
    """Raise ConnectionFailed if no connection was made, or SetupError if the server's certificate
    was refused: no byte of the request has left. Any other error proves nothing, and passes."""
    try:
        yield
    except requests.ConnectionError as error:
        if is_untrusted(error):
            raise SetupError(UNTRUSTED, TRUST) from error
        reason = error.args[0] if error.args else None
        if isinstance(error, requests.ConnectTimeout) or (
            isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)
        ):
            raise ConnectionFailed(f"no connection to {server}") from error
        raise


UNTRUSTED = "the server's certificate is not one that this machine trusts"
TRUST = (
    "look at the account's url, and whether this network lets you through; a ca_file names an"
    " authority of your own"
)


def is_untrusted(error: object) -> bool:
    """Whether the server's certificate was refused, before a byte of the request left."""
    while isinstance(error, Exception):
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = getattr(error, "reason", None) or (error.args[0] if error.args else None)
    return False


class Api:
    """An account's API: questions may be asked again, what sends a fax is asked once."""

    def __init__(self, name: str, base: str, auth: _Auth, ca_file: Path | None = None) -> None:
        self.name, self.base = name, base
        self.endpoint = f"{auth[0]}@{base}" if isinstance(auth, tuple) else base
        self.session = session(auth, ca_file)

    def post(
        self, path: str, before_send: BeforeSend, **options: Any
    ) -> requests.Response | Outcome:
        """POST what makes the account send a fax, once. A good answer, or else the
        outcome. `before_send` is called right before."""
        before_send()
        try:
            response = self._submit(path, **options)
        except ConnectionFailed as error:
            return Failed(Cause.OFFLINE, ProviderReport(raw=str(error)))
        except requests.RequestException as error:
            return Unknown(ProviderReport(raw=type(error).__name__))
        return response if is_good(response) else refusal(response)

    def send(
        self, kind: type[_Answer], path: str, before_send: BeforeSend, **options: Any
    ) -> _Answer | Outcome:
        """`post`, with what the answer says."""
        response = self.post(path, before_send, **options)
        if isinstance(response, Outcome):
            return response
        try:
            return kind.model_validate_json(response.content)
        except ValidationError:
            return Unknown(ProviderReport(raw=f"HTTP {response.status_code} with an odd answer"))

    def upload(self, path: str, **options: Any) -> Outcome | None:
        """POST what makes the account send nothing yet. None where it went well, else a failure
        that certainly made no fax."""
        try:
            response = self._submit(path, **options)
        except ConnectionFailed as error:
            return Failed(Cause.OFFLINE, ProviderReport(raw=str(error)))
        except requests.RequestException as error:
            return Failed(Cause.PROVIDER, ProviderReport(raw=f"upload: {type(error).__name__}"))
        if is_good(response):
            return None
        outcome = refusal(response)
        # of the upload, not of a fax
        return Failed(Cause.PROVIDER, outcome.report) if isinstance(outcome, Unknown) else outcome

    def _submit(self, path: str, **options: Any) -> requests.Response:
        with connection_errors(self.base.split("/")[2]):
            return request(self.session, "POST", self.base + path, **options)

    def get(
        self, kind: type[_Answer], path: str, query: Mapping[str, Any] | None = None
    ) -> _Answer:
        """The answer to a question; Unreachable without one."""
        with self._network_errors():
            response = request(self.session, "GET", self.base + path, params=query)
            if response.status_code == 404:
                raise NotFound(f"{self.name}: HTTP 404")
            if not is_good(response):
                raise unanswered(self.name, response)
            return kind.model_validate_json(response.content)

    def delete(self, path: str) -> None:
        """Delete something there, which may be gone already; Unreachable where that failed."""
        with self._network_errors():
            response = request(self.session, "DELETE", self.base + path)
        if not is_good(response) and response.status_code != 404:
            raise unanswered(self.name, response)

    @contextmanager
    def _network_errors(self) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, ValueError) as error:
            raise Unreachable(f"{self.name}: {type(error).__name__}") from error

    def probe(
        self, path: str, now: datetime, keys: str, query: Mapping[str, Any] | None = None
    ) -> tuple[list[Probe], Any]:
        """A question that sends nothing: whether the account answers and knows us, and what it
        says; `keys` is where in its console a key is made."""
        try:
            response = request(self.session, "GET", self.base + path, params=query)
        except requests.RequestException as error:
            if is_untrusted(error):
                return [Probe("TLS", False, UNTRUSTED, TRUST)], None
            words = f"{self.name} does not answer ({type(error).__name__})"
            return [Probe("connection", False, words, "try again later; look at url")], None
        encrypted = [Probe("TLS", True, "encrypted")] if self.base.startswith("https") else []
        checks = [*encrypted, _known(response, keys), _clock(response, now)]
        try:
            return checks, response.json() if is_good(response) else None
        except ValueError:
            return checks, None

    def close(self) -> None:
        self.session.close()


def is_good(response: Answer) -> bool:
    """Whether it was done. requests' own `ok` takes a redirect for that, as hotels' networks send
    it."""
    return 200 <= response.status_code < 300


def _known(response: requests.Response, keys: str) -> Probe:
    """Whether the account knows us, by its answer to a question."""
    status = response.status_code
    words = _description(response)
    if is_good(response):
        return Probe("credentials", True, "accepted")
    if status == 402:
        return Probe("balance", False, f"none left ({words})", f"top it up: {keys}")
    if status in (401, 403):
        hint = f"make a new key, and see what it may do: {keys}"
        return Probe("credentials", False, f"refused ({words})", hint)
    if status in (400, 404, 422):
        hint = f"look at the account's ids in faxappeal.toml, and at {keys}"
        return Probe("account", False, f"not found as it is named ({words})", hint)
    hint = "try again later, and look whether this network lets you through"
    return Probe("connection", False, f"no answer to work with ({words})", hint)


_SKEW = timedelta(minutes=2)  # more than a server's answer takes


def _clock(response: requests.Response, now: datetime) -> Probe:
    """This machine's clock beside the server's: office hours and retries go by ours."""
    try:
        server_time = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return Probe("clock", None, "the server does not tell its time")
    if server_time.tzinfo is None:  # "-0000"
        server_time = server_time.replace(tzinfo=UTC)
    minutes = round((now - server_time).total_seconds() / 60)
    if abs(now - server_time) > _SKEW:
        words = f"{abs(minutes)} minutes {'ahead of' if minutes > 0 else 'behind'} the server's"
        return Probe("clock", False, words, "set this machine's clock")
    return Probe("clock", True, "right")


def refusal(response: Answer, causes: Mapping[int, Cause] = REFUSALS) -> Outcome:
    """What an answer means that is not 2xx."""
    report = ProviderReport(raw=_description(response))
    cause = causes.get(response.status_code)
    # 5xx: it may have taken the fax before it stumbled
    return Failed(cause, report, _retry_after(response)) if cause else Unknown(report)


def unanswered(name: str, response: Answer) -> Unreachable:
    """A question that an account has answered with an error."""
    return Unreachable(f"{name}: HTTP {response.status_code}", _retry_after(response))


def _retry_after(response: Answer) -> timedelta | None:
    """How long the account wants no requests: Retry-After, at most urllib3's six hours."""
    value = (response.headers or {}).get("Retry-After")
    if value is None:
        return None
    try:
        return timedelta(seconds=Retry().parse_retry_after(value))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _description(response: Answer) -> str:
    """The status, and a provider's message where most of them put it."""
    status = f"HTTP {response.status_code}"
    try:
        body = json.loads(response.text)
        if isinstance(body, dict) and isinstance(body.get("errors"), list):
            body = body["errors"][0]
        message = joined(*(body.get(key) for key in ("message", "title", "detail")))
    except (ValueError, AttributeError, IndexError):
        return status
    return f"{status} {message[:200]}".strip()
