"""What a referral memo says, block by block."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from workstation.app.report_blocks import day
from workstation.app.wording import moment, visible, word
from workstation.core.advisories import AdvisedFlaw
from workstation.core.cases import Case
from workstation.core.people import Person
from workstation.core.referrals import Referral
from workstation.core.report import (
    Block,
    Bullets,
    Callout,
    Column,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    PageBreak,
    Paragraph,
    Row,
    SignatureBlock,
    Table,
    TextStyle,
)
from workstation.core.values import EvidenceLink, PersonId

SIGNER_FIELD = "Referrer"
COUNSEL_FIELD = "Counsel"
OFFICER_FIELD = "SecurityOfficer"
_NOTE = (
    "Findings are what reviewers saw in material that was submitted of the developer's own accord. "
    "They say nothing about what was not examined, and a referral decides nothing about a model."
)


@dataclass(frozen=True, kw_only=True)
class MemoMaterial:
    """Everything a memo is made of, read in one consistent state."""

    office: str
    case: Case
    referral: Referral
    flaws: tuple[AdvisedFlaw, ...]
    people: Mapping[PersonId, Person]
    made_at: datetime
    audit_head: str
    audit_rows: int
    watermark: str
    portion_of: Callable[[str], str]  # a banner's own portion mark

    def name(self, person_id: PersonId | None) -> str:
        """A person's display name."""
        person = self.people.get(person_id) if person_id is not None else None
        return person.display_name if person is not None else "-"


def key_facts(material: MemoMaterial) -> KeyFacts:
    """The box read at arm's length."""
    case, referral = material.case, material.referral
    facts = [
        Fact(label="To", value=referral.text.recipient),
        Fact(label="Case", value=case.case_id),
        Fact(label="Developer", value=case.developer),
        Fact(label="Model", value=f"{case.model}, checkpoint {case.checkpoint}"),
        Fact(label="Answer asked for within", value=f"{referral.text.answer_days} days"),
    ]
    headline = Fact(label="Referral", value=word("referral-kind", referral.kind))
    return KeyFacts(headline=headline, facts=tuple(facts))


def blocks(material: MemoMaterial) -> tuple[Block, ...]:
    """The whole memo in reading order."""
    text = material.referral.text
    found: list[Block] = [
        Paragraph(text=_NOTE, portion="(U)"),
        Heading(text="Summary"),
        Paragraph(text=text.summary, portion=text.portion_marking),
    ]
    if material.referral.is_limited:
        found += _enforcement(material)
    else:
        found += _overview(material)
        for flaw in material.flaws:
            found += _finding(material, flaw)
    return (*found, *_record(material), PageBreak(), *_signatures(material))


def _enforcement(material: MemoMaterial) -> list[Block]:
    text = material.referral.text
    rows = [_place(link) for link in text.evidence]
    limited = "Only the people named on this referral read it at the office that sends it."
    return [
        Callout(title="Access-limited", text=limited, portion="(U)"),
        Heading(text="Law it may concern"),
        Bullets(items=text.statutes, portions=(text.portion_marking,) * len(text.statutes)),
        Heading(text="Where it was seen"),
        Table.of(
            (Column(header="File", share=2.0, style=TextStyle.DIGEST), "Place"),
            rows,
            portion=text.portion_marking,
        ),
        Heading(text="Drafted and signed off"),
        KeyValues.of(
            (
                ("Drafted by", material.name(material.referral.drafted_by)),
                ("Counsel", material.name(material.referral.counsel)),
            )
        ),
    ]


def _place(link: EvidenceLink) -> tuple[str, str]:
    return visible(link.untrusted_path, lines=False), visible(link.anchor, lines=False) or "-"


def _overview(material: MemoMaterial) -> list[Block]:
    rows = []
    for flaw in material.flaws:
        one, worst = flaw.finding, flaw.finding.worst
        scored = f"{worst.base:.1f} {word('cvss-severity', worst.severity)}" if worst else "-"
        cells = (one.finding_id, one.text.title, scored, word("patch-state", one.patch))
        rows.append(Row(cells=cells, portion=one.text.portion_marking))
    columns = (
        Column(header="Finding", share=1.2, is_row_header=True),
        Column(header="What", share=2.4),
        Column(header="CVSS", share=0.9),
        Column(header="Patch", share=0.9),
    )
    return [Heading(text="Findings"), Table(columns=columns, rows=tuple(rows), portion="(U)")]


def _finding(material: MemoMaterial, flaw: AdvisedFlaw) -> list[Block]:
    one, portion = flaw.finding, flaw.finding.text.portion_marking
    facts = [
        ("Affected", one.text.component),
        ("Weakness", f"{one.text.cwe} {one.text.cwe_name}".strip() or "-"),
        ("Noticed by", _origin(material, flaw)),
        ("Validated by", material.name(one.judged_by)),
        ("Patch", f"{word('patch-state', one.patch)}. {one.patch_note}".strip()),
    ]
    facts += [
        (f"CVSS {s.version}", f"{s.base:.1f}, {word('cvss-severity', s.severity)}: {s.vector}")
        for s in one.scores
    ]
    found: list[Block] = [
        Heading(text=f"{one.finding_id}: {one.text.title}", level=2, portion=portion),
        Paragraph(text=one.text.description, portion=portion),
        KeyValues(facts=tuple(Fact(label=k, value=v, portion=portion) for k, v in facts)),
    ]
    if one.embargo is not None:
        told = f"Until {day(one.embargo.until)} (UTC). Known to: {', '.join(one.embargo.parties)}."
        found.append(Callout(title="Embargo", text=f"{told} {one.embargo.reason}", portion=portion))
    if flaw.files:
        rows = [(visible(f.untrusted_path, lines=False), f.anchor or "-", f.sha384) for f in flaw.files]
        columns = (
            Column(header="File", share=1.4, style=TextStyle.DIGEST),
            Column(header="Place", share=0.9),
            Column(header="SHA-384", share=2.2, style=TextStyle.DIGEST),
        )
        found.append(Table.of(columns, rows, caption="Where it was seen", portion=portion))
    return found


def _origin(material: MemoMaterial, flaw: AdvisedFlaw) -> str:
    origin = flaw.finding.origin
    told = " ".join(part for part in (origin.tool, origin.rule) if part)
    source = word("finding-origin", origin.kind)
    by = f"{source}: {told}" if told else source
    return f"{by}; reported by {material.name(flaw.finding.reported_by)}"


def _record(material: MemoMaterial) -> list[Block]:
    facts = (
        Fact(label="Referral", value=material.referral.referral_id),
        Fact(label="Made at", value=moment(material.made_at)),
        Fact(label="Audit rows so far", value=f"{material.audit_rows:,}"),
        Fact(label="Audit chain head (SHA-384)", value=material.audit_head, style=TextStyle.DIGEST),
    )
    return [Heading(text="Record"), KeyValues(facts=facts)]


def _signatures(material: MemoMaterial) -> list[Block]:
    if material.referral.is_limited:
        first = SignatureBlock(
            field_name=COUNSEL_FIELD,
            role="Counsel",
            name="Signs off the referral",
            statement="I read the facts and the law stated here, and this referral may be made.",
        )
    else:
        first = SignatureBlock(
            field_name=SIGNER_FIELD,
            role="Reviewer",
            name="Signs the referral",
            statement="This memo states what the record of the findings contains.",
        )
    last = SignatureBlock(
        field_name=OFFICER_FIELD,
        role="Security officer",
        name="Releases the referral",
        statement="Released for the recipient and medium named in the transfer record.",
        locks_document=True,
    )
    return [Heading(text="Signatures"), first, last]
