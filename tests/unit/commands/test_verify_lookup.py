"""What kind of line a recipient's number is, if a person lets Twilio have it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from faxappeal.commands.verify_lookup import DISCLOSED, LookupResult, fax_of, lookup
from faxappeal.core.errors import ExitCode, SetupError, UsageError
from faxappeal.core.json import to_data
from faxappeal.providers.base import Unreachable
from faxappeal.providers.twilio import LineType
from tests.support.commands import HYLAFAX, Surroundings
from tests.support.twilio_in_memory import TABLE, MemoryTwilio

LOOKUP = "faxappeal.commands.verify_lookup"


@dataclass
class Person:
    """Says yes or no, and remembers what was said."""

    says: bool = True
    heard: list[str] = field(default_factory=list)

    def __call__(self, words: str) -> bool:
        self.heard.append(words)
        return self.says


@pytest.fixture
def twilio(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> MemoryTwilio:
    around.write("one +12025550101", "mail office@example.org", settings=HYLAFAX + TABLE)
    account = MemoryTwilio()
    account.use(monkeypatch, LOOKUP)
    return account


def looked_up(around: Surroundings, id: str = "one", person: Person | None = None) -> LookupResult:
    result = lookup(around.environment, id, person or Person())
    assert result and result.exit_code is ExitCode.OK
    data: LookupResult = result.data
    return data


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param(
            LineType(True, "landline", "Example", "valid landline Example"),
            {"valid": True, "line_type": "landline", "carrier": "Example", "doubt": None},
            id="a landline",
        ),
        pytest.param(
            LineType(True, "mobile", "", "valid mobile"),
            {
                "valid": True,
                "line_type": "mobile",
                "carrier": None,
                "doubt": "a mobile number: a person would answer",
            },
            id="a mobile",
        ),
        pytest.param(
            LineType(False, "unknown", "", "not valid TOO_LONG"),
            {
                "valid": False,
                "line_type": "unknown",
                "carrier": None,
                "doubt": "no number of its country's plan",
            },
            id="no number",
        ),
    ],
)
def test_what_kind_of_line_it_is(
    around: Surroundings, twilio: MemoryTwilio, line: LineType, said: dict[str, object]
) -> None:
    twilio.line = line
    data = to_data(looked_up(around))
    assert data == {"recipient": "one", "address": "+12025550101"} | said
    with around.ledger() as ledger:
        event = ledger.queries.events("test")[-1]
    assert (event.event, event.account, event.raw) == ("lookup", "twilio", line.raw)
    assert not twilio.calls and not twilio.is_open


def test_it_proves_nothing(around: Surroundings, twilio: MemoryTwilio) -> None:
    before = (around.folder / "recipients.yaml").read_bytes()
    looked_up(around)
    assert (around.folder / "recipients.yaml").read_bytes() == before


def test_a_person_who_does_not_agree_gives_no_number_away(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    person = Person(says=False)
    assert lookup(around.environment, "one", person) is None
    assert person.heard == [DISCLOSED] and not twilio.asked
    assert around.events() == [] and not twilio.is_open


def test_a_person_agrees_only_once(around: Surroundings, twilio: MemoryTwilio) -> None:
    person = Person()
    for _ in range(3):
        looked_up(around, person=person)
    assert len(person.heard) == 1 and twilio.asked == ["+12025550101"] * 3


@pytest.mark.parametrize(
    ("trouble", "said", "hint"),
    [
        (Unreachable("Twilio: Timeout"), "Twilio: Timeout", "nothing is known of the number"),
        (SetupError("refused", "a new token"), "refused", "a new token"),
    ],
)
def test_where_nothing_is_known_nothing_is_written(
    around: Surroundings, twilio: MemoryTwilio, trouble: Exception, said: str, hint: str
) -> None:
    twilio.line = trouble
    with pytest.raises(SetupError, match=said) as caught:
        looked_up(around)
    assert hint in caught.value.hint
    assert around.events() == [] and not twilio.is_open


@pytest.mark.parametrize(
    ("id", "said"), [("mail", "mail has no fax"), ("onne", "no recipient onne")]
)
def test_only_the_fax_of_a_recipient_is_looked_up(
    around: Surroundings, twilio: MemoryTwilio, id: str, said: str
) -> None:
    person = Person()
    with pytest.raises(UsageError, match=said):
        looked_up(around, id, person)
    assert not person.heard and not twilio.asked


def test_without_an_account_it_says_what_to_write(around: Surroundings) -> None:
    with pytest.raises(SetupError) as caught:
        looked_up(around)
    assert "[twilio]" in caught.value.hint


def test_a_recipients_fax_is_found_though_it_is_held(
    around: Surroundings, twilio: MemoryTwilio
) -> None:
    around.change("recipients.yaml", "status: active", "status: unverified")
    with around.context() as context:
        assert fax_of(context, "one").address == "+12025550101"
    assert looked_up(around).recipient == "one"
