"""Fetch and unpack the test servers, so that the tests themselves need no network.

Where one cannot be had, its tests are skipped by name; in CI that is a failure.
"""

from __future__ import annotations

import os
import sys
from functools import partial

from benchmarks import email
from tests.support.servers import chromium, dns, hylafax, mail, postfix, postgres
from tests.support.servers.debian import ServerMissing, unpack


def main() -> int:
    missing = 0
    for name, fetch in (
        ("HylaFAX", partial(unpack, *hylafax.PACKAGES)),
        ("Exim and Dovecot", partial(unpack, *mail.PACKAGES)),
        ("Postfix and Dovecot", partial(unpack, *postfix.PACKAGES)),
        ("NSD", partial(unpack, *dns.PACKAGES)),
        ("PostgreSQL", partial(unpack, *postgres.PACKAGES)),
        ("smtp-sink", partial(unpack, *email.PACKAGES)),
        ("Chromium", chromium.fetch),
    ):
        try:
            fetch()
        except ServerMissing as error:
            missing += 1
            print(f"{name} cannot be had here: {error}", file=sys.stderr)
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
