"""The web without a socket: a session's requests go to a test, which answers them."""

from __future__ import annotations

import io
import ssl
from collections.abc import Callable, Mapping
from http.client import RemoteDisconnected
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    SSLError,
)

from tests.support.fakes.web import Reply, Request

Answer = Reply | Exception | Callable[[Request], Reply]
_POOL = HTTPConnectionPool("127.0.0.1")


class Wire(BaseAdapter):
    """Gives the answers in turn, and the last one to each request after it."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.urls: list[str] = []
        self.options: list[Mapping[str, Any]] = []  # time limits, and what is trusted

    def on(self, *sessions: requests.Session) -> None:
        """These sessions' requests come here."""
        for session in sessions:
            session.mount("https://", self)
            session.mount("http://", self)

    def everywhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The requests of all sessions come here."""
        monkeypatch.setattr(requests.Session, "get_adapter", lambda *_, **__: self)

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        parts = urlsplit(request.url or "")
        body = request.body or b""
        asked = Request(
            request.method or "",
            parts.path,
            parse_qs(parts.query, keep_blank_values=True),
            {name.lower(): str(value) for name, value in request.headers.items()},
            body.encode() if isinstance(body, str) else bytes(body),
        )
        self.requests.append(asked)
        self.urls.append(request.url or "")
        self.options.append(options)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        reply = answer(asked) if callable(answer) else answer
        if isinstance(reply, Exception):
            raise reply
        if reply.cut:
            raise cut()
        headers = {"Content-Type": reply.kind, **dict(reply.headers)}
        raw = urllib3.HTTPResponse(
            io.BytesIO(reply.body), headers, reply.status, preload_content=False
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        pass


def cut() -> Exception:
    """The connection ended before an answer, as requests says it."""
    reason = RemoteDisconnected("Remote end closed connection without response")
    return requests.ConnectionError(ProtocolError("Connection aborted.", reason))


def too_late() -> Exception:
    """The request left, and no answer came in time."""
    return requests.ReadTimeout("Read timed out. (read timeout=60.0)")


def no_connection() -> Exception:
    """Nothing listens there."""
    refused = NewConnectionError(_POOL, "Connection refused")  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(_POOL, "/", refused))


def no_route() -> Exception:
    """No connection in time."""
    reason = ConnectTimeoutError("timed out. (connect timeout=10.0)")
    return requests.ConnectTimeout(MaxRetryError(_POOL, "/", reason))


def untrusted() -> Exception:
    """The server's certificate is from a strange authority."""
    refused = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
    return requests.exceptions.SSLError(MaxRetryError(_POOL, "/", SSLError(refused)))


def broken_tls() -> Exception:
    """TLS ended for another reason than the certificate: when, that does not tell."""
    broken = ssl.SSLEOFError(8, "EOF occurred in violation of protocol")
    return requests.exceptions.SSLError(MaxRetryError(_POOL, "/", SSLError(broken)))
