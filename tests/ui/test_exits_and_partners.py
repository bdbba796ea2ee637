"""Holds, newer checkpoints and partners in the window."""

from tests.ui.conftest import Open
from tests.ui.stages import CASE
from workstation.app import queries
from workstation.core.case_states import CaseState


def test_a_hold_is_laid_shown_and_lifted(open_at: Open) -> None:
    """The lead records an incident; the next step says so, answering is refused in words, lifting ends it."""
    bench = open_at("evaluation", "ibarra")
    bench.window.show_case(CASE)
    bench.choose("What happened", "An incident pauses the work")
    bench.type("Reason", "A disk left the room")
    bench.press("Record this")
    assert "An incident holds this case; the window goes on" in bench.words()
    assert "A disk left the room" in bench.words()
    bench.choose("What happened", "The incident is dealt with")
    bench.type("Reason", "It was found")
    bench.press("Record this")
    assert "An incident holds this case" not in bench.words()


def test_a_newer_checkpoint_opens_its_case_and_both_point_at_each_other(open_at: Open) -> None:
    """The old case says where it goes on; the list has two."""
    bench = open_at("evaluation", "ibarra")
    bench.window.show_case(CASE)
    bench.choose("What happened", "The developer sent a newer checkpoint")
    bench.type("Newer checkpoint", "step-90000")
    bench.type("Reason", "Retrained")
    bench.press("Record this")
    view = queries.case_view(bench.window.desk.here, CASE)
    assert view.case.state is CaseState.SUPERSEDED
    assert str(view.case.exits.superseded_by) in bench.words()
    assert "Superseded by a newer checkpoint" in bench.words()


def test_an_exit_without_a_reason_keeps_what_was_typed(open_at: Open) -> None:
    """It is refused by its code; the checkpoint stays typed, over a lock too."""
    bench = open_at("evaluation", "ibarra")
    bench.window.show_case(CASE)
    bench.choose("What happened", "The developer sent a newer checkpoint")
    bench.type("Newer checkpoint", "step-90000")
    bench.press("Record this")
    assert "CAS-002" in bench.notice()
    assert bench.typed("Newer checkpoint") == "step-90000"
    bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("ibarra"))
    assert bench.typed("Newer checkpoint") == "step-90000"


def test_a_reviewer_is_offered_no_exit_beyond_the_own_duties(open_at: Open) -> None:
    """The card of somebody who is no lead has neither hold nor another reviewer."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE)
    acts = queries.duties_allowed(bench.window.desk.here, CASE)
    assert "hold-case" not in {str(duty) for duty in acts}
    assert "An incident pauses the work" not in bench.choices("What happened")


def test_partners_are_selected_by_both_sides_in_the_window(open_at: Open) -> None:
    """Nominated, agreed by one, agreed by both: the list says each in words."""
    bench = open_at("evaluation", "ibarra")
    bench.window.show_case(CASE, "partners")
    assert "Nobody is nominated yet" in bench.words()
    bench.choose("What happened", "A partner is put forward")
    bench.type("Name of the partner", "Alder Bank")
    bench.type("Sector", "finance")
    bench.press("Record this")
    assert bench.cells("Partners")[0][-1] == "nominated"
    for side in ("Developer", "Government"):
        bench.choose("What happened", "One side agrees")
        bench.choose("Which side", side)
        bench.type("Given by", "General Counsel")
        bench.type("Letter or minute", "letter 3")
        bench.press("Record this")
    assert bench.cells("Partners")[0][-1] == "selected by both sides"
