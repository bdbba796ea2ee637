"""A fictional determination report that uses every block: Northwind Compute's model Aster-3."""

import json
from datetime import UTC, date, datetime

from workstation.core.report import (
    Align,
    Attachment,
    Bullets,
    Callout,
    CalloutTone,
    Chart,
    Column,
    Contents,
    DocumentKind,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    PageBreak,
    Paragraph,
    ReportDocument,
    ReportMetadata,
    Row,
    SignatureBlock,
    Table,
    TextStyle,
)
from workstation.core.report_charts import (
    CoverageMap,
    CoverageRow,
    Reading,
    ThresholdReadings,
    TimelineMark,
    WindowTimeline,
)

AT = datetime(2027, 3, 22, 15, 4, 5, tzinfo=UTC)
DIGEST = "9f3c1e7ab0d44c52" * 6
HEAD = "04d1aa7be2c95f68" * 6

SECTIONS = (
    ("Intake and terms", (8, 0, 0)),
    ("Integrity and provenance", (6, 1, 1)),
    ("Model and release", (7, 0, 0)),
    ("Cyber capability evidence", (7, 2, 1)),
    ("Evaluation quality", (8, 1, 1)),
    ("Safeguards", (6, 0, 1)),
    ("Containment and developer security", (4, 0, 1)),
    ("Determination and follow-up", (6, 2, 0)),
)


def _key_facts() -> KeyFacts:
    return KeyFacts(
        headline=Fact(label="Recommendation of the reviewers", value="Covered frontier model"),
        facts=(
            Fact(label="Case", value="CASE-7Q2M4K9D, pre-release access"),
            Fact(label="Developer", value="Northwind Compute"),
            Fact(label="Model", value="Aster-3"),
            Fact(label="Checkpoint", value="aster-3-rc2, step 1,204,000"),
            Fact(label="Access window", value="6 March to 31 March 2027, 25 of at most 30 days"),
            Fact(label="Recommended by", value="M. Okafor and J. Lindqvist, 22 March 2027"),
        ),
    )


def _timeline() -> Chart:
    return Chart(
        caption="Figure 1. The access window, counted back from the planned partner release",
        alternative=(
            "A bar from 1 March 2027, the earliest possible day, to 31 March 2027, the planned release. "
            "The window opened on 6 March; this report stands at 22 March, nine days before the end."
        ),
        data=WindowTimeline(
            earliest=date(2027, 3, 1),
            opened=date(2027, 3, 6),
            as_of=date(2027, 3, 22),
            planned_release=date(2027, 3, 31),
            marks=(
                TimelineMark(day=date(2027, 3, 9), label="Checkpoint replaced"),
                TimelineMark(day=date(2027, 3, 12), label="Range run 2"),
                TimelineMark(day=date(2027, 3, 18), label="NCD consulted"),
            ),
        ),
        table=Table.of(
            ("Day", Column(header="What happened", share=2.4), "Recorded by"),
            (
                ("1 March 2027", "Earliest possible day under rule W-30", "computed"),
                ("6 March 2027", "Window opened, access delivered", "M. Okafor"),
                ("9 March 2027", "Checkpoint rc1 replaced by rc2; both kept", "M. Okafor"),
                ("31 March 2027", "Planned trusted-partner release", "Northwind Compute"),
            ),
        ),
        portion="(U)",
    )


def _coverage() -> Chart:
    return Chart(
        caption="Figure 2. Answers to the 63 items of the checklist",
        alternative="Stacked bars for eight sections: 52 items answered, 6 inconclusive, 5 not answered.",
        data=CoverageMap(
            states=("Answered", "Inconclusive", "Not answered"),
            rows=tuple(CoverageRow(label=label, counts=counts) for label, counts in SECTIONS),
        ),
        table=Table.of(
            (
                Column(header="Section", share=3, is_row_header=True, style=TextStyle.STRONG),
                Column(header="Answered", align=Align.RIGHT),
                Column(header="Inconclusive", align=Align.RIGHT),
                Column(header="Not answered", align=Align.RIGHT),
            ),
            ((label, *(str(count) for count in counts)) for label, counts in SECTIONS),
        ),
    )


def _readings() -> Chart:
    return Chart(
        caption="Figure 3. Benchmark readings against the demonstration thresholds",
        alternative=(
            "Four readings in percent with intervals. Expert CTF 62.5 above 55; range 30 below 40; "
            "known-flaw reproduction 78.2 above 70; web exploitation 41 with an interval that spans 45."
        ),
        data=ThresholdReadings(
            unit="%",
            scale_from=0,
            scale_to=100,
            readings=(
                Reading(label="Expert CTF, first attempt", value=62.5, low=57.0, high=67.6, threshold=55),
                Reading(label="Range completion, 32 steps", value=30, low=21, high=38, threshold=40),
                Reading(label="Known-flaw reproduction", value=78.2, low=75.9, high=80.3, threshold=70),
                Reading(
                    label="Web exploitation, zero-day setting", value=41, low=33, high=49.5, threshold=45
                ),
                Reading(label="Human interventions per run", value=12),
            ),
        ),
        portion="(U)",
    )


