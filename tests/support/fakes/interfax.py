"""InterFAX' REST API, as its pages describe it, with a memory. Each accepted POST is another fax."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.fakes.account import FaxAccountFake, shown
from tests.support.fakes.web import Reply, Request, Web, as_json

USER, PASSWORD = "user-1", "interfax-secret-1"
_VALUES: dict[str, tuple[str, ...] | None] = {
    "faxNumber": None,
    "contact": None,
    "postponeTime": None,
    "retriesToPerform": tuple(str(n) for n in range(10)),
    "csid": None,
    "pageHeader": None,
    "reference": None,
    "replyAddress": None,
    "pageSize": ("a4", "letter", "legal", "b4"),
    "fitToPage": ("scale", "noscale"),
    "pageOrientation": ("portrait", "landscape"),
    "resolution": ("fine", "standard"),
    "rendering": ("grayscale", "bw"),
}


@dataclass
class InterfaxFake(FaxAccountFake):
    """The account."""

    described = ("interfax", "https://rest.interfax.net")

    balance: float = 12.5

    def reference(self, fax: dict[str, Any]) -> str:
        return str(fax["reference"])

    def answer(self, request: Request) -> Reply:
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return Reply(401)
        if request.path == "/outbound/faxes" and request.method == "POST":
            return self._send(request)
        if request.path == "/outbound/search" and request.method == "GET":
            wanted = (request.query.get("reference") or [""])[0]
            return as_json(
                [self._shown(fax) for fax in self.listed() if fax["reference"] == wanted]
            )
        if request.path.startswith("/outbound/faxes/") and request.method == "GET":
            return self._get(request.path.removeprefix("/outbound/faxes/"))
        if request.path == "/accounts/self/ppcards/balance" and request.method == "GET":
            return as_json(self.balance)
        return _error(404, "no such thing")

    def _send(self, request: Request) -> Reply:
        self.submissions += 1
        if reply := self.before(request):
            return reply
        query = {name: values[0] for name, values in request.query.items()}
        if "faxNumber" not in query or request.headers.get("content-type") != "application/pdf":
            return _error(400, "faxNumber and a document are needed")
        for name, value in query.items():
            allowed = _VALUES.get(name, ())
            if allowed is not None and value not in allowed:
                return _error(400, f"{name}={value}")
        self.documents.append(request.body)
        fax = {
            "id": 854_000_000 + len(self.faxes),
            "status": -2,
            "to": query["faxNumber"],
            "destinationFax": query["faxNumber"],
            "reference": query.get("reference", ""),
            "pagesSubmitted": 1,
            "pagesSent": 0,
            "duration": 0,
            "attemptsToPerform": int(query.get("retriesToPerform", "3")) + 1,
        }
        self.accept(fax)
        location = f"{self.url}/outbound/faxes/{fax['id']}"
        return self.after(request) or Reply(201, headers=(("Location", location),))

    def _get(self, id: str) -> Reply:
        fax = next((fax for fax in self.faxes if str(fax["id"]) == id), None)
        if fax is None:
            return _error(404, "no such fax")
        return as_json(self._shown(fax))

    def _shown(self, fax: dict[str, Any]) -> dict[str, Any]:
        ending = self.ending(fax)
        if ending is None:
            fax["status"] = -3
        else:
            fax.update(DELIVERED | ending)
        return shown(fax, "to", "reference")


def _error(status: int, message: str) -> Reply:
    return as_json({"code": -status, "message": message, "moreInfo": ""}, status)


DELIVERED = {
    "status": 0,
    "pagesSent": 1,
    "duration": 30,
    "remoteCSID": "+49 30 23125 012",
    "units": 1,
    "costPerUnit": 0.11,
}
FATES: dict[str, dict[str, Any]] = {
    "busy": {"status": 263, "pagesSent": 0, "duration": 0},
    "no answer": {"status": 12, "pagesSent": 0, "duration": 0},
    "not allowed": {"status": 205000, "pagesSent": 0, "duration": 0},
    "after a page": {"status": 1, "pagesSent": 1, "duration": 60},
    "no reason": {"status": 2, "pagesSent": 0, "duration": 20},
}


# where it says something in other words than the other accounts: state, cause, exit code
SAID = {"no answer": ("waiting", "line", 3)}


@contextmanager
def interfax(**options: Any) -> Iterator[InterfaxFake]:
    """A running fake."""
    fake = InterfaxFake(**options)
    with Web(fake.serve, fake.tls) as web:
        fake.url = web.url
        yield fake
    fake.verify()


def start(folder: Path, **options: Any) -> AbstractContextManager[InterfaxFake]:
    """As each stand-in of a fax account is started; `folder` is its own."""
    return interfax(**options)


def settings(fake: InterfaxFake) -> str:
    """The tables of faxappeal.toml for this account."""
    return (
        f'\n[fax]\naccount = "interfax"\n[fax.interfax]\nusername = "{USER}"\nurl = "{fake.url}"\n'
    )


ENVIRONMENT = {"FAXAPPEAL_FAX__INTERFAX__PASSWORD": PASSWORD}
