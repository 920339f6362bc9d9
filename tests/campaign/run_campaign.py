"""The campaign: kills over every step of a refresh, refreshes that start together, deliveries in shuffled orders.

Run by ``make campaign``; prints a table of counts and ends with 1 when any of them is not what it must be. It takes
about half an hour on two cores; ``--kills 5 --overlaps 2 --orders 2`` is a look.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]
# A library's pool of threads does not survive a fork.
os.environ.update(OPENBLAS_NUM_THREADS="1", GX_ANALYTICS_ENABLED="false")
# dbt's semaphores outlive a killed child for a moment; Python's tracker cleans them up, and says so each time.
os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")

from deliveries import REPORT, packaged_version, packed  # noqa: E402
from killing import FULL_POINTS, SEAL_POINTS, Point, run_in_child  # noqa: E402

from warehouse.paths import Home  # noqa: E402

READERS = 2
IMPORTED = (
    "dagster",
    "dagster_dbt",
    "great_expectations",
    "dbt.cli.main",
    "dbt.adapters.duckdb.connections",
    "expectations.audit",
    "expectations.inputs",
    "ingestion.reference.loading",
    "orchestration.definitions",
    "orchestration.refresh",
)
#: A crash may be followed by another before any refresh comes to its end.
MOST_KILLS_IN_A_ROW = 3


@dataclass
class Counts:
    """What the campaign counts; ``problems`` tells each in words."""

    kills: Counter[str] = field(default_factory=Counter)
    recoveries: int = 0
    unhelped: int = 0
    overlaps: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    delivered: list[Path] = field(default_factory=list)
    orders: int = 0
    readers: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    full_seconds: list[float] = field(default_factory=list)
    reseal_seconds: list[float] = field(default_factory=list)

    def lost(self) -> int:
        return sum(told.startswith("lost") or "is not in the marts" in told for told in self.problems)

    def read(self, what: str) -> int:
        return sum(reader[what] for reader in self.readers)


@dataclass(frozen=True)
class Campaign:
    """One run: its home, where deliveries are made, its luck, and what it counted."""

    home: Home
    outside: Path
    luck: random.Random
    counts: Counts

    def deliver(self) -> None:
        """A new version of the extract: half of them through the command's function, half dropped by hand."""
        version = packaged_version() + len(self.counts.delivered) + 1
        path = packed(self.outside, version)
        self.counts.delivered.append(path)
        if version % 2:
            run_in_child(lambda: _deliver(self.home, path))
        else:
            part = self.home.landing / f"{path.name}.part"
            shutil.copyfile(path, part)
            part.rename(part.with_suffix(""))

    def configure(self) -> None:
        """Something that needs no dbt."""
        (self.home.config / "stewards.yml").write_text(f"stewards: []\n# {self.luck.random()}\n")

    def checked(self, work: Callable[[], list[str]], where: str) -> None:
        """Add what ``work`` finds wrong, with the place."""
        self.counts.problems += [f"{told} [{where}]" for told in run_in_child(work).result]


def _deliver(home: Home, path: Path) -> None:
    from ingestion.receiving import deliver

    deliver(home, path, datetime.now(UTC))


def refreshed(home: Home, *, through_dagster: bool, force: bool = False) -> dict[str, Any]:
    """What ``barometre refresh`` does, or the same steps without Dagster's wrapping and dbt's data tests."""
    from orchestration import refresh as module

    if not through_dagster:
        module._run_job = _steps
        _leave_data_tests_out()
    result = module.refresh(home, "campaign", force=force)
    return {**result.as_json(), "exit_code": result.exit_code}


def _leave_data_tests_out() -> None:
    """A third of a build's time, and nothing that a crash could cut in two: they only read."""
    from orchestration import dbt_runs

    invoke = dbt_runs._invoke
    dbt_runs._invoke = lambda home, arguments, callbacks: invoke(
        home, [*arguments, "test"] if arguments[0] == "build" else arguments, callbacks
    )


def _steps(home: Home, trigger: str, planned_now: Any, started: float) -> Any:
    from orchestration import refresh as module
    from orchestration.session import opened_session

    with opened_session(home, trigger) as session:
        session.collect()
        session.build()
        session.audit()
        session.settle()
        session.seal_and_swap()
    return module._result(session, planned_now, started)


