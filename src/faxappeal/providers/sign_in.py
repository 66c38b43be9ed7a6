"""How one signs in to a mail account: with a password, or with a token of OAuth 2."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Login:
    """A name with its secret, which no error or log shows."""

    user: str
    secret: str = field(repr=False)
    is_token: bool = False  # a bearer token, for XOAUTH2
