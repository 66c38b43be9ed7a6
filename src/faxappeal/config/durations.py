"""Lengths of time, as settings and options write them."""

from __future__ import annotations

import re
from datetime import timedelta


def parse_duration(text: str) -> timedelta:
    """`90s`, `5m`, `2h` or `7d`; ValueError else."""
    match = re.fullmatch(r"([0-9]{1,6})\s*([smhd])", text.strip())
    if not match:
        raise ValueError("a duration is written as 5m, 2h or 7d")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return timedelta(**{unit: int(match[1])})
