"""Every document of a case comes from the store, leaves by one path, and a variant has nothing to uncover."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from tests.helpers.listed import listed_folder
from tests.helpers.ready_office import office_at
from workstation.app import auditing, determining, documents, exporting, quarantine, releasable
from workstation.app.documents import Wanted
from workstation.app.markings import rules
from workstation.core.determinations import Conclusion
from workstation.core.examination import Outcome
from workstation.core.exports import DocumentNotOffered, ExportState, Report, ReportSuperseded
from workstation.core.markings import MarkingInvalid
from workstation.core.report import (
    Bullets,
    Callout,
    Column,
    DocumentKind,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    Paragraph,
    ReportDocument,
    ReportMetadata,
    Row,
    SignatureBlock,
    Table,
)
from workstation.core.values import CaseId
from workstation.demo.story import Story, passphrase

WHOLE = tuple(kind for kind in documents._BODIES if kind is not DocumentKind.DEFICIENCY_LETTER)
SECRET = "Planted-Vermilion"


def text_of(pdf: bytes) -> str:
    """Every page's text."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def everything(pdf: bytes) -> bytes:
    """Every stream, string, name and attachment of a PDF, decoded, and the file as it is."""
    found = [pdf]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for one in document.objects:
            if isinstance(one, pikepdf.Stream):
                found.append(one.read_bytes())
            found.append(one.unparse())
            found += [str(part).encode() for part in _strings(one)]
        found += [document.attachments[name].get_file().read_bytes() for name in document.attachments]
    return b"\n".join(found)


def _strings(one: object, depth: int = 0) -> Iterator[str]:
    if isinstance(one, pikepdf.String):
        yield str(one)
    elif depth < 4 and isinstance(one, pikepdf.Dictionary):
        for part in one.values():
            yield from _strings(part, depth + 1)
    elif depth < 4 and isinstance(one, pikepdf.Array):
        for part in one:
            yield from _strings(part, depth + 1)


@pytest.fixture(scope="module")
def concluded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """One concluded case for the module; no test changes its state."""
    return office_at("concluded", tmp_path_factory.mktemp("concluded") / "office")


def certify(story: Story, case_id: CaseId, wanted: Wanted) -> Report:
    """As the second reviewer."""
    with story.acting("osei") as session:
        return documents.certify(session, case_id, wanted, passphrase(), story.job)


def send(story: Story, report: Report) -> Path:
    """Requested by the reviewer, released by the officer, verified; the folder."""
    with story.acting("osei") as session:
        export = exporting.request(session, report.report_id, recipient="Developer (DEMO)")
    chosen = listed_folder(story.services, story.medium)
    with story.acting("tanaka") as session:
        done = exporting.release(session, export.export_id, chosen, passphrase(), story.job)
        assert done.state is ExportState.WRITTEN
        folder = story.medium / done.folder
        assert exporting.verify(session, folder).outcome is Outcome.ACCEPT
    return folder


@pytest.mark.parametrize("kind", WHOLE, ids=lambda kind: kind.replace(" ", "-"))
def test_each_document_is_signed_released_and_verified(
    concluded: tuple[Story, CaseId], kind: DocumentKind
) -> None:
    """Signed by a reviewer, released by the officer, what lies beside the PDF is attached to it."""
    story, case_id = concluded
    report = certify(story, case_id, Wanted(kind=kind))
    assert (report.kind, report.determination_number) == (kind, 0)
    folder = send(story, report)
    pdf = (folder / "report.pdf").read_bytes()
    name = f"{kind.replace(' ', '-')}.json"
    data = json.loads((folder / name).read_bytes())
    assert (data["kind"], data["report_id"], data["marking"]) == (kind, report.report_id, "UNCLASSIFIED")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.attachments[name].get_file().read_bytes() == (folder / name).read_bytes()
        banners = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
        assert all(text.count("UNCLASSIFIED") >= 2 for text in banners)
        assert len(banners) == len(document.pages)
    assert report.audit_head[:40] in text_of(pdf).replace("\n", "").replace("\r", "")


