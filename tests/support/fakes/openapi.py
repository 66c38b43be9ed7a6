"""A provider's own description, where it is at hand: `FAXAPPEAL_SPECS` names a folder with
`sinch-fax.yaml`, `telnyx-fax.yaml` … Each request that we make, and each answer that our stand-in
gives, is held against it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.fakes.web import Reply, Request


class Description:
    """The OpenAPI description of a provider."""

    def __init__(self, path: Path, server: str) -> None:
        from openapi_core import Config, OpenAPI

        # the descriptions are the providers': not all of them are faultless OpenAPI
        self._api = OpenAPI.from_file_path(str(path), config=Config(spec_validator_cls=None))
        self._server = server

    def request(self, request: Request) -> Any:
        """AssertionError where the provider would not have understood it."""
        from openapi_core.validation.request.exceptions import SecurityValidationError

        asked = self._mock(request)
        problems = [
            problem
            for problem in self._api.iter_request_errors(asked)
            if not isinstance(problem, SecurityValidationError)  # the stand-in looks at the login
        ]
        assert not problems, f"{request.method} {request.path}: {_words(problems)}"
        return asked

    def response(self, asked: Any, reply: Reply) -> None:
        """AssertionError where our stand-in answers as the provider would not."""
        from openapi_core.testing import MockResponse

        answer = MockResponse(data=reply.body, status_code=reply.status, content_type=reply.kind)
        problems = list(self._api.iter_response_errors(asked, answer))
        assert not problems, f"HTTP {reply.status}: {_words(problems)}"

    def _mock(self, request: Request) -> Any:
        from openapi_core.testing import MockRequest

        return MockRequest(
            self._server,
            request.method.lower(),
            request.path,
            # its reader knows no objects within objects: filter[created_at][gte]
            args={name: value[0] for name, value in request.query.items() if name.count("[") < 2},
            headers={"Authorization": request.headers.get("authorization", "")},
            data=request.body or None,
            content_type=request.headers.get("content-type", ""),
        )


def _words(problems: list[Any]) -> str:
    found = []
    for problem in problems:
        cause = problem.__cause__ or problem
        inner = getattr(cause, "schema_errors", None) or [cause]
        found += [str(getattr(error, "message", error))[:200] for error in inner]
    return "; ".join(found)


@cache
def description(name: str, server: str) -> Description | None:
    """The description of a provider; None where none is at hand."""
    folder = os.environ.get("FAXAPPEAL_SPECS")
    file = name if "-" in name else f"{name}-fax"
    return Description(Path(folder) / f"{file}.yaml", server) if folder else None
