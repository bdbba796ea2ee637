"""What is composed has the banner its portions ask for: never less, and never more without an explanation."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.test_benchmark_results import BY_HAND
from tests.helpers.ready_office import office_at
from workstation.app import auditing, benchmarks, documents, releasable, reporting
from workstation.app.documents import Wanted
from workstation.app.markings import rules
from workstation.core.finding_errors import MarkingBelowPortion
from workstation.core.markings import (
    BannerBelowPortions,
    CompilationUnexplained,
    dominates,
    require_rolls_up,
    rollup,
)
from workstation.core.report import (
    Bullets,
    DocumentKind,
    Fact,
    KeyValues,
    Paragraph,
    ReportDocument,
    ReportMetadata,
)
from workstation.core.values import CaseId, ReportId
from workstation.demo.story import Story, passphrase

KINDS = tuple(kind for kind in documents._BODIES if kind is not DocumentKind.DEFICIENCY_LETTER)
MARKS = ("", "(U)", "(C)", "(C//NF)", "(S)", "(S//NF)", "(S//REL TO USA, GBR)", "(TS//NF)")
LEVELS = ("UNCLASSIFIED", "CONFIDENTIAL//NOFORN", "SECRET", "SECRET//NOFORN", "TOP SECRET//NOFORN")


def marks_of(value: Any, whole: str) -> Iterator[str]:
    """The portion mark of everything in a document, found by looking into every field of every value."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for part in value:
            yield from marks_of(part, whole)
    elif is_dataclass(value):
        for one in fields(value):
            held = getattr(value, one.name)
            if one.name in {"portion", "title_portion"}:
                yield held or whole
            elif one.name == "portions":
                yield from (mark or whole for mark in held)
            else:
                yield from marks_of(held, whole)


def require_neither_above_nor_below(document: ReportDocument, whole: str) -> None:
    """What the command for markings would say of the banner and these portions."""
    marks = {*marks_of(document, whole), "(U)"}
    require_rolls_up(rules().parse(document.marking), [rules().portion(mark) for mark in sorted(marks)])


@pytest.fixture(scope="module")
def concluded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """One concluded case for the module; no test changes its state."""
    return office_at("concluded", tmp_path_factory.mktemp("concluded") / "office")


def test_a_reading_marked_above_its_case_is_not_recorded_and_never_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused where it is typed; were it in the store none the less, no report is signed over it."""
    story, case_id = office_at("received", tmp_path / "office")
    secret = replace(BY_HAND, portion_marking="(S//NF)")
    with story.acting("ibarra") as session, session.look() as work:
        (package,) = work.packages.of_case(case_id)
    story.clock.advance(story.to_window)
    with story.acting("ibarra") as session:
        with pytest.raises(MarkingBelowPortion):
            benchmarks.record(session, case_id, secret)
        with session.look() as work:
            assert not work.benchmarks.of_case(case_id)
        monkeypatch.setattr(benchmarks, "_portion", lambda *given: given[-1])
        benchmarks.record(session, case_id, secret)
    story.review(case_id, package)
    story.conclude(case_id)
    with story.acting("osei") as session:
        with pytest.raises(BannerBelowPortions) as caught:
            reporting.certify(session, case_id, passphrase(), story.job)
        with session.look() as work:
            assert not work.releases.reports(case_id)
        newest = next(row for row in auditing.page(session, limit=5) if row.event == "ActRefused")
    assert (caught.value.code, caught.value.expected) == ("MRK-002", "SECRET//NOFORN")
    assert (newest.case_id, "MRK-002" in newest.body_json) == (case_id, True)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.replace(" ", "-"))
def test_the_banner_of_a_document_is_what_its_portions_ask_for(
    concluded: tuple[Story, CaseId], kind: DocumentKind
) -> None:
    """The same of a document marked secret throughout: what has no mark of its own carries the banner."""
    story, case_id = concluded
    with story.acting("osei") as session:
        document = documents.compose(session, case_id, Wanted(kind=kind), ReportId("PREVIEW")).document
    require_neither_above_nor_below(document, "(U)")
    require_neither_above_nor_below(replace(document, marking="SECRET//NOFORN"), "(S//NF)")


def test_the_measure_itself_tells_a_banner_above_its_portions() -> None:
    """A banner that nothing under it asks for is told, so the other tests here can fail."""
    with pytest.raises(CompilationUnexplained):
        require_neither_above_nor_below(replace(document_of(["(U)"]), marking="SECRET//NOFORN"), "(U)")


def document_of(marks: Sequence[str]) -> ReportDocument:
    """Secret, with an item for each mark in a paragraph, a list and a table of facts."""
    return ReportDocument(
        kind=DocumentKind.DETERMINATION_REPORT,
        title="T",
        subtitle="S",
        identifier="REPORT-TEST",
        date_text="23 NOV 2026",
        marking="SECRET//NOFORN",
        title_portion="(U)",
        blocks=(
            *(Paragraph(text="p", portion=mark) for mark in marks),
            Bullets(items=("i",) * len(marks), portions=tuple(marks)),
            KeyValues(facts=tuple(Fact(label="l", value="v", portion=mark) for mark in marks)),
        ),
        metadata=ReportMetadata(author_office="Office", subject="S", keywords=()),
    )


@given(marks=st.lists(st.sampled_from(MARKS), min_size=1, max_size=6), level=st.sampled_from(LEVELS))
def test_no_variant_stands_above_or_below_what_is_left_in_it(marks: list[str], level: str) -> None:
    """Whatever the portions and the level asked for, the banner is that of the rest and within the level."""
    document, wanted = document_of(marks), rules().parse(level)
    kept = {mark for mark in marks_of(document, "(S//NF)") if dominates(wanted, rules().portion(mark))}
    if not dominates(wanted, rollup([rules().portion(mark) for mark in sorted({*kept, "(U)"})])):
        with pytest.raises(BannerBelowPortions):
            releasable.variant(document, level, rules())
        return
    made = releasable.variant(document, level, rules()).document
    require_neither_above_nor_below(made, "(S//NF)")
    assert dominates(wanted, rules().parse(made.marking))
    releasable.require_covered(made, rules())


def test_a_variant_is_refused_where_its_portions_roll_up_above_the_level() -> None:
    """A secret part for two countries and a part without a list are NOFORN together, so not for SECRET."""
    with pytest.raises(BannerBelowPortions) as caught:
        releasable.variant(document_of(["(C)", "(S//REL TO USA, GBR)"]), "SECRET", rules())
    assert (caught.value.banner, caught.value.expected) == ("SECRET", "SECRET//NOFORN")
