"""A report as a frozen tree: what it says, in which order, and nothing about how it looks.

Whoever composes a report (``app/reporting.py``) builds one ``ReportDocument``; an adapter renders it.
Every string is plain text. Nothing in it is ever read as markup, and control, bidirectional and
invisible characters are made visible when it is drawn, so text from a submission may be passed as it is.

The usual shape of a document::

    ReportDocument(
        kind=DocumentKind.DETERMINATION_REPORT, title="...", identifier="DET-...", date_text="...",
        marking="UNCLASSIFIED", authority=("Classified By: ...",), metadata=ReportMetadata(...),
        key_facts=KeyFacts(headline=Fact(label="Determination", value="..."), facts=(Fact(...), ...)),
        blocks=(Contents(), Heading(text="..."), Paragraph(text="...", portion="(U)"),
                Table.of(("Item", "Answer"), rows), Callout(...), PageBreak(), SignatureBlock(...)),
        attachments=(Attachment(name="determination.json", ...),),
    )
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from workstation.core.report_charts import ChartData

__all__ = [
    "Align",
    "Attachment",
    "Block",
    "Bullets",
    "Callout",
    "CalloutTone",
    "Chart",
    "Column",
    "Contents",
    "DocumentKind",
    "Fact",
    "Heading",
    "KeyFacts",
    "KeyValues",
    "PageBreak",
    "Paragraph",
    "ReportDocument",
    "ReportMetadata",
    "Row",
    "SignatureBlock",
    "Table",
    "TextStyle",
]

_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_DEEPEST_HEADING = 3


class DocumentKind(StrEnum):
    """What the document is; shown above its title and on every page."""

    DETERMINATION_REPORT = "determination report"
    INTAKE_RECEIPT = "intake receipt"
    CUSTODY_LOG = "custody log"
    DEFICIENCY_LETTER = "deficiency letter"
    CONSULTATION_MEMO = "consultation memo"
    DEVELOPER_NOTICE = "developer notice"
    REFERRAL_MEMO = "referral memo"
    TRANSFER_RECORD = "transfer record"
    OVERSIGHT_SUMMARY = "oversight summary"
    DESTRUCTION_CERTIFICATE = "certificate of destruction"
    RECOVERY_SHEET = "recovery sheet"


class Align(StrEnum):
    """On which side the text of a column stands."""

    LEFT = "left"
    RIGHT = "right"
    CENTRE = "centre"


class TextStyle(StrEnum):
    """How the text of a column or value is set."""

    BODY = "body"
    STRONG = "strong"
    DIGEST = "digest"  # fixed pitch: digests, paths, identifiers


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A section heading. Level 1 follows the title; a level is never skipped on the way down."""

    text: str
    level: int = 1
    portion: str = ""

    def __post_init__(self) -> None:
        """Refuse a level the documents do not have."""
        if not 1 <= self.level <= _DEEPEST_HEADING:
            raise ValueError(self.level)


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Running text. A newline in it begins a new line; ``portion`` is the mark as printed, "(S//NF)"."""

    text: str
    portion: str = ""


@dataclass(frozen=True, kw_only=True)
class Bullets:
    """A list. ``portions`` is empty or as long as ``items``; ``numbered`` counts instead of dotting."""

    items: tuple[str, ...]
    portions: tuple[str, ...] = ()
    numbered: bool = False

    def __post_init__(self) -> None:
        """Refuse portions that do not match the items one to one."""
        if self.portions and len(self.portions) != len(self.items):
            raise ValueError(len(self.portions))


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One label and its value."""

    label: str
    value: str
    style: TextStyle = TextStyle.BODY
    portion: str = ""


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """The box on the first page that is read at arm's length: one headline and a handful of facts."""

    headline: Fact
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KeyValues:
    """Labels on the left, values on the right."""

    facts: tuple[Fact, ...]
    caption: str = ""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]], *, caption: str = "") -> Self:
        """Plain pairs of label and value."""
        return cls(facts=tuple(Fact(label=label, value=value) for label, value in pairs), caption=caption)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: ``share`` is its part of the width in relation to the other columns.

    In a ``prose`` column a newline begins a new line; elsewhere it is shown as the character it is, so that
    a file name cannot pass for two.
    """

    header: str
    share: float = 1.0
    align: Align = Align.LEFT
    style: TextStyle = TextStyle.BODY
    is_row_header: bool = False
    prose: bool = False

    def __post_init__(self) -> None:
        """Refuse a column nobody could read."""
        if not self.share > 0:
            raise ValueError(self.share)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row, a cell for each column; ``portion`` is printed in front of the first cell."""

    cells: tuple[str, ...]
    portion: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that may run over many pages, its header repeated; ``portion`` marks caption and empty text."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    portion: str = ""
    empty_text: str = "None."

    def __post_init__(self) -> None:
        """Refuse a table without columns and rows that do not fit its columns."""
        if not self.columns or any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError(len(self.columns))

    @classmethod
    def of(
        cls,
        headers: Sequence[str | Column],
        rows: Iterable[Sequence[str]],
        *,
        caption: str = "",
        portion: str = "",
        row_portion: str = "",
    ) -> Self:
        """A table from plain strings; a header may be a ``Column`` where more must be said."""
        columns = tuple(header if isinstance(header, Column) else Column(header=header) for header in headers)
        cells = tuple(Row(cells=tuple(row), portion=row_portion) for row in rows)
        return cls(columns=columns, rows=cells, caption=caption, portion=portion)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawing of data, always with its text alternative and, where given, the same data as a table."""

    data: ChartData
    caption: str
    alternative: str
    table: Table | None = None
    portion: str = ""

    def __post_init__(self) -> None:
        """Refuse a drawing that says nothing to somebody who cannot see it."""
        if not self.alternative.strip() or not self.caption.strip():
            raise ValueError(self.caption)


class CalloutTone(StrEnum):
    """Why a callout stands out; told by its title and its rule, never by colour alone."""

    NOTE = "note"
    CAUTION = "caution"


@dataclass(frozen=True, kw_only=True)
class Callout:
    """Something nobody may miss, such as what was not examined."""

    title: str
    text: str = ""
    items: tuple[str, ...] = ()
    portion: str = ""
    tone: CalloutTone = CalloutTone.NOTE


@dataclass(frozen=True, kw_only=True)
class SignatureBlock:
    """An empty signature field of 3.2 by 1.1 inches with what is signed, by whom and in which role.

    ``locks_document`` is for the last signature: its field allows no change of any kind afterwards.
    """

    field_name: str
    role: str
    name: str
    statement: str
    locks_document: bool = False

    def __post_init__(self) -> None:
        """Refuse a field name with a meaning of its own in a form (dots separate levels)."""
        if not _FIELD_NAME.fullmatch(self.field_name):
            raise ValueError(self.field_name)


@dataclass(frozen=True, kw_only=True)
class PageBreak:
    """What follows begins a new page."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The headings with their page numbers, down to ``depth`` levels."""

    title: str = "Contents"
    depth: int = 2


