"""Addresses of the web to which no key and no document goes."""

from __future__ import annotations

# U03 … U16 of the list of bad inputs: as an account's address, and as the published one
BAD_URLS = [
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://2130706433/",
    "https://127.1/",
    "https://127.0.0.1/",
    "https://0x7f000001/",
    "https://user:hunter2@example.org/",
    "https://api.sinch.com@evil.example/",
    "https://evil.example/api.sinch.com",
    "https://notsinch.com/",
    "http://fax.api.sinch.com/",
    "http://example.org/",
    "file:///etc/passwd",
    "https://100.64.0.1/",
    "https://[::1/",
    "https://example.org:port/",
    "",
]
