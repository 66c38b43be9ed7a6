"""Signing in to Outlook.com and Exchange Online, which end passwords: OAuth 2 by a device's code.

The sign-in is kept in the system's keyring and renews itself; the mail server gets a token that
lasts an hour. What Microsoft calls the public client is the user's own registration: a client of
ours would see whom all of its users write to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..config import secrets
from ..core.errors import SetupError
from ..core.text import clean

if TYPE_CHECKING:
    from msal import PublicClientApplication, SerializableTokenCache

    from ..config.sections import MicrosoftSignIn

SCOPES = (
    "https://outlook.office.com/SMTP.Send",
    "https://outlook.office.com/IMAP.AccessAsUser.All",
)
_KEYRING_NAME = "email.microsoft"  # of the sign-in


def token(table: MicrosoftSignIn, user: str) -> str:
    """A bearer token for the user's mail account; SetupError if the user is not signed in."""
    with _Client(table) as client:
        for account in client.app.get_accounts(username=user):
            found = client.ask(client.app.acquire_token_silent, list(SCOPES), account=account)
            if found and "access_token" in found:
                return str(found["access_token"])
            break
    raise SetupError(f"{user} is not signed in at Microsoft", "faxappeal accounts --sign-in")


def sign_in(table: MicrosoftSignIn, user: str, show: Callable[[str, str], None]) -> None:
    """Wait until the user has signed in elsewhere; `show` is called with the address to open and
    the code to type there."""
    with _Client(table) as client:
        client.keep()  # before the user types a code: can a sign-in be stored at all?
        flow = client.ask(client.app.initiate_device_flow, scopes=list(SCOPES))
        if "user_code" not in flow:
            raise _refused(flow)
        show(clean(str(flow["verification_uri"])), clean(str(flow["user_code"])))
        found = client.ask(client.app.acquire_token_by_device_flow, flow)
        if "access_token" not in found:
            raise _refused(found)
        signed = str((found.get("id_token_claims") or {}).get("preferred_username") or user)
        if signed.lower() != user.lower():
            client.cache.has_state_changed = False  # the keyring keeps what it had
            raise SetupError(
                f"you signed in as {clean(signed)}, but email.smtp.username is {user}",
                "sign in again as the other, or change username",
            )


class _Client:
    """Microsoft's library with the stored sign-in, which is stored again if it has changed."""

    def __init__(self, table: MicrosoftSignIn) -> None:
        self.table = table

    def __enter__(self) -> _Client:
        try:
            import msal
        except ImportError as error:
            hint = "pip install 'faxappeal[microsoft]'"
            raise SetupError("signing in at Microsoft needs a library", hint) from error
        from .http import session

        self.cache: SerializableTokenCache = msal.SerializableTokenCache()
        if text := secrets.load(_KEYRING_NAME):
            self.cache.deserialize(text)
        self.app: PublicClientApplication = self.ask(
            msal.PublicClientApplication,
            self.table.client_id,
            authority=f"{self.table.authority}/{self.table.tenant}",
            token_cache=self.cache,
            instance_discovery=False,  # the authority is one of ours: see MicrosoftSignIn
            http_client=session(None, self.table.ca_file),
        )
        return self

    def __exit__(self, *error: object) -> None:
        if self.cache.has_state_changed:
            self.keep()

    def keep(self) -> None:
        """Put the sign-in into the keyring; SetupError if it is missing."""
        secrets.store(_KEYRING_NAME, self.cache.serialize())

    def ask(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Call the library; SetupError where Microsoft cannot be reached."""
        import requests

        try:
            return call(*arguments, **options)
        except requests.RequestException as error:
            words = f"Microsoft cannot be reached: {type(error).__name__}"
            raise SetupError(words, "try again later") from error
        except ValueError as error:
            words = f"Microsoft does not know {self.table.tenant}"
            raise SetupError(words, "look at [email.microsoft]") from error


def _refused(answer: Any) -> SetupError:
    """Microsoft's first sentence is for people, the rest for itself."""
    words = str(answer.get("error_description") or answer.get("error") or "no reason given")
    return SetupError(
        f"Microsoft refused the sign-in: {clean(words.splitlines()[0])[:200]}",
        "look at [email.microsoft]; a device's code may be forbidden by your organisation",
    )
