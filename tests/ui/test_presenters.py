"""Presenters hold no widget: each is driven here on the real store with a view that only remembers."""

import ast
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import ui
from tests.ui.stages import CASE, Office, Stages
from ui.cases.presenter import CaseFields, CasesPresenter
from ui.checklist.presenter import AnswerFields, ChecklistPresenter
from ui.desk import Desk
from ui.determination.presenter import ConclusionFields, DeterminationPresenter
from ui.drafts import Drafts
from ui.jobs import RunAtOnce
from ui.people.presenter import EnrolFields, PeoplePresenter
from ui.releases.presenter import ReleaseFields, ReleasesPresenter
from ui.window_words import days_text
from workstation.app import queries
from workstation.app import session as sessions
from workstation.core.cases import CaseType
from workstation.core.errors import WorkstationError
from workstation.core.values import CriterionId, ExportId
from workstation.core.window import WindowStanding
from workstation.settings import Settings


class Remembering:
    """Stands for a view, the notices or the routes: takes every call and keeps it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        def call(*args: Any, **named: Any) -> None:
            self.calls.append((name, args, named))

        return call

    def last(self, name: str) -> Any:
        """The first argument of the latest call of this name."""
        return [args[0] if args else named for called, args, named in self.calls if called == name][-1]

    def names(self) -> list[str]:
        """What was called, in order."""
        return [name for name, _args, _named in self.calls]


class Sitting:
    """Somebody at a desk without a window."""

    def __init__(self, office: Office, login_name: str) -> None:
        self.notices, self.routes, self.view = Remembering(), Remembering(), Remembering()
        self.desk = Desk(
            services=office.services,
            settings=Settings(),
            jobs=RunAtOnce(),
            notices=self.notices,
            routes=self.routes,
        )
        self.desk.arrive(office.unlock(login_name))

    def told_codes(self) -> list[str]:
        """Codes of what was refused."""
        errors = [args[0] for name, args, _named in self.notices.calls if name == "explain"]
        return [error.code for error in errors if isinstance(error, WorkstationError)]


Sit = Callable[[str, str], Any]


@pytest.fixture
def sit(stages: Stages, tmp_path: Path) -> Iterator[Sit]:
    """Sit down at a point of the case."""
    sittings: list[Sitting] = []

    def sit_down(stage: str, login_name: str) -> Sitting:
        sittings.append(Sitting(stages.at(stage, tmp_path / str(len(sittings))), login_name))
        return sittings[-1]

    yield sit_down
    for one in sittings:
        sessions.lock(one.desk.here, reason="test")


def test_no_presenter_imports_qt() -> None:
    """A presenter that needed a widget could not be tested without one."""
    root = Path(str(ui.__file__)).parent
    found = sorted(root.rglob("presenter.py"))
    assert len(found) >= 10
    for path in found:
        modules = {
            node.module or ""
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
        }
        assert not any(module.startswith(("PySide6", "ui.widgets")) for module in modules), path


def test_a_refused_case_goes_nowhere(sit: Sit) -> None:
    """An empty developer is told by its code, and no page is left or opened."""
    here = sit("people", "ibarra")
    presenter = CasesPresenter(here.view, here.desk)
    fields = CaseFields(
        case_type=str(CaseType.PRE_RELEASE_ACCESS),
        developer=" ",
        model="m",
        checkpoint="c",
        marking="UNCLASSIFIED",
        planned_release_on=date(2027, 4, 20),
    )
    presenter.create(fields)
    assert here.told_codes() == ["CAS-002"]
    assert "show_case" not in here.routes.names()
    assert "show_form" not in here.view.names()


def test_the_list_says_whose_turn_it_is(sit: Sit) -> None:
    """Quarantine waits for a reviewer and not for the official; only reviewers are offered a new case."""
    reviewer, official = sit("quarantined", "osei"), sit("quarantined", "lindqvist")
    for here, turn in ((reviewer, True), (official, False)):
        CasesPresenter(here.view, here.desk).refresh()
        rows = here.view.last("show_rows")
        assert [row.waits_for_me for row in rows] == [turn]
        assert here.view.last("offer_new") == {"offered": turn}


def test_overdue_is_a_word(sit: Sit) -> None:
    """A window that has run out says so in words and counts the days."""
    here = sit("evaluation", "osei")
    row = queries.case_rows(here.desk.here)[0]
    assert days_text(row) == "30 days left, open"
    changed = replace(row, standing=WindowStanding.OVERDUE, days_left=-1)
    assert days_text(changed) == "1 day over, overdue"


def test_an_answer_typed_and_saved_leaves_no_draft(sit: Sit) -> None:
    """A draft begins with the first change, ends with saving, and never equals what is saved."""
    here = sit("evaluation", "osei")
    presenter = ChecklistPresenter(here.view, here.desk, lambda: None)
    presenter.show(queries.case_view(here.desk.here, CASE))
    first = CriterionId(here.view.last("show_rows")[0].criterion_id)
    fields = AnswerFields(result="met", detail="Seen.")
    presenter.type_answer(first, fields)
    here.desk.drafts.flush()
    assert Drafts(here.desk.here).get(CASE, f"answer/{first}")["detail"] == "Seen."
    presenter.save(first, AnswerFields(detail="Seen."))
    assert here.view.names()[-1] == "ask_for_result"
    presenter.save(first, fields)
    assert here.view.names()[-1] == "go_to_next"
    here.desk.drafts.flush()
    assert Drafts(here.desk.here).get(CASE, f"answer/{first}") == {}


def test_somebody_not_assigned_gets_no_editor(sit: Sit) -> None:
    """The official sees the criteria, not an editor."""
    here = sit("evaluation", "lindqvist")
    presenter = ChecklistPresenter(here.view, here.desk, lambda: None)
    presenter.show(queries.case_view(here.desk.here, CASE))
    assert here.view.last("show_criterion").editor is None


def test_who_opined_is_offered_no_determination(sit: Sit) -> None:
    """Forms follow state, role and what the person did before."""
    for stage, who, forms in (
        ("both-submitted", "ibarra", {"opinion", "recommend"}),
        ("both-submitted", "osei", {"opinion"}),
        ("consulted", "ibarra", set()),
        ("consulted", "lindqvist", {"determine"}),
    ):
        here = sit(stage, who)
        DeterminationPresenter(here.view, here.desk, lambda: None).show(
            queries.case_view(here.desk.here, CASE)
        )
        assert here.view.last("show_record").forms.keys() == forms, (stage, who)


def test_a_conclusion_without_reasons_is_refused_by_its_code(sit: Sit) -> None:
    """The presenter tells the refusal and records nothing."""
    here = sit("consulted", "lindqvist")
    presenter = DeterminationPresenter(here.view, here.desk, lambda: None)
    presenter.show(queries.case_view(here.desk.here, CASE))
    presenter.conclude("determine", ConclusionFields(conclusion="covered"))
    assert here.told_codes() == ["CAS-031"]
    assert queries.case_view(here.desk.here, CASE).case.determination is None


def test_secrets_are_wiped_whatever_happens(sit: Sit) -> None:
    """Passphrases that differ, a medium that is not there: no typed secret stays in memory."""
    custodian = sit("people", "abara")
    secrets = [bytearray(b"one passphrase"), bytearray(b"another passphrase"), bytearray(b"own passphrase")]
    fields = EnrolFields(
        display_name="P",
        staff_number="D-9",
        login_name="p",
        role="reviewer",
        first=secrets[0],
        again=secrets[1],
        own=secrets[2],
    )
    PeoplePresenter(custodian.view, custodian.desk).enrol(fields)
    assert custodian.told_codes() == ["PPL-007"]
    officer = sit("requested", "tanaka")
    secrets.append(bytearray(b"officers passphrase"))
    presenter = ReleasesPresenter(officer.view, officer.desk)
    presenter.release(
        ExportId("EXPORT-X"),
        ReleaseFields(medium_id="", medium_marking="", sealed_to=(), passphrase=secrets[3]),
    )
    assert [bytes(secret).strip(b"\0") for secret in secrets] == [b""] * 4
