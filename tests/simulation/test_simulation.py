"""A few hundred histories. For more: make simulate N=20000 SEED=1."""

from __future__ import annotations

import pytest

from tests.simulation import history

HISTORIES = 200


@pytest.mark.parametrize("batch", range(10))
def test_no_promise_is_broken(batch: int) -> None:
    size = HISTORIES // 10
    for seed in range(1 + batch * size, 1 + (batch + 1) * size):
        ended = history.run(seed)
        told = "\n".join([*ended.story, *map(str, ended.violations)])
        assert not ended.violations, f"SEED={seed}\n{told}"


def test_a_seed_is_one_history() -> None:
    first, second = history.run(7), history.run(7)
    assert first.story == second.story and first.states == second.states