def test_a_deficiency_letter_says_what_was_found_and_what_to_send(tmp_path: Path) -> None:
    """Offered once the submission is returned, and not before; with its reason and digest."""
    story, case_id = office_at("received", tmp_path / "office")
    wanted = Wanted(kind=DocumentKind.DEFICIENCY_LETTER)
    with story.acting("osei") as session:
        assert DocumentKind.DEFICIENCY_LETTER not in documents.kinds(session, case_id)
        with pytest.raises(DocumentNotOffered):
            documents.preview(session, case_id, wanted)
        with session.look() as work:
            (package,) = work.packages.of_case(case_id)
        quarantine.return_as_deficient(session, package.package_id, reason="The system card is missing.")
        assert DocumentKind.DEVELOPER_NOTICE not in documents.kinds(session, case_id)
    text = text_of((send(story, certify(story, case_id, wanted)) / "report.pdf").read_bytes())
    for said in (
        "The system card is missing.",
        "what to send",
        "Nothing in the order stops",
        "What was examined",
    ):
        assert said in text.replace("\r\n", " ")


def test_the_notice_tells_the_developer_the_outcome_and_no_more(concluded: tuple[Story, CaseId]) -> None:
    """No reasons, opinions, names of reviewers or answers are in the file."""
    story, case_id = concluded
    with story.acting("osei") as session:
        with session.look() as work:
            case, people = work.cases.get(case_id), {p.person_id: p for p in work.people.all()}
        pdf = documents.preview(session, case_id, Wanted(kind=DocumentKind.DEVELOPER_NOTICE))
    assert case.determination is not None
    assert case.recommendation is not None
    assert "Covered frontier model" in text_of(pdf)
    withheld = [case.determination.reasons, case.recommendation.reasons]
    withheld += [opinion.reasons for opinion in case.opinions]
    withheld += [people[who].display_name for who in (*case.reviewers, case.determination.determined_by)]
    found = everything(pdf)
    assert [words for words in withheld if words.encode() in found] == []


def test_the_custody_log_has_every_act_of_custody_with_its_row(concluded: tuple[Story, CaseId]) -> None:
    """Each row of the trail about custody is in it by number and hash, nothing of an answer is."""
    story, case_id = concluded
    with story.acting("osei") as session:
        rows = auditing.page(session, case_id=case_id, limit=10_000)
        composed = documents.compose(session, case_id, Wanted(kind=DocumentKind.CUSTODY_LOG), report_id="R")  # type: ignore[arg-type]  # any name will do
    (table,) = [
        block
        for block in composed.document.blocks
        if isinstance(block, Table) and "rows of the audit trail" in block.caption
    ]
    told = {row.cells[0] for row in table.rows}
    received = [row for row in rows if row.event in {"PackageReceived", "PackageAccepted", "FilesStored"}]
    assert received
    assert {f"{row.seq} {row.hash_sha384[:16]}" for row in received} <= told
    assert not any("Answer" in cell for row in table.rows for cell in row.cells)


def test_a_notice_of_a_superseded_determination_does_not_leave(tmp_path: Path) -> None:
    """A later determination holds the notice of the earlier one back; a receipt still leaves."""
    story, case_id = office_at("concluded", tmp_path / "office")
    notice = certify(story, case_id, Wanted(kind=DocumentKind.DEVELOPER_NOTICE))
    receipt = certify(story, case_id, Wanted(kind=DocumentKind.INTAKE_RECEIPT))
    with story.acting("lindqvist") as session:
        determining.determine(
            session, case_id, conclusion=Conclusion.NOT_COVERED, reasons="On the corrected record."
        )
    with story.acting("osei") as session, pytest.raises(ReportSuperseded):
        exporting.request(session, notice.report_id, recipient="Developer (DEMO)")
    send(story, receipt)


# --- variants --------------------------------------------------------------------------------------------


