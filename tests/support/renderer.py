"""The template process without a process: for tests that are about something else.

That both give the same is tested in tests/integration/template.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from io import BytesIO
from typing import Any

from faxappeal.campaign.letter import Context, LetterSource
from faxappeal.campaign.template import serve
from faxappeal.campaign.template_process import TemplateProcess


class InProcess(TemplateProcess):
    """Fills in templates right here, by the same lines of JSON that the process gets."""

    def start(self) -> None:
        pass

    def _ask(self, source: LetterSource, context: Context | None) -> dict[str, Any]:
        request = json.dumps({"source": asdict(source), "context": context}).encode() + b"\n"
        answers = BytesIO()
        serve(BytesIO(request), answers)
        answer: dict[str, Any] = json.loads(answers.getvalue())
        return answer
