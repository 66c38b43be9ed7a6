"""What the readers find before any rule is asked: the manual pages of that.

Each is an error but for `unquoted-value` and `comment-in-value`; an error cannot be silenced, for
nobody could say what would be sent.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.finding import Level

READING: Mapping[str, tuple[Level, str]] = {
    "yaml-syntax": (
        "error",
        """The file is not YAML, or uses what may hide something.

        Anchors, aliases, tags, a second document, more than 20 levels and more than 1 MB are
        refused: whoever reviews the file must see what it says.

        Bad:

            base: &office {country: CN}

        Good:

            country: CN
        """,
    ),
    "fill-in": (
        "error",
        """A place that `faxappeal init` marked is still to be filled in.

        Nothing is sent while one is left.

        Bad:

            name: "FILL IN: whom the letter is to"

        Good:

            name: Ministry of Justice
        """,
    ),
    "ignore": (
        "error",
        """A comment silences a warning without a reason, or silences nothing.

        The reason is for whoever reads the list next. A comment that silences nothing is a warning:
        it may hide the next one.

        Bad:

            fax: "+1 613 555 0100"  # faxappeal: ignore number-country

        Good:

            fax: "+1 613 555 0100"  # faxappeal: ignore number-country: their office in Ottawa
        """,
    ),
    "invisible-character": (
        "error",
        """A character that no editor shows, or that turns the text round.

        What the page says would not be what a reviewer saw. Delete it, and type the line anew.

        Bad:

            name: "Ministry of<U+200B> Justice"

        Good:

            name: Ministry of Justice
        """,
    ),
    "unquoted-value": (
        "warning",
        """Other YAML readers would not see this value as text.

        faxappeal reads every value as it stands; but a spreadsheet or a script that also reads the
        list may drop a + or take NO for false.

        Bad:

            country: NO
            fax: +493023125012

        Good:

            country: "NO"
            fax: "+49 30 23125 012"
        """,
    ),
    "comment-in-value": (
        "warning",
        """A # behind the value begins a comment, perhaps in the middle of a name.

        Bad:

            name: Ministry #2 of Justice

        Good:

            name: "Ministry #2 of Justice"
        """,
    ),
    "duplicate-key": (
        "error",
        """The same key stands twice in one place.

        Most readers would silently take the last one: perhaps the number that somebody meant to
        replace.

        Bad:

            fax: "+49 30 23125 012"
            fax: "+49 30 23125 013"

        Good:

            fax: "+49 30 23125 013"
        """,
    ),
    "unknown-key": (
        "error",
        """A key that faxappeal does not know.

        Mostly it is misspelt, and what it says would be missing. The hint names the nearest one.

        Bad:

            statsu: retired

        Good:

            status: retired
        """,
    ),
    "missing-key": (
        "error",
        """A key that every recipient, letter or sender needs is not there.

        Bad:

            - id: ministry-of-justice
              name: Ministry of Justice
              country: DE
              fax: "+49 30 23125 012"

        Good:

            - id: ministry-of-justice
              name: Ministry of Justice
              country: DE
              fax: "+49 30 23125 012"
              source: https://www.example.org/contact
        """,
    ),
    "bad-value": (
        "error",
        """A value is not in the form that its key wants.

        Bad:

            last_verified: 2026-02-30

        Good:

            last_verified: 2026-02-28
        """,
    ),
    "duplicate-id": (
        "error",
        """Two recipients have the same id.

        Ids name recipients on the command line and in the log.

        Bad:

            - id: ministry
              name: Ministry of Justice
            - id: ministry
              name: Ministry of Transport

        Good:

            - id: ministry-of-justice
              name: Ministry of Justice
            - id: ministry-of-transport
              name: Ministry of Transport
        """,
    ),
    "fax-number": (
        "error",
        """Not one international fax number, as it would be dialled.

        A number is written from + and the country code, alone: no extension, no second number, no 0
        in brackets. Mobile, premium and emergency numbers are refused: nobody has a fax there.

        Bad:

            fax: 030 23125 012
            fax: "+49 30 23125 012 / 013"

        Good:

            fax: "+49 30 23125 012"
        """,
    ),
    "email-address": (
        "error",
        """Not one plain e-mail address.

        Bad:

            email: Office <office@example.org>, press@example.org

        Good:

            email: office@example.org
        """,
    ),
    "letter-front-matter": (
        "error",
        """The letter has no front matter with a subject.

        Bad:

            Subject: The plight of asylum-seekers

            {{ to.salutation }},

        Good:

            ---
            subject: The plight of asylum-seekers
            ---
            {{ to.salutation }},
        """,
    ),
    "attachment": (
        "error",
        """A file that the letter names cannot go with it.

        Images and attachments lie in the campaign's folder, under a plain name.

        Bad:

            attachments: [../report.pdf]

        Good:

            attachments: [report.pdf]
        """,
    ),
    "letter-template": (
        "error",
        """The letter's template cannot be filled in for a recipient.

        Mostly a variable is misspelt, or empty for one recipient.

        Bad:

            Dear {{ to.salutaton }},

        Good:

            {{ to.salutation }},
        """,
    ),
    "letter-markdown": (
        "error",
        """The letter uses what no page, fax and e-mail can all show, such as HTML or code.

        Bad:

            Please <b>answer</b>.

        Good:

            Please **answer**.
        """,
    ),
    "letter-empty": (
        "error",
        """The letter has no words.

        Bad:

            ---
            subject: The plight of asylum-seekers
            ---

        Good:

            ---
            subject: The plight of asylum-seekers
            ---
            {{ to.salutation }},
        """,
    ),
    "toml-syntax": (
        "error",
        """faxappeal.toml is not TOML.

        Texts stand in quotes, and a table or a key stands once.

        Bad:

            name = Erika Mustermann

        Good:

            name = "Erika Mustermann"
        """,
    ),
    "senders-file": (
        "error",
        """senders.csv is no table that can be read, lacks a column, or can be read by others.

        The columns are `id`, `name`, `consent` and, if wanted, `place`; others are left alone. The
        separator may be a comma, a semicolon or a tab. It holds people's names: `chmod 600`.

        Bad:

            name,place
            Erika Mustermann,Berlin

        Good:

            id,name,place,consent
            s-0001,Erika Mustermann,Berlin,2026-11-20
        """,
    ),
    "sender": (
        "error",
        """Somebody in senders.csv has no name, or no id of their own.

        The id is what the program shows instead of the name. What cannot be typed or seen would be
        printed under the letter.

        Bad:

            id,name,place,consent
            erika@example.org,Erika Mustermann,Berlin,2026-11-20

        Good:

            id,name,place,consent
            s-0001,Erika Mustermann,Berlin,2026-11-20
        """,
    ),
    "consent": (
        "error",
        """Nobody has written down when somebody in senders.csv agreed.

        A name under a letter to a government is nothing to guess about.

        Bad:

            id,name,place,consent
            s-0001,Erika Mustermann,Berlin,

        Good:

            id,name,place,consent
            s-0001,Erika Mustermann,Berlin,2026-11-20
        """,
    ),
    "env-syntax": (
        "error",
        """A line of `.env` sets nothing.

        A secret that was meant to be there would be missing.

        Bad:

            FAXAPPEAL_FAX__ACCOUNT: telnyx

        Good:

            FAXAPPEAL_FAX__ACCOUNT=telnyx
        """,
    ),
    "secret-in-file": (
        "error",
        """A password, token or key stands in faxappeal.toml, which is shared.

        Delete it there, change it at the provider, for it may be in the history, and set it in the
        environment or in `.env`.

        Bad:

            [email.smtp]
            password = "…"

        Good:

            [email.smtp]
            username = "appeals@example.org"   # and FAXAPPEAL_EMAIL__SMTP__PASSWORD in .env
        """,
    ),
}