def kill_and_recover(campaign: Campaign, kills: int) -> None:
    """Kill a refresh at points and at random times, then let one come to its end, until all kills are done."""
    plan = _planned_kills(campaign.luck, kills)
    while plan:
        for _ in range(min(len(plan), campaign.luck.randint(1, MOST_KILLS_IN_A_ROW))):
            is_full, point = plan.pop()
            if not _killed(campaign, is_full, point):
                plan.append((is_full, None))
                break
        _recover(campaign)


def _planned_kills(luck: random.Random, kills: int) -> list[tuple[bool, Point | None]]:
    """(full refresh?, point or None for a random time): every point once first, then random times, shuffled."""
    points: list[tuple[bool, Point | None]] = [(True, p) for p in FULL_POINTS]
    points += [(luck.random() < 0.5, p) for p in SEAL_POINTS]
    luck.shuffle(points)
    times = [(luck.random() < 0.4, None) for _ in range(max(0, kills - len(points)))]
    chosen = points[:kills] + times
    luck.shuffle(chosen)
    return chosen


def _killed(campaign: Campaign, is_full: bool, point: Point | None) -> bool:
    """Run a refresh that is to be killed; False when it ended before."""
    campaign.deliver() if is_full else campaign.configure()
    counts = campaign.counts
    usual = counts.full_seconds if is_full else counts.reseal_seconds
    after = campaign.luck.uniform(0.0, 1.05 * usual[-1]) if point is None else None
    through_dagster = campaign.luck.random() < 0.2
    ended = run_in_child(lambda: refreshed(campaign.home, through_dagster=through_dagster), point=point, after=after)
    where = point.name if point else f"{after:.1f} s after the start"
    counts.kills[("at a point" if point else "at a random time") if ended.killed else "ended before"] += 1
    say(f"kill {sum(counts.kills.values())}: {where}: {'killed' if ended.killed else 'ended'} {ended.seconds:.1f} s")
    campaign.checked(lambda: _served(campaign.home), where)
    return ended.killed


def _recover(campaign: Campaign) -> None:
    counts = campaign.counts
    ended = run_in_child(lambda: refreshed(campaign.home, through_dagster=False))
    counts.recoveries += 1
    work = ended.result["work"]
    if ended.result["exit_code"] == 0:
        counts.unhelped += 1
    else:
        counts.problems.append(f"the refresh after a crash ended with {ended.result}")
    {"full": counts.full_seconds, "reseal": counts.reseal_seconds}.get(work, []).append(ended.seconds)
    say(f"  recovered: {ended.result['outcome']} ({work}) {ended.seconds:.1f} s")
    campaign.checked(lambda: _problems(campaign.home, counts.delivered), "after a recovery")


def _served(home: Home) -> list[str]:
    from keeping import served_problems
    from reader import seen

    told = seen(home.current)
    return [*served_problems(home), *([f"{told['problem']}: {told['told']}"] if told["problem"] else [])]


def _problems(home: Home, delivered: list[Path]) -> list[str]:
    from keeping import problems

    return problems(home, delivered)


def overlap(campaign: Campaign, rounds: int) -> None:
    """Several real processes of the command line start together; one in five times there is a report to take."""
    for number in range(rounds):
        is_full = number % 5 == 4
        campaign.deliver() if is_full else campaign.configure()
        _overlap_once(campaign, campaign.luck.randint(2, 4), number)
        campaign.checked(lambda: _problems(campaign.home, campaign.counts.delivered), f"overlap {number + 1}")


def _overlap_once(campaign: Campaign, starts: int, number: int) -> None:
    before = run_in_child(lambda: _published(campaign.home)).result
    waiting = [campaign.luck.random() < 0.3 for _ in range(starts)]
    processes = [_started(campaign.home, wait=wait) for wait in waiting]
    ended = [(*process.communicate(), process.returncode) for process in processes]
    codes = [code for _, _, code in ended]
    campaign.counts.overlaps += 1
    campaign.counts.codes.update(codes)
    after = run_in_child(lambda: _published(campaign.home)).result
    say(f"overlap {number + 1}: {starts} starts, exit codes {codes}, {after - before} published")
    if after - before != 1 or 0 not in codes or not set(codes) <= {0, 3}:
        campaign.counts.problems.append(f"overlap {number + 1}: codes {codes}, {after - before} published, {ended}")
    for wait, (_, stderr, code) in zip(waiting, ended, strict=True):
        if (wait and code != 0) or (code == 3 and "holds the lock: process" not in stderr):
            campaign.counts.problems.append(f"overlap {number + 1}: exit {code} with --wait={wait}: {stderr}")


