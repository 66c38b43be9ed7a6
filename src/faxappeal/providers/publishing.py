"""A place that the web shows, for accounts that take no file and fetch the document themselves.

Three ways lead there: a folder of this machine, a WebDAV folder (Nextcloud), the user's command.
"""

from __future__ import annotations

import secrets
import shlex
import socket
import subprocess
import tempfile
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import requests

from ..config.fields import is_loopback
from ..config.secrets import secret
from ..core.errors import SetupError
from ..core.text import clean
from .base import Probe, Unreachable
from .http import TIMEOUT, TRUST, UNTRUSTED, is_good, is_untrusted, request, session

if TYPE_CHECKING:
    from ..config.sections import Publish, WebdavFolder

_COMMAND_TIMEOUT = 120  # seconds
# a page of nothing, to see whether the web shows what we publish
_BLANK = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Folder:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, name: str, pdf: bytes) -> None:
        try:
            (self.path / name).write_bytes(pdf)
        except OSError as error:
            words = f"the published folder cannot be written: {error.strerror}"
            raise SetupError(words, "look at publish.folder in faxappeal.toml") from error

    def remove(self, name: str) -> None:
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise Unreachable(f"the published document: {error.strerror}") from error


class Webdav:
    """A folder of a Nextcloud or another WebDAV server (RFC 4918)."""

    def __init__(self, folder: WebdavFolder) -> None:
        login = (folder.username, secret(folder, "password", "publish", "webdav"))
        self.url, self.session = folder.url, session(login, folder.ca_file)

    def put(self, name: str, pdf: bytes) -> None:
        response = self._ask("PUT", name, data=pdf, headers={"Content-Type": "application/pdf"})
        status = response.status_code
        if is_good(response):
            return
        if status in (401, 403):
            raise SetupError(
                f"the WebDAV server refuses the login or the folder (HTTP {status})",
                "make an app password there, and look at [publish.webdav]",
            )
        if status in (404, 405, 409) or 300 <= status < 400:
            raise SetupError(
                f"the WebDAV server has no such folder (HTTP {status})",
                "make the folder there, and look at publish.webdav.url",
            )
        if status == 507:
            raise SetupError("the WebDAV server has no space left (HTTP 507)", "make some there")
        raise Unreachable(f"the WebDAV server: HTTP {status}")

    def remove(self, name: str) -> None:
        response = self._ask("DELETE", name)
        if not is_good(response) and response.status_code != 404:
            raise Unreachable(f"the published document: HTTP {response.status_code}")

    def _ask(self, method: str, name: str, **options: Any) -> requests.Response:
        try:
            return request(self.session, method, f"{self.url}/{quote(name)}", **options)
        except requests.RequestException as error:
            if is_untrusted(error):
                raise SetupError(f"WebDAV: {UNTRUSTED}", TRUST) from error
            raise Unreachable(f"the WebDAV server: {type(error).__name__}") from error


class Command:
    """A user's own commands: `{name}` is the document's name, `{file}` a file that holds it."""

    def __init__(self, put: str, remove: str) -> None:
        self._put, self._remove = put, remove

    def put(self, name: str, pdf: bytes) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="faxappeal-") as folder:
                file = Path(folder) / name
                file.write_bytes(pdf)
                done = _run(self._put, name, file)
        except OSError as error:
            words = f"no file for publish.command could be written: {error.strerror}"
            raise SetupError(words, "make room in the folder for temporary files") from error
        if not done:
            raise SetupError("publish.command failed", "run it by hand and read what it says")

    def remove(self, name: str) -> None:
        if not _run(self._remove, name):
            raise Unreachable("the published document: publish.remove_command failed")


def _run(command: str, name: str, file: Path | None = None) -> bool:
    """Run a command of the settings, without a shell."""
    try:
        words = [
            word.replace("{name}", name).replace("{file}", str(file or ""))
            for word in shlex.split(command)
        ]
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_TIMEOUT
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


# Where a document is put. `put` and `remove` raise SetupError if the settings are wrong, and
# Unreachable if it may work later. To remove a document that is gone already is not an error.
Storage = Folder | Webdav | Command


class Publication:
    """Documents in a place that the web shows at `media_url`."""

    def __init__(self, storage: Storage, media_url: str) -> None:
        self.storage, self.media_url = storage, media_url

    def put(self, reference: str, pdf: bytes) -> str:
        """Publish under a name that cannot be guessed, see that it is there; its address."""
        name = f"{reference}.pdf"
        self.storage.put(name, pdf)
        address = f"{self.media_url}/{quote(name)}"
        if "{name}" in self.media_url:
            address = self.media_url.replace("{name}", quote(name))
        try:
            _fetch_back(address, pdf)
        except (SetupError, Unreachable):
            with suppress(SetupError, Unreachable):  # the first error is the one to report
                self.storage.remove(name)
            raise
        return address

    def remove(self, reference: str) -> None:
        """Take it away; Unreachable where it may still be there."""
        self.storage.remove(f"{reference}.pdf")

    def check(self) -> Probe:
        """Whether the web shows what we publish, by a page of nothing."""
        name = f"check-{secrets.token_hex(16)}"
        try:
            self.put(name, _BLANK)
            self.remove(name)
        except SetupError as error:
            return Probe("published folder", False, error.message, error.hint)
        except Unreachable as error:
            return Probe("published folder", False, str(error), "try again later; see [publish]")
        return Probe("published folder", True, "the web shows what lies there")


def publication(publish: Publish) -> Publication:
    """The place of [publish]; SetupError says what is missing."""
    if publish.folder is not None:
        return Publication(Folder(publish.folder), publish.media_url)
    if publish.webdav is not None:
        return Publication(Webdav(publish.webdav), publish.media_url)
    assert publish.command and publish.remove_command  # see Publish
    return Publication(Command(publish.command, publish.remove_command), publish.media_url)


def _fetch_back(address: str, pdf: bytes) -> None:
    """The account follows no redirect and takes only PDF; and it must be this PDF."""
    _require_public(address)
    try:
        response = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        hint = "open publish.media_url in a browser"
        raise SetupError("the published document cannot be fetched", hint) from error
    kind = response.headers.get("content-type", "").split(";")[0]
    if response.status_code != 200 or kind != "application/pdf" or response.content != pdf:
        raise SetupError(
            f"the published document does not come back as it is (HTTP {response.status_code},"
            f" {clean(kind) or 'no type'})",
            "publish.media_url must show the published files as they are",
        )


def _require_public(address: str) -> None:
    """An account cannot fetch from inside this network; nor do we, whatever a name leads to."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if is_loopback(host) or requests.utils.get_environ_proxies(address):
        return  # a test server; or a proxy, which has the names
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"publish.media_url: {host} is not found") from error
    for *_, socket_address in found:
        ip = ip_address(socket_address[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip  # ::ffff:10.0.0.1
        if not ip.is_global:
            raise SetupError(
                f"publish.media_url leads into a private network ({ip})",
                "the account fetches the document from outside: name a host that it can reach",
            )
