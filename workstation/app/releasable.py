"""A variant of a document for a recipient: what its marking does not cover is taken out, never covered up.

An item without a portion mark of its own counts as marked like the whole document, and prints that mark
(``portions.marked``). What stays without one is the program's own wording: headings of the first level,
column headers, signature blocks.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import rfc8785

from workstation.app import portions
from workstation.core.markings import (
    BannerBelowPortions,
    Marking,
    MarkingInvalid,
    dominates,
    rollup,
    shortfalls,
)
from workstation.core.report import (
    Attachment,
    Block,
    Bullets,
    Callout,
    CalloutTone,
    Chart,
    Contents,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    PageBreak,
    Paragraph,
    ReportDocument,
    SignatureBlock,
    Table,
)
from workstation.core.service_ports import MarkingRules

REMOVED = "Removed"
_OPEN = "(U)"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A document as a recipient of this level may have it."""

    document: ReportDocument
    removed: int


@dataclass(kw_only=True)
class _Sieve:
    """Keeps what the level covers and counts the rest."""

    level: Marking
    whole: str  # the document's own portion mark
    rules: MarkingRules
    removed: int = 0
    kept: set[str] = field(default_factory=lambda: {_OPEN})
    above: set[str] = field(default_factory=set)

    def covers(self, portion: str) -> bool:
        mark = portion or self.whole
        try:
            covered = dominates(self.level, self.rules.portion(mark))
        except MarkingInvalid:
            covered = False
        if covered:
            self.kept.add(mark)
        else:
            self.removed += 1
            self.above.add(mark)
        return covered

    def blocks(self, blocks: Sequence[Block]) -> Iterator[Block]:
        for block in blocks:
            before = self.removed
            yield from self._block(block)
            taken = self.removed - before
            if taken and not isinstance(block, Heading):
                yield Paragraph(text=_told(taken, f"here, above {self.level}"), portion=_OPEN)

    def _block(self, block: Block) -> Iterator[Block]:
        if isinstance(block, Contents | PageBreak | SignatureBlock):
            yield block
        elif isinstance(block, Heading):
            yield self._heading(block)
        elif isinstance(block, Paragraph | Callout | Chart):
            if self.covers(block.portion):
                yield block
        elif isinstance(block, Bullets):
            yield from self._bullets(block)
        elif isinstance(block, KeyFacts):
            yield self.key_facts(block)
        elif isinstance(block, KeyValues):
            facts = tuple(fact for fact in block.facts if self.covers(fact.portion))
            if facts:
                yield replace(block, facts=facts)
        else:
            yield self._table(block)

    def _heading(self, block: Heading) -> Heading:
        if (block.level == 1 and not block.portion) or self.covers(block.portion):
            return block
        return replace(block, text=REMOVED, portion=_OPEN)

    def _bullets(self, block: Bullets) -> Iterator[Bullets]:
        portions = block.portions or ("",) * len(block.items)
        kept = [pair for pair in zip(block.items, portions, strict=True) if self.covers(pair[1])]
        if kept:
            items, marks = zip(*kept, strict=True)
            yield replace(block, items=items, portions=marks if block.portions else ())

    def _table(self, block: Table) -> Table:
        rows = tuple(row for row in block.rows if self.covers(row.portion or block.portion))
        caption, portion = block.caption, block.portion
        if caption and portion and not self.covers(portion):
            caption = ""
        portion = portion if caption else _OPEN  # without a caption it marks no more than the empty text
        empty = block.empty_text if not block.rows else REMOVED
        return replace(block, rows=rows, caption=caption, portion=portion, empty_text=empty)

    def key_facts(self, block: KeyFacts) -> KeyFacts:
        headline = block.headline
        if not self.covers(headline.portion):
            headline = Fact(label=headline.label, value=REMOVED, portion=_OPEN)
        return KeyFacts(
            headline=headline, facts=tuple(fact for fact in block.facts if self.covers(fact.portion))
        )