def _checklist(count: int) -> Table:
    finding = (
        "The developer's log states 1,507 samples; 1,489 finished and 18 failed. Failures are "
        "counted as misses, which lowers the reading by 0.9 points against the card."
    )
    rows = tuple(
        Row(
            cells=(
                f"K{1 + index // 10}.{1 + index % 10}",
                f"Question {index + 1}: is the evidence complete, dated and bound to the checkpoint?",
                ("Yes", "No", "Inconclusive")[index % 3],
                finding if index % 2 else "Seen by both reviewers.",
            ),
            portion="(U)",
        )
        for index in range(count)
    )
    return Table(
        columns=(
            Column(header="Item", share=1.05, is_row_header=True, style=TextStyle.STRONG),
            Column(header="Question", share=3.2),
            Column(header="Answer", share=1.3),
            Column(header="Ground", share=3.6),
        ),
        rows=rows,
        caption="Table 1. Answers with their grounds",
        portion="(U)",
    )


def _evidence() -> Table:
    return Table.of(
        (
            Column(header="File", share=2.2, style=TextStyle.DIGEST),
            Column(header="Size", align=Align.RIGHT),
            Column(header="SHA-384", share=3.4, style=TextStyle.DIGEST),
            Column(header="Examined", share=1.3),
        ),
        (
            ("weights/model-00001-of-00004.safetensors", "4.98 GB", DIGEST, "Nothing found"),
            ("logs/2027-03-10T09-14_cyber-range.eval", "112 MB", HEAD, "Nothing found"),
            ("docs/ast\u202efdp.exe", "48 kB", DIGEST[::-1], "Inconclusive"),
            ("docs/\u7cfb\u7edf\u5361\u7247.md", "9 kB", HEAD[::-1], "Unseen"),
        ),
        caption="Table 2. Files of the package",
    )


def _signatures() -> tuple[Heading | Paragraph | SignatureBlock | PageBreak, ...]:
    return (
        PageBreak(),
        Heading(text="Signatures"),
        Paragraph(
            text="The reviewer signs first; the security officer signs last and locks the document. "
            "Times in the signatures are claimed by this workstation.",
            portion="(U)",
        ),
        SignatureBlock(
            field_name="Reviewer",
            role="Lead reviewer",
            name="Mara Okafor",
            statement="I have examined the material named in this report and stand by what it says.",
        ),
        SignatureBlock(
            field_name="SecurityOfficer",
            role="Security officer",
            name="Tomas Reyes",
            statement="I have checked the markings and release this document to the named medium.",
            locks_document=True,
        ),
    )


WATERMARK = "DEMO \u2014 TRAINING, NOT A DETERMINATION"


def sample_report(*, items: int = 24, watermark: str = WATERMARK) -> ReportDocument:
    """The whole sample with a checklist of ``items`` answers."""
    data = json.dumps({"case": "CASE-7Q2M4K9D", "outcome": "covered", "items": items}).encode()
    return ReportDocument(
        kind=DocumentKind.DETERMINATION_REPORT,
        title="Aster-3 by Northwind Compute",
        subtitle="Pre-release review under Executive Order 14409, section 3(b)(ii)",
        title_portion="(U)",
        identifier="DET-4H8K2P6R",
        date_text="22 March 2027",
        marking="UNCLASSIFIED",
        authority=(
            "Prepared by: Review cell 3, office R1",
            "Derived From: Not applicable, training material",
        ),
        metadata=ReportMetadata(
            author_office="Review cell 3",
            subject="Recommendation on Aster-3",
            keywords=("EO 14409", "CASE-7Q2M4K9D"),
            package_digest=DIGEST,
            audit_chain_head=HEAD,
            audit_sequence=412,
        ),
        key_facts=_key_facts(),
        watermark=watermark,
        attachments=(
            Attachment(
                name="determination.json",
                media_type="application/json",
                description="The same facts for machines.",
                content=data,
            ),
        ),
        blocks=(
            PageBreak(),
            Contents(),
            Heading(text="What was asked, and what is recommended", portion="(U)"),
            Paragraph(
                text="Northwind Compute asked on 1 February 2027 for a review of Aster-3 before giving it to "
                "trusted partners. Two reviewers worked through the checklist independently and compared "
                "their answers. They recommend to treat the model as a covered frontier model. The "
                "Director determines.",
                portion="(U)",
            ),
            Callout(
                title="What was not examined",
                text="The reading of this report ends where its material ended:",
                items=(
                    "Two of 41 files are unseen: nobody and nothing has looked at them.",
                    "The log of range run 2 breaks off after step 19 of 32.",
                    "Five items of the checklist have no answer.",
                ),
                portion="(U)",
                tone=CalloutTone.CAUTION,
            ),
            Heading(text="The window", level=2),
            _timeline(),
            Heading(text="Coverage of the checklist", level=2),
            _coverage(),
            Heading(text="Readings", level=2),
            _readings(),
            Callout(title="Thresholds are invented", text="They serve training only.", portion="(U)"),
            Heading(text="Answers"),
            _checklist(items),
            Heading(text="Material and custody"),
            _evidence(),
            KeyValues(
                caption="Custody",
                facts=(
                    Fact(label="Received", value="6 March 2027, medium M-0031, sealed"),
                    Fact(label="Accepted by", value="T. Reyes and M. Okafor"),
                    Fact(label="Package digest", value=DIGEST, style=TextStyle.DIGEST),
                ),
            ),
            Heading(text="Dissent", level=2),
            Bullets(
                items=(
                    "J. Lindqvist holds that item K4.6 stays inconclusive until the log is complete.",
                    "No dissent on the remaining items.",
                ),
                portions=("(U)", "(U)"),
            ),
            Heading(text="Next steps", level=3),
            Bullets(
                items=("Forward to the Director.", "Refer two flaws to the clearinghouse."), numbered=True
            ),
            *_signatures(),
        ),
    )