def planted() -> ReportDocument:
    """A document with the word in every place that can hold words, each above the recipient's level."""
    high = "(S//NF)"
    columns = (Column(header="A"), Column(header="B"))
    return ReportDocument(
        kind=DocumentKind.DETERMINATION_REPORT,
        title=f"{SECRET} title",
        subtitle=f"{SECRET} subtitle",
        identifier="REPORT-TEST",
        date_text="23 NOV 2026",
        marking="SECRET//NOFORN",
        title_portion=high,
        authority=(f"Classified By: {SECRET}",),
        key_facts=KeyFacts(
            headline=Fact(label="Outcome", value=f"{SECRET} headline", portion=high),
            facts=(Fact(label="Open", value="kept fact", portion="(U)"), Fact(label="Case", value=SECRET)),
        ),
        blocks=(
            Heading(text="Kept heading"),
            Paragraph(text="kept paragraph", portion="(U)"),
            Paragraph(text=f"{SECRET} paragraph", portion=high),
            Paragraph(text=f"{SECRET} without a mark"),
            Heading(text=f"{SECRET} heading", level=2, portion=high),
            Heading(text=f"{SECRET} unmarked heading", level=2),
            Bullets(items=(f"{SECRET} item", "kept item"), portions=(high, "(U)")),
            KeyValues(
                facts=(Fact(label=SECRET, value=SECRET), Fact(label="L", value="kept value", portion="(U)"))
            ),
            Callout(title=SECRET, text=SECRET, items=(SECRET,), portion=high),
            Table(
                columns=columns,
                rows=(Row(cells=(SECRET, SECRET), portion=high), Row(cells=("kept", "cell"), portion="(U)")),
                caption=f"{SECRET} caption",
                portion=high,
            ),
            SignatureBlock(field_name="Reviewer", role="Reviewer", name="Certifies", statement="States."),
        ),
        metadata=ReportMetadata(author_office="Office", subject=f"On {SECRET}", keywords=(SECRET,)),
    )


def test_what_a_variant_does_not_cover_is_nowhere_in_its_file(concluded: tuple[Story, CaseId]) -> None:
    """Planted words are in no page, stream, string, tag, attachment or metadata, and the rest still is."""
    services = concluded[0].services
    made = releasable.variant(planted(), "UNCLASSIFIED", rules(), name="document.json")
    pdf = services.press.render(made.document, at=services.clock.now())
    whole = services.press.render(planted(), at=services.clock.now())
    assert SECRET.encode() in everything(whole)
    found = everything(pdf)
    assert SECRET.encode() not in found
    assert SECRET.encode("utf-16-be") not in found
    assert SECRET not in text_of(pdf)
    text = text_of(pdf)
    for kept in ("kept paragraph", "kept item", "kept value", "kept fact", "Kept heading"):
        assert kept in text
    assert made.document.marking == "UNCLASSIFIED"
    assert f"{made.removed} items removed from this document" in text
    assert made.removed == 12


def test_a_level_that_covers_everything_takes_nothing_out() -> None:
    """Nothing is removed, the marking stays, and so do title and authority."""
    made = releasable.variant(planted(), "SECRET//NOFORN", rules())
    assert made.removed == 0
    assert made.document.marking == "SECRET//NOFORN"
    assert (made.document.title, made.document.authority) == (planted().title, planted().authority)


def test_the_marking_of_a_variant_is_what_its_portions_ask_for() -> None:
    """Nothing of a secret document but open portions is left: the variant is no longer secret."""
    document = replace(
        planted(), blocks=(Paragraph(text="c", portion="(C//NF)"), Paragraph(text="s", portion="(S//NF)"))
    )
    made = releasable.variant(document, "CONFIDENTIAL//NOFORN", rules())
    assert made.document.marking == "CONFIDENTIAL//NOFORN"
    assert next(b.text for b in made.document.blocks if isinstance(b, Paragraph)) == "c"


def test_an_invalid_level_is_refused(concluded: tuple[Story, CaseId]) -> None:
    """The recipient's level is a banner by the rules or nothing is composed."""
    story, case_id = concluded
    with story.acting("osei") as session, pytest.raises(MarkingInvalid):
        documents.preview(session, case_id, Wanted(releasable_to="ANYBODY"))


def test_a_variant_is_signed_released_and_verified(concluded: tuple[Story, CaseId]) -> None:
    """A variant of the determination report leaves beside its own data and is not taken for the report."""
    story, case_id = concluded
    report = certify(story, case_id, Wanted(releasable_to="UNCLASSIFIED"))
    assert (report.determination_number, report.rests_on, report.releasable_to) == (0, 1, "UNCLASSIFIED")
    folder = send(story, report)
    assert (folder / "determination-report.json").exists()
    assert not (folder / "determination.json").exists()
