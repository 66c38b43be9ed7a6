"""Fax numbers and e-mail addresses: what may be dialled or written to, in one normal form.

"Valid" means only that a number fits the numbering plan. No library knows whose telephone rings.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING

from .text import invisible

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

# ASCII digits with the usual separators. Libraries would also take letters, ",,5", "ext 5", "/",
# and Arabic digits, each of which dials something else than what a reader sees.
_WRITTEN = re.compile(r"\+[1-9][0-9 ().\-]{4,24}\Z")
_NUMBER_HINT = 'write it internationally, from + and the country code: "+49 30 23125 012"'
_SIMULATOR = re.compile(r"\+999-9999-[0-9]{1,6}")


class AddressError(ValueError):
    """Why a number or an address cannot be used, and what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def fax_number(written: str, country: str | None = None) -> str:
    """E.164 (`+493023125012`) of a number as people write it; AddressError says what is wrong."""
    import phonenumbers as pn

    if odd := next((c for c in written if not c.isascii()), ""):
        named = unicodedata.name(odd, "a character").lower()
        raise AddressError(f"U+{ord(odd):04X} in it, {named}", "type the number, do not paste it")
    if not _WRITTEN.match(written):
        raise AddressError("not an international fax number", _suggestion(written, country))
    number = parse_number(written)
    if number is None:
        raise AddressError("not an international fax number", _NUMBER_HINT)
    e164 = str(pn.format_number(number, pn.PhoneNumberFormat.E164))
    kinds, kind = pn.PhoneNumberType, pn.number_type(number)
    message = hint = ""
    if not pn.is_valid_number(number):
        message, hint = f"{e164} does not exist in the numbering plan", "compare it digit by digit"
    elif e164[1:] != re.sub(r"\D", "", written):
        message = "the 0 in brackets is not dialled from abroad"
        hint = f'write "{pn.format_number(number, pn.PhoneNumberFormat.INTERNATIONAL)}"'
    elif kind == kinds.MOBILE:
        message, hint = f"{e164} is a mobile number: a person would answer", "ask for a fax line"
    elif kind not in (kinds.FIXED_LINE, kinds.FIXED_LINE_OR_MOBILE, kinds.VOIP, kinds.TOLL_FREE):
        message = f"{e164} is a premium, shared-cost or personal number"
        hint = "ask for an ordinary line"
    if message:
        raise AddressError(message, hint)
    return e164


def parse_number(text: str, country: str | None = None) -> PhoneNumber | None:
    """The number as libphonenumber understands it, if it does."""
    import phonenumbers as pn

    with suppress(pn.NumberParseException):
        return pn.parse(text, country)
    return None


def own_number(written: str) -> str:
    """The user's own number, for test letters.

    InterFAX' simulator (`+999-9999-263`: answers with status 263, help.uplandsoftware.com) is one,
    too: nobody has the country code 999, so that no telephone rings whatever account dials it.
    """
    if _SIMULATOR.fullmatch(written.strip()):
        return written.strip()
    return fax_number(written)


def _suggestion(written: str, country: str | None) -> str:
    """The same number written internationally, where it can only mean one thing."""
    import phonenumbers as pn

    text = re.sub(r"^\(?00(\d\d?\d?)\)?", r"+\1 ", written)
    if not text.isascii() or re.search(r"[^0-9 ().+\-]", text):
        return _NUMBER_HINT
    number = parse_number(text, country)
    if number is None or not pn.is_valid_number(number):
        return _NUMBER_HINT
    return f'write "{pn.format_number(number, pn.PhoneNumberFormat.INTERNATIONAL)}"'


def number_region(e164: str) -> str | None:
    """The country (ISO 3166-1 alpha-2) a number belongs to."""
    import phonenumbers as pn

    number = parse_number(e164)  # None for InterFAX' simulator
    return (pn.region_code_for_number(number) or None) if number else None


def too_many_digits(e164: str) -> int | None:
    """The usual number of digits in the number's country, where it has many more of them.

    libphonenumber knows an example of each country's; numbers of one country differ by some digits.
    """
    import phonenumbers as pn

    number = pn.parse(e164, None)
    region = pn.region_code_for_number(number)
    example = pn.example_number_for_type(region, pn.PhoneNumberType.FIXED_LINE) if region else None
    if example is None:
        return None
    usual = len(str(pn.national_significant_number(example)))
    return usual if len(str(pn.national_significant_number(number))) > usual + 3 else None


def email_address(written: str) -> str:
    """The address in ASCII (`a@xn--mnchen-3ya.de`), as SMTP wants it. AddressError where it is not
    valid."""
    from email_validator import EmailNotValidError, validate_email

    hint = "one plain address: office@example.org"
    if invisible(written):
        raise AddressError("an invisible character in the e-mail address", hint)
    # three things that email-validator takes and mail software trips over
    if "=?" in written or "%" in written or written.startswith("-"):
        raise AddressError("not a usable e-mail address", hint)
    try:
        address = validate_email(written, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        reason = str(error)[:1].lower() + str(error)[1:].rstrip(".")
        raise AddressError(f"not an e-mail address: {reason}", hint) from error
    if address.ascii_email is None:
        raise AddressError("the part before @ must be ASCII", hint)
    if label := next((name for name in address.domain.split(".") if is_mixed(name)), None):
        raise AddressError(
            f"{label} mixes letters of two alphabets that look alike", "type the domain yourself"
        )
    local, _, domain = address.ascii_email.rpartition("@")
    return f"{local}@{domain.lower()}"


def is_mixed(label: str) -> bool:
    """Whether a part of a domain has letters of two alphabets that are taken for each other (UTS
    39 calls it not "single script"); Japanese and Korean mix others."""
    words = {unicodedata.name(letter, "").split(" ")[0] for letter in label if letter.isalpha()}
    return len(words & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1
