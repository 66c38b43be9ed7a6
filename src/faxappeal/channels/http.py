"""HTTP as every account needs it: time limits, no redirects, nothing submitted twice."""

from __future__ import annotations

import logging
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError
from urllib3.util.retry import Retry

TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two bytes of the answer


# they log addresses with account ids and numbers, wherever a program turns their loggers on
for name in ("urllib3", "twilio.http_client"):
    logging.getLogger(name).setLevel(logging.WARNING)


class NotSent(Exception):
    """The connection could not be made: nothing has left."""


def session(login: tuple[str, str]) -> requests.Session:
    """A session that repeats nothing by itself and takes no login from a `.netrc`."""
    made = requests.Session()
    made.auth = login
    adapter = HTTPAdapter(max_retries=Retry(total=0, read=False))
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def submit(made: requests.Session, method: str, url: str, **body: Any) -> requests.Response:
    """One request, one time. NotSent where no connection came about; any other error is open."""
    try:
        return made.request(method, url, timeout=TIMEOUT, allow_redirects=False, **body)
    except requests.ConnectionError as error:
        if not_sent(error):
            raise NotSent(f"no connection to {url.split('/')[2]}") from error
        raise


def not_sent(error: requests.ConnectionError) -> bool:
    """Whether the connection failed before a byte of the request left."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)
