"""Advice on the domain that e-mails come from: what receiving servers look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .base import Probe

_SECONDS = 3.0  # for one question to the DNS
_HINT = "ask whoever keeps the domain's DNS; Gmail and others refuse or hide such e-mails"


def advice(address: str) -> Sequence[Probe]:
    """SPF (RFC 7208) and DMARC (RFC 7489) of an address' domain. Never more than advice: a
    domain that is well kept today may not be tomorrow, and the DNS may not be asked everywhere."""
    try:
        from checkdmarc.dmarc import check_dmarc
        from checkdmarc.spf import check_spf
    except ImportError:
        hint = "pip install 'faxappeal[dns]' looks at SPF and DMARC of the sender's domain"
        return [Probe("domain", None, "not looked at", hint)]
    from dns.exception import DNSException
    from dns.resolver import NXDOMAIN, get_default_resolver

    domain = address.rpartition("@")[2]
    resolver = get_default_resolver()
    resolver.lifetime = min(resolver.lifetime, _SECONDS)
    try:
        resolver.resolve(domain, "NS", raise_on_no_answer=False)
    except NXDOMAIN:
        return [Probe("domain", None, f"{domain} does not exist", _HINT)]
    except DNSException:
        return [Probe("domain", None, f"{domain} cannot be looked up: the DNS does not answer")]
    spf = check_spf(domain, resolver=resolver)
    dmarc = check_dmarc(domain, resolver=resolver)
    return [
        _check("SPF", domain, spf, "says which servers may send for it"),
        _check("DMARC", domain, dmarc, f"asks receivers to {_wish(dmarc)} what is forged"),
        Probe("DKIM", None, "seen only in an e-mail: send --to-me, and look for dkim=pass"),
    ]


def _check(name: str, domain: str, found: Mapping[str, Any], good: str) -> Probe:
    if found["valid"]:
        return Probe(name, True, f"{domain} {good}")
    wrong = "has one that cannot be read" if found.get("record") else "has none that is valid"
    return Probe(name, None, f"{domain} {wrong}", _HINT)


def _wish(dmarc: Mapping[str, Any]) -> str:
    policy = dmarc["tags"]["p"]["value"] if dmarc["valid"] else ""
    return {"reject": "refuse", "quarantine": "hide"}.get(policy, "report")
