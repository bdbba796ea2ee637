"""Where reviewers differ, who settles it, and what imports propose meanwhile."""

from tests.ui.conftest import Open
from tests.ui.stages import CASE, DIFFERS
from ui.checklist.presenter import AnswerFields
from ui.checklist.view import ChecklistPage
from workstation.core.values import CriterionId


def test_a_difference_is_settled_by_a_lead_who_answered_nothing(open_at: Open) -> None:
    """A reviewer reads who settles it and has no form; the other lead finds it as work and settles it."""
    bench = open_at("both-submitted", "ibarra")
    bench.window.desk.wanted_criterion = DIFFERS
    bench.window.show_case(CASE, "checklist")
    assert "You differ on 1 question, to be settled by W. Haddad." in bench.words()
    assert not bench.has_button("Settle this difference")
    bench.window.lock("asked")
    bench.arrive("haddad")
    bench.press("Start")
    bench.settle()
    assert "Settle where the reviewers differ: 1" in [row[1] for row in bench.cells("What needs me next")]
    bench.window.desk.wanted_criterion = DIFFERS
    bench.window.show_case(CASE, "checklist")
    bench.choose("Settled result", "Cannot tell")
    bench.type("Reason for settling", "Measured too little.")
    bench.press("Settle this difference")
    assert f"{DIFFERS} settled" in bench.notice()


def test_proposals_come_beside_the_window_and_touch_nothing_typed(open_at: Open) -> None:
    """What imports propose appears once it has been read; what is being typed meanwhile stays."""
    bench = open_at("evaluation", "osei")
    bench.window.desk.wanted_criterion = CriterionId("K2.1")
    bench.window.show_case(CASE, "checklist")
    page = bench.window.findChild(ChecklistPage)
    assert page is not None
    page.put_fields(AnswerFields(result="met", detail="Half typed"))
    bench.settle()
    assert "Proposed by" in bench.words()
    assert bench.typed("Detail") == "Half typed"
