"""Every process makes the same bytes of a letter."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.campaigns import ROOT


def test_the_same_letter_at_the_same_time_is_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.support.appeal import fingerprint\n"
        "print(fingerprint())\n"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={
                "PYTHONHASHSEED": seed,
                "TZ": zone,
                "PATH": "/usr/bin",
                "PYTHONPATH": os.environ["PYTHONPATH"],
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(prints) == 1
