"""Everything that a document says prints its portion mark on the page."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.test_referrals import Desk
from tests.helpers.ready_office import office_at
from workstation.app import documents, portions, quarantine, referral_documents, releasable
from workstation.app.documents import Wanted
from workstation.app.markings import rules
from workstation.core.report import (
    Block,
    Bullets,
    Callout,
    Chart,
    DocumentKind,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    Paragraph,
    ReportDocument,
    Row,
    Table,
)
from workstation.core.values import CaseId, ReportId
from workstation.demo.story import Story

KINDS = (DocumentKind.DETERMINATION_REPORT, *documents._BODIES)
MARK = re.compile(r"\((?:U|C|S|TS|CUI)(?://[A-Z, /-]+)?\) ")


def printed(document: ReportDocument) -> Iterator[tuple[str, str]]:
    """What is said and the mark in front of it, for each thing that is drawn with one."""
    yield document.title, document.title_portion
    assert document.key_facts is not None
    for block in (document.key_facts, *document.blocks):
        yield from _of_block(block)


def _of_block(block: Block) -> Iterator[tuple[str, str]]:
    if isinstance(block, Paragraph):
        yield block.text, block.portion
    elif isinstance(block, Callout):
        yield block.title, block.portion
    elif isinstance(block, Heading) and block.level > 1:
        yield block.text, block.portion
    elif isinstance(block, Bullets):
        assert len(block.portions) == len(block.items)
        yield from zip(block.items, block.portions, strict=True)
    elif isinstance(block, KeyValues):
        assert not block.caption, "a caption over facts is drawn without a mark"
        yield from ((fact.label, fact.portion) for fact in block.facts)
    elif isinstance(block, KeyFacts):
        yield from ((fact.label, fact.portion) for fact in (block.headline, *block.facts))
    elif isinstance(block, Chart):
        yield block.caption, block.portion
        yield from _of_block(block.table) if block.table else ()
    elif isinstance(block, Table):
        yield block.caption or block.empty_text, block.portion
        yield from ((row.cells[0], row.portion) for row in block.rows)


def unmarked(document: ReportDocument) -> list[str]:
    """What prints no portion mark, or one that is none by the rules."""
    found = []
    for text, mark in printed(document):
        if not mark:
            found.append(text)
        else:
            rules().portion(mark)
    return found


@pytest.fixture(scope="module")
def concluded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """One concluded case for the module; no test changes its state."""
    return office_at("concluded", tmp_path_factory.mktemp("marked") / "office")


def composed(told: tuple[Story, CaseId], wanted: Wanted) -> ReportDocument:
    """As the second reviewer sees it."""
    story, case_id = told
    with story.acting("osei") as session:
        return documents.compose(session, case_id, wanted, ReportId("PREVIEW")).document


@pytest.mark.parametrize("level", ["", "UNCLASSIFIED"], ids=["whole", "variant"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.replace(" ", "-"))
def test_each_paragraph_caption_row_and_fact_prints_its_mark(
    concluded: tuple[Story, CaseId], kind: DocumentKind, level: str, tmp_path: Path
) -> None:
    """In every document of a case, whole and made for a recipient."""
    told = concluded
    if kind is DocumentKind.DEFICIENCY_LETTER:
        told = story, case_id = office_at("received", tmp_path / "office")
        with story.acting("osei") as session:
            with session.look() as work:
                (package,) = work.packages.of_case(case_id)
            quarantine.return_as_deficient(session, package.package_id, reason="No system card.")
    document = composed(told, Wanted(kind=kind, releasable_to=level))
    assert len(list(printed(document))) > 10
    assert unmarked(document) == []


def test_a_referral_memo_prints_every_mark(tmp_path: Path) -> None:
    """The memo about a flaw and the access-limited one."""
    desk = Desk(tmp_path / "desk")
    for login_name, referral in (("osei", desk.draft()), ("feld", desk.enforcement())):
        with desk.story.acting(login_name) as session, session.look() as work:
            made = referral_documents.compose(session, work, referral, ReportId("PREVIEW"))
        assert unmarked(made.document) == []


def test_what_had_no_mark_counts_as_before(concluded: tuple[Story, CaseId]) -> None:
    """An unmarked fact and row print the document's own mark, and a lower variant still goes without them."""
    base = composed(concluded, Wanted(kind=DocumentKind.DEVELOPER_NOTICE))
    table = Table.of(("A", "B"), (("row", "-"),), caption="Caption", portion="(C)")
    bare = replace(table, portion="", caption="")
    facts = KeyValues(facts=(Fact(label="L", value="V"), Fact(label="M", value="W", portion="(U)")))
    document = replace(base, marking="SECRET//NOFORN", blocks=(table, bare, facts))
    made = portions.marked(document, "(S//NF)")
    assert made.blocks[0] == replace(table, rows=(Row(cells=("row", "-"), portion="(C)"),))
    assert [mark for _text, mark in printed(replace(made, blocks=made.blocks[1:]))][-4:] == [
        *("(S//NF)",) * 3,
        "(U)",
    ]
    assert portions.marked(made, "(U)") == made
    for level in ("UNCLASSIFIED", "CONFIDENTIAL//NOFORN", "SECRET//NOFORN"):
        assert releasable.variant(made, level, rules()) == releasable.variant(document, level, rules())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext of poppler is not installed")
def test_the_marks_are_on_the_pages_of_the_demonstration_report(
    concluded: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """Captions, rows and facts of the rendered determination report are read with their mark in front."""
    document = composed(concluded, Wanted())
    services = concluded[0].services
    path = tmp_path / "report.pdf"
    path.write_bytes(services.press.render(document, at=services.clock.now()))
    package = next(b for b in document.blocks if isinstance(b, KeyValues) and b.facts[0].label == "Package")
    command = ["pdftotext", "-raw", str(path), "-"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for said in (
        "(U) Findings of the static examination",
        "(U) Consultations under section 3(a)",
        "(U) Release dates as the developer stated them",
        f"(U) {package.facts[0].value}",
        "(U) Recommendation it rests on",
    ):
        assert said in text, said
    marks = [mark for _text, mark in printed(document)]
    assert len(MARK.findall(text)) >= len(marks)
