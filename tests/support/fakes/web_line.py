"""A provider's API without a socket: each request of the process is answered at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.support.fakes.web import Reply, Request


def answer_all(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Request], Reply]) -> None:
    """From now on `answer` is the web of the test; an exception of it is trouble on the way."""

    def sent(_: HTTPAdapter, request: requests.PreparedRequest, **__: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        body = request.body or b""
        reply = answer(
            Request(
                str(request.method),
                parts.path,
                parse_qs(parts.query, keep_blank_values=True),
                {name.lower(): value for name, value in request.headers.items()},
                body.encode() if isinstance(body, str) else body,
            )
        )
        if reply.cut:
            raise requests.ConnectionError("the connection ended")
        response = requests.Response()
        response.status_code, response._content = reply.status, reply.body
        response.headers.update({"Content-Type": reply.kind, **dict(reply.headers)})
        response.url, response.request = str(request.url), request
        return response

    monkeypatch.setattr(HTTPAdapter, "send", sent)
