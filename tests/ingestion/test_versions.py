"""The version that counts does not depend on the order in which versions arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingestion.versions import Choice, Version, choose_versions

T0 = datetime(2030, 1, 1, tzinfo=UTC)


def version(number: int, sha: str, day: int = 0, *, known: bool = False, source: str = "r") -> Version:
    return Version(source, number, sha, T0 + timedelta(days=day), known)


def by_sha(choices: list[Choice]) -> dict[str, Choice]:
    return {choice.version.sha256: choice for choice in choices}


def test_the_highest_number_counts_and_dates_the_end_of_the_one_before() -> None:
    chosen = by_sha(choose_versions([version(1, "a", 0), version(3, "c", 5), version(2, "b", 9)]))
    assert chosen["c"].superseded_at is None
    assert chosen["b"].superseded_at == T0 + timedelta(days=9)
    assert chosen["a"].superseded_at == T0 + timedelta(days=9)


def test_a_late_correction_never_ends_before_it_began() -> None:
    chosen = by_sha(choose_versions([version(1, "a", 9), version(2, "b", 0)]))
    assert chosen["a"].superseded_at == T0 + timedelta(days=9)


def test_a_tie_is_refused_and_the_one_accepted_first_stays() -> None:
    chosen = by_sha(choose_versions([version(1, "z", 0, known=True), version(1, "a", 1)]))
    assert chosen["z"].rival is None
    assert chosen["a"].rival == "z"


def test_sources_do_not_meddle() -> None:
    chosen = choose_versions([version(1, "a", source="r"), version(2, "b", source="s")])
    assert all(choice.superseded_at is None and choice.rival is None for choice in chosen)


VERSIONS = st.lists(
    st.builds(version, st.integers(1, 4), st.text("abcdef", min_size=4, max_size=4), st.integers(0, 9)),
    unique_by=lambda v: v.sha256,
    max_size=8,
)


@given(VERSIONS, st.randoms())
def test_order_of_arrival_decides_nothing(versions: list[Version], random) -> None:
    shuffled = versions.copy()
    random.shuffle(shuffled)
    assert by_sha(choose_versions(shuffled)) == by_sha(choose_versions(versions))


@given(VERSIONS)
def test_exactly_one_counts(versions: list[Version]) -> None:
    chosen = choose_versions(versions)
    counting = [c for c in chosen if c.superseded_at is None and c.rival is None]
    assert len(counting) == (1 if versions else 0)
    assert len(chosen) == len(versions)