Block = (
    Heading
    | Paragraph
    | Bullets
    | KeyValues
    | KeyFacts
    | Table
    | Chart
    | Callout
    | SignatureBlock
    | PageBreak
    | Contents
)


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file carried inside the document as the data it was made from."""

    name: str
    media_type: str
    description: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class ReportMetadata:
    """What the file says of itself; the two digests are also printed on the first page when given."""

    author_office: str
    subject: str = ""
    keywords: tuple[str, ...] = ()
    package_digest: str = ""  # SHA-384, lower-case hexadecimal
    audit_chain_head: str = ""  # SHA-384, lower-case hexadecimal
    audit_sequence: int | None = None  # number of the audit row whose digest the head is
    language: str = "en-US"


@dataclass(frozen=True, kw_only=True)
class ReportDocument:
    """The whole document. ``marking`` is the banner as printed; ``watermark`` is empty for a real one."""

    kind: DocumentKind
    title: str
    identifier: str
    date_text: str
    marking: str
    metadata: ReportMetadata
    blocks: tuple[Block, ...]
    subtitle: str = ""
    title_portion: str = ""
    authority: tuple[str, ...] = ()
    key_facts: KeyFacts | None = None
    watermark: str = ""
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        """Refuse skipped heading levels and two signature fields of one name."""
        level = 0
        for block in self.blocks:
            if isinstance(block, Heading):
                if block.level > level + 1:
                    raise ValueError(block.text)
                level = block.level
        names = [block.field_name for block in self.blocks if isinstance(block, SignatureBlock)]
        if len(names) != len(set(names)):
            raise ValueError(names)
