"""A T.30 frame as sound: HDLC (T.30 5.3.3) in V.21 channel 2, as the answering end sends it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

_BIT_RATE, _MARK, _SPACE = 300, 1650.0, 1850.0  # V.21, the high channel
_LEVEL = 8000
_FLAG = (0, 1, 1, 1, 1, 1, 1, 0)
_PREAMBLE = 1.0  # seconds of flags before a frame (T.30 5.3.1: 1 s +- 15 %)
# T.30 5.3.6, as octets in the order of their bits on the line: the first bit is the lowest one
FRAMES = {"MCF": 0x8C, "RTN": 0x4C, "CFR": 0x84, "FTT": 0x44, "DCN": 0xFA, "odd": 0x56}


def sound(frame: str, rate: int) -> list[int]:
    """16-bit samples of a final frame, `rate` samples a second, with its preamble."""
    octets = [0xFF, 0x13, FRAMES[frame]]  # address, control (the last frame), FCF
    check = _crc(octets)
    bits = [*_flags(_PREAMBLE), *_stuffed([*octets, check & 0xFF, check >> 8]), *_FLAG, *_FLAG]
    samples: list[int] = []
    phase = 0.0
    for sample in count():
        bit = sample * _BIT_RATE // rate
        if bit >= len(bits):
            return samples
        phase += 2 * math.pi * (_MARK if bits[bit] else _SPACE) / rate
        samples.append(int(_LEVEL * math.sin(phase)))
    raise AssertionError


def _flags(seconds: float) -> list[int]:
    return list(_FLAG) * round(seconds * _BIT_RATE / len(_FLAG))


def _stuffed(octets: list[int]) -> Iterator[int]:
    """The bits of the octets; a 0 goes behind five 1s."""
    ones = 0
    for octet in octets:
        for place in range(8):
            bit = octet >> place & 1
            yield bit
            ones = ones + 1 if bit else 0
            if ones == 5:
                yield 0
                ones = 0


def _crc(octets: list[int]) -> int:
    """The frame check sequence (X.25: CRC-16, reflected)."""
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc ^ 0xFFFF
