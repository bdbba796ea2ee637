"""What the documents of a case have in common: their material, their opening, their end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workstation.app.left_out import NOTHING_LEFT_OUT, counted, not_conclusive, not_opened
from workstation.app.oversight import Oversight
from workstation.app.wording import moment, word
from workstation.core.backups import KnownBackup
from workstation.core.cases import Case
from workstation.core.exports import Export
from workstation.core.packages import ListedFile, Package
from workstation.core.people import Person
from workstation.core.ports import AuditRow
from workstation.core.report import (
    Block,
    Callout,
    CalloutTone,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    Paragraph,
    SignatureBlock,
    TextStyle,
)
from workstation.core.values import PersonId

VOLUNTARY = (
    "Participation is voluntary. Section 3(c) of Executive Order 14409 makes nothing in this review "
    "mandatory; nothing in this document is a condition for releasing a model."
)
_CLAIMED = (
    "The times shown in the signatures are claimed: they come from this workstation's own clock, "
    "and no independent authority attests them."
)
_HEAD = (
    "Every act on this case is a row of a hash-chained audit trail. The head below fixes all rows so far: a "
    "trail in which this value does not occur is not the one this document was made from."
)


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything the documents of a case are made of, read in one consistent state."""

    office: str
    case: Case
    package: Package | None
    packages: Sequence[Package]
    coverage: Mapping[str, int]
    files: Sequence[ListedFile]  # the first of the package, by path
    trail: Sequence[AuditRow]  # rows of custody, oldest first
    exports: Sequence[Export]  # without access-limited ones
    over: Oversight | None
    people: Mapping[PersonId, Person]
    made_at: datetime
    audit_head: str
    audit_rows: int
    watermark: str
    ai_name: str
    portion: str  # of everything the case file says that has no portion of its own
    portion_of: Callable[[str], str]  # a banner's own portion mark
    backups: Sequence[KnownBackup] = ()

    def name(self, person_id: PersonId | None) -> str:
        """A person's display name."""
        person = self.people.get(person_id) if person_id is not None else None
        return person.display_name if person is not None else "-"


@dataclass(frozen=True, kw_only=True)
class Body:
    """What one kind of document says between its title and its record."""

    title: str
    key_facts: KeyFacts
    blocks: tuple[Block, ...]
    statement: str  # what the reviewer's signature stands for
    title_portion: str
    subtitle: str = ""
    signer_role: str = "Reviewer"


def case_facts(material: Material) -> tuple[Fact, ...]:
    """Case, developer and model, for the box on the first page."""
    case, portion = material.case, material.portion
    return (
        Fact(label="Case", value=f"{case.case_id}, {word('case-type', case.case_type)}", portion=portion),
        Fact(label="Developer", value=case.developer, portion=portion),
        Fact(label="Model", value=f"{case.model}, checkpoint {case.checkpoint}", portion=portion),
        Fact(label="Subject", value=f"A frontier model: {material.ai_name}", portion=portion),
    )


def examined(material: Material) -> tuple[Block, ...]:
    """What was examined, and what was not: the same words in every document."""
    coverage, portion = material.coverage, material.portion
    if material.package is None:
        text = "No submission was received, so nothing was examined."
        return (Callout(title="What was not examined", text=text, portion=portion, tone=CalloutTone.CAUTION),)
    total = sum(count for name, count in coverage.items() if name != "opened")
    unseen = coverage.get("unseen", 0)
    told = (
        f"Readers in a sandbox without network looked at {total - unseen:,} of {total:,} files, reading them "
        "and running nothing. A reader that finds nothing says only that it found nothing of its kind."
    )
    items = counted(
        (unseen, "file that no reader claimed", "files that no reader claimed"),
        *not_conclusive(coverage, dangerous="found dangerous, and not opened for that reason"),
        *not_opened(max(0, total - coverage.get("opened", 0))),
    )
    if items:
        left = Callout(
            title="Not, or not fully, examined", items=items, portion=portion, tone=CalloutTone.CAUTION
        )
    else:
        left = Callout(title="Not, or not fully, examined", text=NOTHING_LEFT_OUT, portion=portion)
    return Heading(text="What was examined, and what was not"), Paragraph(text=told, portion=portion), left


def record(material: Material) -> tuple[Block, ...]:
    """When it was made, and which trail it was made from."""
    facts = (
        Fact(label="Composed at", value=f"{moment(material.made_at)} (claimed)", portion="(U)"),
        Fact(label="Audit rows so far", value=f"{material.audit_rows:,}", portion="(U)"),
        Fact(
            label="Audit chain head (SHA-384)",
            value=material.audit_head,
            style=TextStyle.DIGEST,
            portion="(U)",
        ),
    )
    return Heading(text="Record"), Paragraph(text=_HEAD, portion="(U)"), KeyValues(facts=facts)


def signatures(statement: str, role: str = "Reviewer") -> tuple[Block, ...]:
    """Who answers for the document first, the security officer last."""
    return (
        Heading(text="Signatures"),
        Paragraph(text=_CLAIMED, portion="(U)"),
        SignatureBlock(field_name="Reviewer", role=role, name="Certifies the document", statement=statement),
        SignatureBlock(
            field_name="SecurityOfficer",
            role="Security officer",
            name="Releases the document",
            statement="Released for the recipient and medium named in the transfer record.",
            locks_document=True,
        ),
    )
