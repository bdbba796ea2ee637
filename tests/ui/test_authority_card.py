"""The classification authority block in the window: stated by whoever opens cases, printed on documents."""

from PySide6.QtWidgets import QComboBox, QPlainTextEdit

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from workstation.app import queries

MARKED = "SECRET//NOFORN"


def new_case(bench: Bench, marking: str) -> None:
    """Open a case of this marking, which is then on top."""
    bench.press("New case")
    bench.type("Developer", "Example Laboratories")
    bench.type("Model", "Lark-1")
    bench.type("Checkpoint", "ckpt-1")
    bench.type("Classification banner", marking)
    bench.press("Open this case")


def stated(bench: Bench) -> queries.CaseView:
    """The case on top as the store has it."""
    case_id = bench.window.router.case_id
    assert case_id is not None
    return queries.case_view(bench.window.desk.here, case_id)


def test_several_sources_are_stated_and_kept(open_at: Open) -> None:
    """Two sources become “Multiple Sources” with their list; what was typed is gone once it is recorded."""
    bench = open_at("opened", "ibarra")
    new_case(bench, MARKED)
    assert "Nothing is stated yet." in bench.words()
    for name, text in (("Classified by", "R. Ibarra"), ("Position", "Lead"), ("Office", "Review Office")):
        bench.type(name, text)
    bench.type("Declassify on", "20500101")
    box = bench.named(QPlainTextEdit, "Sources")
    box.insertPlainText("Guide A | NSA | 20260101 | 20500101\nGuide B | DOE | 20260102 | 20400101")
    bench.press("State this authority")
    assert "The authority is stated" in bench.notice()
    block = stated(bench).case.authority
    assert block is not None
    assert (block.derived_from, len(block.sources)) == ("Multiple Sources", 2)
    assert "Derived From: Multiple Sources" in bench.words()
    assert bench.typed("Classified by") == ""


def test_an_original_decision_needs_its_reason(open_at: Open) -> None:
    """Without a reason it is refused and stays typed; with one it is recorded."""
    bench = open_at("opened", "ibarra")
    new_case(bench, MARKED)
    bench.choose("Kind of decision", "Original")
    for name, text in (("Classified by", "R. Ibarra"), ("Position", "Lead"), ("Office", "Review Office")):
        bench.type(name, text)
    bench.type("Declassify on", "20500101")
    bench.press("State this authority")
    assert "MRK-007" in bench.notice()
    assert bench.typed("Position") == "Lead"
    bench.type("Reason for classifying", "1.4(c)")
    bench.press("State this authority")
    block = stated(bench).case.authority
    assert block is not None
    assert "Reason: 1.4(c)" in block.lines()


def test_cui_asks_for_a_designation_and_nothing_else(open_at: Open) -> None:
    """The form of a CUI case holds the four lines of the designation block."""
    bench = open_at("opened", "ibarra")
    new_case(bench, "CUI")
    assert "Kind of decision" not in [box.accessibleName() for box in bench.all(QComboBox)]
    bench.type("Controlled by", "Review Office")
    bench.type("CUI categories", "PROPIN, CTI")
    bench.type("Point of contact", "555-0100")
    bench.press("State this authority")
    designation = stated(bench).case.designation
    assert designation is not None
    assert designation.categories == ("PROPIN", "CTI")


def test_an_unclassified_case_has_no_block(open_at: Open) -> None:
    """Nothing is asked for that the banner does not want."""
    bench = open_at("opened", "ibarra")
    new_case(bench, "UNCLASSIFIED")
    assert not bench.has_button("State this authority")
