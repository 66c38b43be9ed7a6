"""What the stand-ins of fax accounts have in common: a memory, and endings by number.

None is idempotent: each accepted POST is another fax.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.support.fakes.openapi import description
from tests.support.fakes.web import Reply, Request

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
    tls: ssl.SSLContext | None = None
    # its own description: the file's name, and the server that it names
    described: ClassVar[tuple[str, str]]
    undescribed: ClassVar[tuple[str, ...]] = ()  # the beginnings of paths that it leaves out
    problems: list[str] = field(default_factory=list)  # what that does not allow
    polls_under_way: int = 1  # how often a fax is under way before it ends
    lists_after: float = 0.0  # seconds until a fax is shown in lists
    now: Callable[[], float] = time.monotonic
    supports_lookup: ClassVar[bool] = True  # whether it can be asked by our reference
    counts_pages: ClassVar[bool] = True  # whether it tells how many arrived

    def serve(self, request: Request) -> Reply:
        """The answer to a request."""
        if reply := self.first(request):
            return reply
        try:
            return self._described(request)
        except Exception as problem:  # also a mistake of the description's reader
            self.problems.append(f"{type(problem).__name__}: {problem}")
            raise

    def _described(self, request: Request) -> Reply:
        """The answer, held against the provider's own description where that is at hand."""
        known = description(*self.described)
        is_form = request.headers.get("content-type", "").startswith("multipart/")
        is_left_out = request.path.startswith(self.undescribed) if self.undescribed else False
        if (
            known is None or is_form or is_left_out
        ):  # an upload's parts are looked at by the stand-in
            return self.answer(request)
        asked = known.request(request)
        reply = self.answer(request)
        if self._is_as_described and reply.status < 400:
            known.response(asked, reply)
        return reply

    @property
    def _is_as_described(self) -> bool:
        """Whether no test makes it answer as the provider never would."""
        undisturbed = self.before is FaxAccountFake.before and self.after is FaxAccountFake.after
        odd = any("rest" in str(end.get("status")).lower() for end in self.endings.values())
        return undisturbed and not odd

    def verify(self) -> None:
        """At the end of a test: nothing was asked that the provider does not know."""
        assert not self.problems, self.problems

    def answer(self, request: Request) -> Reply:
        """As the provider would."""
        raise NotImplementedError

    def kept(self) -> int:
        """How many documents still lie there."""
        return 0

    def reference(self, fax: dict[str, Any]) -> str:
        """Our reference, as it was given with a fax."""
        raise NotImplementedError

    def accept(self, fax: dict[str, Any]) -> None:
        """Another fax."""
        self.faxes.append(fax | {"polls": 0, "listed": self.now() + self.lists_after})

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
        return [fax for fax in self.faxes if fax["listed"] <= self.now()]


def shown(fax: dict[str, Any], *hidden: str) -> dict[str, Any]:
    """A fax as the provider shows it."""
    return {name: value for name, value in fax.items() if name not in _OURS and name not in hidden}
