"""Fetch and unpack the test servers, so that the tests themselves need no network.

Where one cannot be had, its tests are skipped by name; in CI that is a failure.
"""

from __future__ import annotations

import os
import sys

from benchmarks import email
from tests.servers import hylafax, mail, names, postfix
from tests.servers.debian import ServerMissing, unpack


def main() -> int:
    missing = 0
    for name, packages in (
        ("HylaFAX", hylafax.PACKAGES),
        ("Exim and Dovecot", mail.PACKAGES),
        ("Postfix and Dovecot", postfix.PACKAGES),
        ("NSD", names.PACKAGES),
        ("smtp-sink", email.PACKAGES),
    ):
        try:
            unpack(*packages)
        except ServerMissing as error:
            missing += 1
            print(f"{name} cannot be had here: {error}", file=sys.stderr)
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