def _started(home: Home, *, wait: bool) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "orchestration.cli", "refresh", "--format", "json", *(["--wait"] if wait else [])]
    environment = {**os.environ, "BAROMETRE_HOME": str(home.root)}
    return subprocess.Popen(
        command, env=environment, cwd=HERE.parents[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _published(home: Home) -> int:
    from warehouse.state import StateStore

    with StateStore.open(home, now=datetime.now(UTC)) as store:
        last = store.refresh_rows(sealed_at=datetime.now(UTC))
    return sum(row["outcome"] == "published" for row in last)


def decide_and_compare(campaign: Campaign) -> None:
    """A steward retains a figure: sealing again without dbt and building everything must publish the same marts."""
    home = campaign.home
    run_in_child(lambda: _retain_the_box(home))
    sealed = run_in_child(lambda: refreshed(home, through_dagster=False)).result
    first = run_in_child(lambda: _marts(home)).result
    run_in_child(lambda: refreshed(home, through_dagster=False, force=True))
    second = run_in_child(lambda: _marts(home)).result
    differing = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
    say(f"a decision: {sealed['work']} in {sealed['seconds']} s; {len(first)} tables compared, {len(differing)} differ")
    if differing or sealed["work"] != "reseal":
        campaign.counts.problems.append(f"a decision ({sealed['work']}): {differing} differ from a full refresh")


def _retain_the_box(home: Home) -> None:
    import sqlalchemy as sa
    from deliveries import OBSERVATION

    from warehouse.state import StateStore
    from warehouse.state_tables import decision, finding

    now = datetime.now(UTC)
    decided = {"decision": "retain", "retained_observation_id": OBSERVATION, "decided_by": "Ada", "reason": "vu"}
    with StateStore.open(home, now=now) as store, store.transaction() as connection:
        about = sa.select(finding.c.finding_id).where(finding.c.indicator_code == "cpts_projets").limit(1)
        found = connection.execute(about).scalar_one()
        connection.execute(
            decision.insert().values(**decided, decision_id=f"d{now:%f}", finding_id=found, decided_at=now)
        )


def _marts(home: Home) -> dict[str, Any]:
    from ordering import marts_content

    content = marts_content(home.current.resolve())
    return {name: told for name, told in content.items() if not name.startswith("quality.")}


def shuffle(campaign: Campaign, base: Path, orders: int) -> None:
    """The same seven deliveries in shuffled orders and batches, each on a home of its own: bronze and marts agree."""
    wanted = {REPORT: 4, "pts-na-2016": 2, "cnr-na-2022": 1}
    deliveries = [
        packed(campaign.outside, packaged_version(report) + number, report)
        for report, versions in wanted.items()
        for number in range(1, versions + 1)
    ]
    first: dict[str, Any] | None = None
    for number in range(orders):
        seed = campaign.luck.randint(0, 2**32)
        home = Home(base / f"order-{number}").create()
        ended = run_in_child(lambda: _ordered(home, deliveries, seed))  # noqa: B023
        content = ended.result.pop("content")
        differing = sorted(
            {name for name in {*content, *(first or content)} if content.get(name) != (first or content).get(name)}
        )
        first = first or content
        campaign.counts.orders += 1
        say(f"order {number + 1}: {ended.result['batches']}: {len(content)} tables compared, {len(differing)} differ")
        if differing:
            campaign.counts.problems.append(f"order {number + 1} (seed {seed}) differs in {differing}")
        shutil.rmtree(home.root)


def _ordered(home: Home, deliveries: list[Path], seed: int) -> dict[str, Any]:
    from ordering import batches, bronze_content, collect_in_batches, marts_content

    ordered = batches(deliveries, random.Random(seed))
    collect_in_batches(home, ordered)
    refreshed(home, through_dagster=False)
    names = " / ".join(" ".join(path.name.replace(".extract.zip", "") for path in batch) for batch in ordered)
    return {"batches": names, "content": bronze_content(home) | marts_content(home.current.resolve())}


@contextmanager
def reading(home: Home, counts: Counts) -> Iterator[None]:
    """Analysts open the published file all the while."""
    command = [sys.executable, str(HERE / "reader.py"), str(home.root)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    readers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
    try:
        yield
    finally:
        for reader in readers:
            reader.send_signal(signal.SIGTERM)
        for reader in readers:
            told, _ = reader.communicate()
            if told:
                counts.readers.append(json.loads(told))
            if reader.returncode:
                counts.problems.append(f"unreadable: a reader ended with {reader.returncode}")


def say(line: str) -> None:
    """One line, at once, with the time."""
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)


def import_everything() -> None:
    """What a refresh imports, paid once for all children."""
    for name in IMPORTED:
        importlib.import_module(name)


def table(counts: Counts, seed: int, seconds: float) -> list[str]:
    """The counts, as a table in Markdown."""
    rows = [
        ("seed", seed),
        ("minutes", round(seconds / 60)),
        ("kills at named points", counts.kills["at a point"]),
        ("kills at random times", counts.kills["at a random time"]),
        ("refreshes that ended before their kill", counts.kills["ended before"]),
        ("refreshes after the kills", counts.recoveries),
        ("… that came to their end alone", counts.unhelped),
        ("overlapping starts (rounds)", counts.overlaps),
        ("… processes that refreshed or waited (exit 0)", counts.codes[0]),
        ("… processes that were told who holds the lock (exit 3)", counts.codes[3]),
        ("versions delivered", len(counts.delivered)),
        ("shuffled orders", counts.orders),
        ("reads of the published file meanwhile", counts.read("reads")),
        ("… different snapshots seen", max((len(r["snapshots"]) for r in counts.readers), default=0)),
        ("**lost inputs**", counts.lost()),
        ("**unreadable snapshots**", counts.read("unreadable") + _told(counts, "unreadable")),
        ("**mixed snapshots**", counts.read("mixed") + _told(counts, "mixed")),
        ("**times a person was needed**", counts.recoveries - counts.unhelped),
        ("**other problems**", len(counts.problems)),
    ]
    return ["| count | |", "| --- | ---: |", *(f"| {name} | {value} |" for name, value in rows)]


def _told(counts: Counts, word: str) -> int:
    return sum(told.startswith(word) for told in counts.problems)


def main() -> int:
    """Run it all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--overlaps", type=int, default=20)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randint(0, 2**32))
    asked = parser.parse_args()
    started = time.monotonic()
    say(f"seed {asked.seed}")
    base = Path(tempfile.mkdtemp(prefix="barometre-campaign-"))
    home, outside, counts = Home(base / "home").create(), base / "outside", Counts()
    outside.mkdir()
    campaign = Campaign(home, outside, random.Random(asked.seed), counts)
    os.environ["BAROMETRE_HOME"] = str(home.root)
    import_everything()
    say("imported")
    first = run_in_child(lambda: refreshed(home, through_dagster=True))
    counts.full_seconds.append(first.seconds)
    campaign.configure()
    counts.reseal_seconds.append(run_in_child(lambda: refreshed(home, through_dagster=False)).seconds)
    say(f"a home of its own: full {first.seconds:.1f} s, re-sealing {counts.reseal_seconds[0]:.1f} s; {REPORT}")
    with reading(home, counts):
        kill_and_recover(campaign, asked.kills)
        overlap(campaign, asked.overlaps)
    decide_and_compare(campaign)
    shuffle(campaign, base, asked.orders)
    print("\n".join(table(counts, asked.seed, time.monotonic() - started)))
    for told in [*counts.problems, *(p for reader in counts.readers for p in reader["problems"][:3])]:
        print(f"PROBLEM {told}")
    failed = bool(counts.problems or counts.read("unreadable") or counts.read("mixed"))
    if not failed:
        shutil.rmtree(base)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
