"""Microsoft's sign-in by a device's code, on loopback: the person says yes, not yet, or no.

What it issues is put into `tokens`, by which a real mail server knows them.
"""

from __future__ import annotations

import base64
import json
import secrets
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme

from tests.support.fakes.web import Reply, Request, Web, as_json

CLIENT, TENANT = "11111111-2222-3333-4444-555555555555", "common"


class MicrosoftFake:
    """An authority; `answers` are what the person does at each question, the last for good."""

    def __init__(self, tokens: dict[str, str], ca_file: Path) -> None:
        self.tokens, self.ca_file = tokens, ca_file
        self.person = "sender@lab.test"
        self.answers = ["authorization_pending", "yes"]
        self.lasts = 3600  # seconds, an access token
        self.url = ""
        self.asked: list[str] = []  # grants
        self._refresh: set[str] = set()
        self._scope = ""

    def answer(self, request: Request) -> Reply:
        base = f"{self.url}/{TENANT}"
        if request.path.endswith("/.well-known/openid-configuration"):
            return as_json(
                {
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                }
            )
        form = request.form
        assert form["client_id"] == CLIENT
        if request.path.endswith("/devicecode"):
            self._scope = form["scope"]
            assert "https://outlook.office.com/SMTP.Send" in self._scope.split()
            return as_json(
                {
                    "device_code": "device-1",
                    "user_code": "B4C-D5E",
                    "verification_uri": "https://login.example.org/device",
                    "expires_in": 900,
                    "interval": 0,
                }
            )
        return self._token(form)

    def _token(self, form: dict[str, str]) -> Reply:
        grant = form["grant_type"].rpartition(":")[2]
        self.asked.append(grant)
        if grant == "refresh_token":
            if form["refresh_token"] not in self._refresh:
                return as_json({"error": "invalid_grant"}, 400)
            return as_json(self._issued())
        assert grant == "device_code" and form["device_code"] == "device-1"
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if said != "yes":
            words = "AADSTS70020: the person said no.\r\nTrace ID: 1"
            return as_json({"error": said, "error_description": words}, 400)
        return as_json(self._issued())

    def _issued(self) -> dict[str, Any]:
        access = f"eyJ.{secrets.token_hex(700)}"  # they are long
        refresh = f"0.{secrets.token_hex(500)}"
        self.tokens[access] = self.person
        self._refresh.add(refresh)
        claims = {
            "aud": CLIENT,
            "iss": f"{self.url}/{TENANT}/v2.0",
            "iat": int(time.time()),
            "exp": int(time.time()) + 3600,
            "preferred_username": self.person,
            "oid": "1",
            "tid": "2",
            "sub": "3",
        }
        return {
            "token_type": "Bearer",
            "scope": self._scope,
            "expires_in": self.lasts,
            "access_token": access,
            "refresh_token": refresh,
            "id_token": f"{_coded({'alg': 'none'})}.{_coded(claims)}.",
            "client_info": _coded({"uid": "1", "utid": "2"}),
        }

    @property
    def settings(self) -> str:
        return (
            f'[email.microsoft]\nclient_id = "{CLIENT}"\nauthority = "{self.url}"\n'
            f'ca_file = "{self.ca_file}"\n'
        )


def _coded(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


@contextmanager
def microsoft(folder: Path, tokens: dict[str, str]) -> Iterator[MicrosoftFake]:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    ca_file = folder / "microsoft-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    fake = MicrosoftFake(tokens, ca_file)
    with Web(fake.answer, tls) as web:
        fake.url = web.url
        yield fake
