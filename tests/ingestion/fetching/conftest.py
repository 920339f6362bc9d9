"""The server that misbehaves, and transfers that wait for nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from misbehaving import Server, TestClock, serving

from ingestion.fetching.transfer import Transfers
from ingestion.fetching.waiting import Limits


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def transfers(clock: TestClock) -> Transfers:
    """Real connections with short patience; pauses only count."""
    return Transfers(Limits(connect=2.0, read=0.3), clock, lambda: 1.0)