def variant(document: ReportDocument, level: str, rules: MarkingRules, *, name: str = "") -> Variant:
    """The document for a recipient who may have ``level``; the files attached to it are left out.

    Its marking is what the remaining portions ask for. With ``name`` what remains is attached as data.

    Raises:
        MarkingInvalid: ``level`` is no banner.
        BannerBelowPortions: each remaining portion is covered by ``level``, and their roll-up is not.
    """
    marking = rules.parse(level)
    whole = rules.parse(document.marking).portion()
    document = portions.marked(document, whole)  # before the banner becomes a lower one
    sieve = _Sieve(level=marking, whole=whole, rules=rules)
    titled = sieve.covers(document.title_portion)
    key_facts = sieve.key_facts(document.key_facts) if document.key_facts else None
    blocks = tuple(sieve.blocks(document.blocks))
    banner = rollup([rules.portion(mark) for mark in sorted(sieve.kept)])
    # What has no release list beside what has one rolls up to NOFORN, which no part asks for.
    _require_within(marking, banner)
    made = replace(
        document,
        title=document.title if titled else str(document.kind).capitalize(),
        subtitle=document.subtitle if titled else "",
        title_portion=document.title_portion if titled else _OPEN,
        marking=str(banner),
        # Names of sources may say more than the variant may.
        authority=document.authority if dominates(marking, rules.parse(document.marking)) else (),
        key_facts=key_facts,
        blocks=(*_note(marking, sieve.removed), *blocks),
        metadata=_metadata(document, str(banner), told=not sieve.removed),
        attachments=(),
    )
    return Variant(document=with_data(made, name) if name else made, removed=sieve.removed)


def require_covered(document: ReportDocument, rules: MarkingRules) -> None:
    """Return only when the banner protects every portion of the document.

    Raises:
        BannerBelowPortions: with the banner that the portions ask for.
        MarkingInvalid: the banner or a portion mark is none.
    """
    banner = rules.parse(document.marking)
    sieve = _Sieve(level=banner, whole=banner.portion(), rules=rules)
    sieve.covers(document.title_portion)
    if document.key_facts:
        sieve.key_facts(document.key_facts)
    for _block in sieve.blocks(document.blocks):
        pass
    if sieve.above:
        expected = rollup([rules.portion(mark) for mark in sorted({sieve.whole, *sieve.above})])
        raise _below(banner, expected)


def _require_within(level: Marking, banner: Marking) -> None:
    if not dominates(level, banner):
        raise _below(level, banner)


def _below(banner: Marking, expected: Marking) -> BannerBelowPortions:
    missing = "; ".join(shortfalls(banner, expected))
    return BannerBelowPortions(banner=str(banner), expected=str(expected), shortfalls=missing)


def _note(level: Marking, removed: int) -> tuple[Block, ...]:
    text = "What it does not cover was taken out before this file was made; it is not hidden in it."
    title = f"Releasable to {level}: {_told(removed, 'from this document')}"
    return (Callout(title=title, text=text, portion=_OPEN, tone=CalloutTone.CAUTION),)


def _told(removed: int, where: str) -> str:
    return f"{removed} item{'' if removed == 1 else 's'} removed {where}"


def _metadata(document: ReportDocument, banner: str, *, told: bool) -> Any:
    kept = document.metadata
    if told:
        return kept
    return replace(kept, subject=str(document.kind), keywords=(banner,), package_digest="")


def with_data(document: ReportDocument, name: str) -> ReportDocument:
    """The document with itself attached as canonical JSON: nothing in it that is not on its pages."""
    attached = Attachment(
        name=name, media_type="application/json", description="The document as data", content=data(document)
    )
    return replace(document, attachments=(*document.attachments, attached))


def data(document: ReportDocument) -> bytes:
    """Canonical JSON of what the pages say, block by block."""
    return rfc8785.dumps(
        {
            "type": "frontier-review/document/v1",
            "kind": str(document.kind),
            "report_id": document.identifier,
            "demo": bool(document.watermark),
            "office": document.metadata.author_office,
            "marking": document.marking,
            "title": document.title,
            "subtitle": document.subtitle,
            "dated": document.date_text,
            "authority": list(document.authority),
            "key_facts": _plain(document.key_facts),
            "blocks": [{"block": type(one).__name__} | _plain(one) for one in document.blocks],
            "audit": {
                "head_sha384": document.metadata.audit_chain_head,
                "rows": document.metadata.audit_sequence,
            },
        }
    )


def _plain(value: Any) -> Any:
    """Dataclasses as objects; of a drawing only what it says in words."""
    if isinstance(value, Chart):
        return {"caption": value.caption, "alternative": value.alternative, "portion": value.portion}
    if dataclasses.is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value
