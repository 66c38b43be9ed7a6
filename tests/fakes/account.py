"""What the stand-ins of fax accounts have in common: a memory, and endings by number.

None is idempotent: each accepted POST is another fax.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.web import Reply, Request

# kept with a fax, and not the provider's
_OURS = frozenset({"polls", "listed", "ending", "began", "ends", "fate", "media"})


@dataclass
class FaxAccountFake:
    """An account. `endings` maps the last digits of a number to how its fax ends."""

    endings: dict[str, dict[str, Any]] = field(default_factory=dict)
    faxes: list[dict[str, Any]] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    submissions: int = 0
    # what happens to a POST: called with the request, before or after the fax was made
    before: Callable[[Request], Reply | None] = lambda _request: None
    after: Callable[[Request], Reply | None] = lambda _request: None
    # called with each request, before anything else happens to it
    first: Callable[[Request], Reply | None] = lambda _request: None
    url: str = ""
    polls_under_way: int = 1  # how often a fax is under way before it ends

    def serve(self, request: Request) -> Reply:
        """The answer to a request."""
        return self.first(request) or self.answer(request)

    def answer(self, request: Request) -> Reply:
        """As the provider would."""
        raise NotImplementedError

    def accept(self, fax: dict[str, Any]) -> None:
        """Another fax."""
        self.faxes.append(fax | {"polls": 0})

    def ending(self, fax: dict[str, Any]) -> dict[str, Any] | None:
        """How a fax that is asked about ended; None while it is under way."""
        fax["polls"] += 1
        under_way = fax["polls"] <= self.polls_under_way
        if "ends" in fax:
            under_way = time.monotonic() < fax["ends"]
        if under_way:
            return None
        by_number = next((e for end, e in self.endings.items() if fax["to"].endswith(end)), {})
        return fax.get("ending") or by_number

    def listed(self) -> list[dict[str, Any]]:
        """Those that the account shows already."""
        return [fax for fax in self.faxes if fax.get("listed", 0) <= time.monotonic()]


def shown(fax: dict[str, Any], *hidden: str) -> dict[str, Any]:
    """A fax as the provider shows it."""
    return {name: value for name, value in fax.items() if name not in _OURS and name not in hidden}
