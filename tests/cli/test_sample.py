"""The sample campaign: the appeal of 2003, with its text and spellings, and nobody disturbed."""

from __future__ import annotations

import hashlib
import re
import socket

import pytest

from faxappeal.campaign import recipients
from tests.support import boundaries
from tests.support.campaigns import ROOT

# of the appeal as it was written in 2003, from the salutation to the closing, white space folded
TEXT_OF_2003 = "cf3cb153c6278b3da82bfb00f70f08215e9b5b354404c23e37a40e5290df83dd"


def test_no_contact_of_2003_is_ever_active() -> None:
    recipient_list = recipients.read((ROOT / "recipients.yaml").read_text(encoding="utf-8"))
    assert not recipient_list.findings
    statuses = [contact.status for recipient in recipient_list for contact in recipient.contacts]
    assert statuses == ["unverified"] * 4
    assert {contact.source for recipient in recipient_list for contact in recipient.contacts} == {
        "Appeal of 2003"
    }


def test_the_letter_keeps_the_words_of_2003() -> None:
    letter = (ROOT / "letter.j2").read_text(encoding="utf-8")
    body = letter.split("---\n", 2)[2].partition("{{ sender.name }}")[0]
    body = body.replace("{{ to.salutation }}", "Your Excellency").replace("## ", "")
    folded = re.sub(r"\s+", " ", body).strip()
    assert hashlib.sha256(folded.encode()).hexdigest() == TEXT_OF_2003
    for spelling in ("in the People's Republic China.", "'trespassers'", "without authorization"):
        assert spelling in letter


def test_examples_use_reserved_numbers_and_domains_only() -> None:
    """Of all files, only the sample's 2003 contacts are somebody's."""
    allowed = re.compile(
        r"\+1[ (.-]*202[ ).-]*555[ .-]*01\d\d|\+49[ -]*30[ -]*23125[ -]*0\d\d"
        r"|\+86 10 6529 2345|\+86 10 6520 6722|\+49 30 2758 8221"
    )
    number = re.compile(r"\+\d{1,3}[ (][\d ().-]{6,}\d")
    for name in ("README.md", "faxappeal.toml", "recipients.yaml", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for match in number.finditer(text):
            assert allowed.match(match[0]), f"{name}: {match[0]}"
        for domain in re.findall(r"[\w.+-]+@([\w.-]+\w)", text):
            assert domain in ("debitel.net", "example.org"), f"{name}: {domain}"


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_no_test_can_reach_another_machine(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as connection, pytest.raises(boundaries.LeftLoopback):
        connection.connect((host, 80))


def test_no_test_can_look_up_a_name() -> None:
    with pytest.raises(boundaries.LeftLoopback):
        socket.getaddrinfo("www.example.org", 80)
