"""Destroying a case in the window: shown, asked for, confirmed by somebody else."""

from datetime import date

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from workstation.app import destroying, exits, queries
from workstation.core.exits import Disposition, Progress


def _disposed(bench: Bench) -> None:
    exits.record_disposition(
        bench.window.desk.here,
        CASE,
        Disposition.DESTROYED,
        material="the submission",
        done_on=date(2026, 1, 1),
        reference="C-1",
    )
    bench.window.show_case(CASE)


def test_a_case_is_asked_for_by_the_lead_and_destroyed_by_the_officer(open_at: Open) -> None:
    """Each sees the counts first; the officer types the passphrase; every page then tells of the end."""
    bench = open_at("determined", "ibarra")
    bench.window.show_case(CASE)
    _disposed(bench)
    assert not bench.has_button("Ask for the destruction")
    bench.press("Show what the case holds")
    bench.wait_until(lambda: bench.has_button("Ask for the destruction"))
    bench.type("Reason for the destruction", "the agreement asks for it")
    bench.press("Ask for the destruction")
    assert bench.has_button("Take the request back")
    bench.window.lock("asked")
    bench.arrive("tanaka")
    bench.window.show_case(CASE)
    assert not bench.has_button("Destroy this case now")
    bench.press("Show what the case holds")
    bench.wait_until(lambda: bench.has_button("Destroy this case now"))
    assert "the agreement asks for it" in bench.words()
    bench.passphrase("Your passphrase")
    bench.press("Destroy this case now")
    bench.wait_until(lambda: "The case is destroyed." in bench.notice())
    session = bench.window.desk.here
    destruction = destroying.look_at(session, CASE).case.exits.destruction
    assert destruction is not None
    assert destruction.progress is Progress.ENDED
    assert queries.case_view(session, CASE).package is None
    for tab in ("overview", "package", "checklist", "timeline", "findings", "determination", "export"):
        bench.window.show_case(CASE, tab)
        bench.settle()
        assert not bench.has_button("Show what the case holds")
