"""A vault of 5,000 cases, 1,000,000 files and 5,000,000 rows of the trail: coming in, pages and filters.

    python3 dev.py bench scale [--files 200] [--rows 1000] [--rounds 9]

The vault is made once, below build/bench, and kept: making it takes minutes and some gigabytes. Files and
rows are so many for each of the 5,000 cases. Coming in counts everything but opening the slot (derivation and
unwrapping), which the vault's own measurements show.
"""

import argparse
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from functools import partialmethod
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.scale_fill import CASES, Large, stamp
from tests.helpers.office import office, unlock
from workstation.app import attention, auditing, queries, sorting
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import Vault
from workstation.demo.story import Story

WHO = "ibarra"
ENTRY_MS, PAGE_MS, FILTER_MS = 1_000.0, 50.0, 100.0
_KEPT = Path(__file__).resolve().parents[2] / "build" / "bench" / "scale"


def made(folder: Path, files: int, rows: int) -> Services:
    """The services of the kept vault, made when it is not there yet, or was made by other rules."""
    kept, wanted = folder / "made-by", stamp(files, rows)
    if kept.is_file() and kept.read_text(encoding="ascii") == wanted:
        shutil.rmtree(folder / "medium-out")  # of no use here; whoever tells a story makes it
        return office(folder, source=folder).services
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    story: Story = office(folder)
    start_s = time.perf_counter()
    story.set_up()
    case_id = story.open_case()
    story.review(case_id, story.receive(case_id))
    story.conclude(case_id)
    with story.acting(WHO) as session:
        Large(session, case_id, files, rows).make(folder / "profile")
    kept.write_text(wanted, encoding="ascii")
    print(f"made in {time.perf_counter() - start_s:.0f} s")
    return story.services


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock on the wall, and those the processor worked."""
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - start_s) * 1e3, (time.process_time() - start_cpu_s) * 1e3


def line(name: str, took: list[tuple[float, float]], limit_ms: float) -> None:
    """First, median, worst, the processor's median, and whether the median is over its limit."""
    wall, worked = ([one[at] for one in took] for at in (0, 1))
    middle = statistics.median(wall)
    figures = f"{wall[0]:10.1f}{middle:10.1f}{max(wall):10.1f}{statistics.median(worked):10.1f}"
    print(f"{name:36}{figures}{limit_ms:10.0f}  {'' if middle < limit_ms else 'missed'}", flush=True)


class Opening:
    """Opens the slot, and notes how long that took."""

    def __init__(self, services: Services) -> None:
        self.took_ms, self.worked_ms, self._keep = 0.0, 0.0, services.vaults.unlock

    def __call__(self, *, login_name: str, passphrase: bytearray) -> Vault:
        opened: list[Vault] = []
        self.took_ms, self.worked_ms = timed(
            lambda: opened.append(self._keep(login_name=login_name, passphrase=passphrase))
        )
        return opened[0]


def entry(services: Services, rounds: int) -> None:
    """Coming in and the first case list, opening the slot apart."""
    opening, took = Opening(services), []
    instead = partialmethod(lambda _keeper, **words: opening(**words))
    sessions_made: list[Session] = []

    def come_in() -> None:
        sessions_made.append(unlock(services, WHO))
        queries.case_rows(sessions_made[-1])

    with mock.patch.object(type(services.vaults), "unlock", instead):
        for _round in range(rounds):
            wall_ms, worked_ms = timed(come_in)
            took.append((wall_ms - opening.took_ms, worked_ms - opening.worked_ms))
            sessions.lock(sessions_made.pop(), reason="bench")
    line("open and first case list", took, ENTRY_MS)


def pages(session: Session, rounds: int) -> None:
    """Each list page and filter."""
    case_id, package = CaseId("CASE-BENCH02500"), PackageId("PACKAGE-BENCH02500")
    works: dict[str, tuple[Callable[[], object], float]] = {
        "case list": (lambda: queries.case_rows(session), PAGE_MS),
        "files of a package, a page": (lambda: queries.files(session, package), PAGE_MS),
        "trail, newest page": (lambda: auditing.page(session), PAGE_MS),
        "trail, a page in the middle": (lambda: auditing.page(session, before=2_500_000), PAGE_MS),
        "trail of a case, a page": (lambda: auditing.page(session, case_id=case_id), PAGE_MS),
        "filter by state and tag": (
            lambda: sorting.filtered(session, "state:evaluation tag:tag3"),
            FILTER_MS,
        ),
        "filter by days and words": (lambda: sorting.filtered(session, "days:<=7 turn:mine step"), FILTER_MS),
        "start page": (lambda: attention.read(session), FILTER_MS),
    }
    for name, (work, limit_ms) in works.items():
        line(name, [timed(work) for _round in range(rounds)], limit_ms)


def main() -> None:
    """Parse, make when needed, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--folder", type=Path, default=_KEPT)
    options = parser.parse_args()
    services = made(options.folder, options.files, options.rows)
    print(f"{CASES:,} cases, {CASES * options.files:,} files, {CASES * options.rows:,} rows of the trail")
    print(f"{'milliseconds':36}{'first':>10}{'median':>10}{'worst':>10}{'CPU':>10}{'limit':>10}")
    entry(services, min(options.rounds, 5))
    session = unlock(services, WHO)
    try:
        pages(session, options.rounds)
    finally:
        sessions.lock(session, reason="bench")


if __name__ == "__main__":
    main()
