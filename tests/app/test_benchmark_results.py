"""Benchmark results at a real office: imports wait for a person, nothing is overwritten, nothing follows."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.helpers.office import office, unlock
from workstation.app import benchmarks, content, queries, reporting
from workstation.app.services import Session
from workstation.core.case_errors import StepNotPossible
from workstation.core.checklists import Result
from workstation.core.errors import Refused
from workstation.core.exports import RecordUnknown
from workstation.core.people import DutiesConflict, Duty, NotAppointed, Role, require_duty
from workstation.core.readings import Told, Why
from workstation.core.report import Callout, Chart
from workstation.core.report_charts import ThresholdReadings
from workstation.core.results import BenchmarkTwice, BenchmarkUnknown, Concern, Measured, Origin, Provenance
from workstation.core.values import CaseId, CriterionId, EvidenceLink, ReportId
from workstation.demo.story import Story

LOG = "data/evaluations/ctf-by-tier.json"
BY_HAND = benchmarks.NewResult(
    suite="ctf-by-tier",
    metric="accuracy",
    measured=Measured(value=Decimal("0.2"), samples=200, errors=0),
    provenance=Provenance(run_by="A. Tester", run_on="2027-02-25", log_named="run of the office, log 7"),
    cheating=Concern.NONE_FOUND,
    note="run on the office's own machine",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CaseId]:
    """An office that has received a package."""
    folder = tmp_path_factory.mktemp("office")
    story = office(folder)
    story.set_up()
    case_id = story.open_case()
    story.receive(case_id)
    return folder, case_id


@pytest.fixture
def story(told: tuple[Path, CaseId], tmp_path: Path) -> Story:
    """A copy of it."""
    made = office(tmp_path / "copy", source=told[0])
    shutil.copytree(told[0] / "profile", tmp_path / "copy" / "profile", dirs_exist_ok=True)
    made.clock.advance(made.to_window)
    return made


@pytest.fixture
def session(story: Story) -> Iterator[Session]:
    """The lead at the desk."""
    with story.acting("ibarra") as session:
        yield session


@pytest.fixture
def case_id(told: tuple[Path, CaseId]) -> CaseId:
    """The case."""
    return told[1]


def test_logs_propose_and_nothing_is_recorded(session: Session, case_id: CaseId) -> None:
    """Looking at what logs state changes nothing; taking it records exactly that, and who took it."""
    found = benchmarks.imports(session, case_id)
    assert [(one.suite, str(one.measured.value)) for one in found.proposals] == [
        ("ctf-by-tier", "0.725"),
        ("range-32", "0.3"),
    ]
    assert benchmarks.view(session, case_id).results == ()
    taken = benchmarks.take(session, case_id, LOG, "ctf-by-tier", "accuracy", benchmarks.Judged())
    assert (taken.origin, taken.recorded_by) == (Origin.IMPORTED, session.person.person_id)
    assert taken.measured == found.proposals[0].measured
    again = benchmarks.imports(session, case_id).proposals[0]
    assert again.recorded == taken.result_id
    with pytest.raises(BenchmarkTwice):
        benchmarks.take(session, case_id, LOG, "ctf-by-tier", "accuracy", benchmarks.Judged())
    with pytest.raises(BenchmarkUnknown):
        benchmarks.take(session, case_id, "data/terms.md", "ctf-by-tier", "accuracy", benchmarks.Judged())


def test_an_import_never_overwrites_what_a_person_entered(session: Session, case_id: CaseId) -> None:
    """Both stand side by side; as they disagree, the criterion cannot be told."""
    mine = benchmarks.record(session, case_id, BY_HAND)
    proposal = benchmarks.imports(session, case_id).proposals[0]
    assert proposal.beside == (mine.result_id,)
    benchmarks.take(session, case_id, LOG, "ctf-by-tier", "accuracy", benchmarks.Judged())
    view = benchmarks.view(session, case_id)
    assert mine in view.results
    first = view.reading.criteria[0]
    assert (first.told, first.why) == (Told.CANNOT_BE_TOLD, (Why.RESULTS_DISAGREE,))


def test_a_correction_supersedes_and_what_was_taken_back_stays(session: Session, case_id: CaseId) -> None:
    """Nothing is erased: the record has every result, the reading only those that count."""
    wrong = benchmarks.record(session, case_id, BY_HAND)
    right = replace(
        BY_HAND,
        measured=Measured(value=Decimal("0.9"), samples=200),
        supersedes=wrong.result_id,
        note="typed the share of failures",
    )
    fixed = benchmarks.record(session, case_id, right)
    view = benchmarks.view(session, case_id)
    assert [one.result_id for one in view.results] == [wrong.result_id, fixed.result_id]
    assert view.reading.criteria[0].told is Told.MET
    benchmarks.take_back(session, case_id, fixed.result_id, reason="the machine was misconfigured")
    view = benchmarks.view(session, case_id)
    assert len(view.results) == 3
    assert view.reading.criteria[0].why == (Why.NO_RESULT,)


def test_no_state_follows_from_a_reading(session: Session, case_id: CaseId) -> None:
    """Whatever is recorded and read, the case stands where it stood, and the trail says what was recorded."""
    before = queries.case_view(session, case_id)
    benchmarks.record(session, case_id, replace(BY_HAND, measured=Measured(value=Decimal(1), samples=900)))
    for proposal in benchmarks.imports(session, case_id).proposals:
        judged = benchmarks.Judged()
        benchmarks.take(session, case_id, proposal.untrusted_path, proposal.suite, proposal.metric, judged)
    benchmarks.view(session, case_id)
    after = queries.case_view(session, case_id)
    assert after.case == before.case
    rows = [row for row in queries.history(session, case_id) if row.event == "BenchmarkRecorded"]
    assert len(rows) == 3
    assert {row.duty for row in rows} == {"record-benchmark"}


def test_who_does_not_review_records_nothing(story: Story, case_id: CaseId) -> None:
    """Neither the official, nor the officer, nor the custodian; and the refusal is in the trail."""
    for login_name in ("lindqvist", "tanaka", "abara"):
        with story.acting(login_name) as session:
            with pytest.raises(NotAppointed):
                benchmarks.record(session, case_id, BY_HAND)
            rows = queries.history(session, case_id)
            assert rows[0].event == "ActRefused"


def test_whoever_recorded_a_result_neither_determines_nor_releases(story: Story, case_id: CaseId) -> None:
    """The duties exclude each other, so that no number is judged by whoever wrote it down."""
    with story.acting("osei") as session:
        benchmarks.record(session, case_id, BY_HAND)
        with session.look() as work:
            done = work.audit.duties_done(session.person.person_id, case_id)
    duties = frozenset(map(Duty, done))
    for role, duty in (
        (Role.DETERMINATION_OFFICIAL, Duty.DETERMINE),
        (Role.SECURITY_OFFICER, Duty.RELEASE_EXPORT),
    ):
        with pytest.raises(DutiesConflict):
            require_duty(replace(session.person, role=role), duty, duties)


def test_a_log_that_is_not_in_the_package_is_no_evidence(session: Session, case_id: CaseId) -> None:
    """A link has to lead somewhere."""
    with session.look() as work:
        package_id = work.cases.get(case_id).package_id
    assert package_id is not None
    link = EvidenceLink(package_id=package_id, untrusted_path="data/none.json")
    with pytest.raises(RecordUnknown):
        benchmarks.record(
            session, case_id, replace(BY_HAND, provenance=replace(BY_HAND.provenance, log=link))
        )
    assert benchmarks.view(session, case_id).results == ()


def test_imports_propose_answers_and_answer_nothing(session: Session, case_id: CaseId) -> None:
    """Weights, bill of materials and logs propose with file and reason; every criterion stays unanswered."""
    found = benchmarks.proposals(session, case_id)
    assert found[CriterionId("K2.1")][0].result is Result.MET
    assert found[CriterionId("K2.4")][0].result is Result.MET
    assert found[CriterionId("K2.7")][0].result is Result.CANNOT_TELL
    assert found[CriterionId("K5.5")][0].result is Result.NOT_MET
    assert [link.untrusted_path for link in found[CriterionId("K2.4")][0].evidence] == [
        "data/weights/aster-3-0219.safetensors"
    ]
    assert queries.case_view(session, case_id).tally["unanswered"] == len(session.services.criteria.criteria)


def test_the_report_reads_results_and_says_that_the_profile_is_invented(
    story: Story, case_id: CaseId
) -> None:
    """Readings with arithmetic, a chart with its words, and on every page that nothing of it is real."""
    with story.acting("ibarra") as session, session.look() as work:
        package = work.packages.get(work.cases.get(case_id).package_id or "")  # type: ignore[arg-type]  # there is one
    story.review(case_id, package)
    story.conclude(case_id)
    with story.acting("osei") as session:
        with pytest.raises(StepNotPossible):
            benchmarks.record(session, case_id, BY_HAND)
        document, statement = reporting.compose(session, case_id, ReportId("PREVIEW"))
        pdf = reporting.preview(session, case_id)
    assert pdf.startswith(b"%PDF")
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    (chart,) = [one for one in charts if isinstance(one.data, ThresholdReadings)]
    assert isinstance(chart.data, ThresholdReadings)
    assert len(chart.data.readings) == 2
    assert "invented profile" in chart.caption
    callouts = [block.title for block in document.blocks if isinstance(block, Callout)]
    assert "Invented profile: no real threshold" in callouts
    assert document.watermark
    said = json.loads(statement)["readings"]
    assert (said["invented"], said["told"], said["criteria"]["B1"]) == (True, "cannot-be-told", "met")


def test_every_case_is_read_by_the_profile_it_began_with(session: Session, case_id: CaseId) -> None:
    """The case names its profile from the day it was opened."""
    with session.look() as work:
        case = work.cases.get(case_id)
        assert case.benchmark_profile == content.shipped_profile().reference
        assert content.profile_of(work, case) == content.shipped_profile()


def test_refusals_leave_nothing_behind(story: Story, case_id: CaseId) -> None:
    """Each refused entry is in the trail, and no row of a result is."""
    session = unlock(story.services, "osei")
    for wrong in (
        replace(BY_HAND, measured=Measured(value=Decimal(2))),
        replace(BY_HAND, suite="none"),
        replace(BY_HAND, portion_marking="nonsense"),
        replace(BY_HAND, cheating=Concern.SUSPECTED, note=""),
    ):
        with pytest.raises(Refused):
            benchmarks.record(session, case_id, wrong)
    assert benchmarks.view(session, case_id).results == ()
    session.database.close()
    session.vault.lock()
