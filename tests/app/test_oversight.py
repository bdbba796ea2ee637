"""Earlier cases with similar readings, on the real store."""

from pathlib import Path

import pytest

from tests.helpers.office import office
from workstation.app import oversight, reviewing
from workstation.app.services import Session
from workstation.core.case_states import CaseState, CaseType
from workstation.core.determinations import Conclusion, Determination
from workstation.core.values import CaseId


def _second_case(session: Session, marking: str) -> CaseId:
    new = reviewing.NewCase(
        case_type=CaseType.DESIGNATION_INQUIRY, developer="Birch", model="b", checkpoint="1", marking=marking
    )
    return reviewing.open_case(session, new).case_id


def test_earlier_cases_are_shown_only_under_a_banner_that_covers_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case marked SECRET is no precedent on the page of an unclassified one; the other way round it is."""
    story = office(tmp_path)
    story.set_up()
    first = story.open_case()
    story.review(first, story.receive(first))
    with story.acting("ibarra") as session:
        secret = _second_case(session, "SECRET//NOFORN")
        now = session.services.clock.now()
        with session.work() as work:
            for case_id in (first, secret):
                case = work.cases.get(case_id)
                case.state = CaseState.DETERMINED
                case.determinations = (
                    Determination(
                        number=1,
                        conclusion=Conclusion.COVERED,
                        reasons="r",
                        gaps=(),
                        determined_by=session.person.person_id,
                        determined_at=now,
                        supersedes=None,
                    ),
                )
                work.record(reviewing.events.AuthorityStated(case_id=case_id, lines=()))
                work.cases.save(case)
        monkeypatch.setattr(oversight, "_told", lambda _work, _case: {"cyber": "met"})
        assert [one.case_id for one in oversight.earlier_cases(session, secret)] == [first]
        assert oversight.earlier_cases(session, first) == ()
        over = oversight.look_over(session)
        assert [entry.case_id for entry in over.entries] == sorted([first, secret])
        assert over.figures.received == 2
