"""Every item of a document prints the mark that it counts with, also where its author wrote none."""

from collections.abc import Sequence
from dataclasses import replace

from workstation.core.report import (
    Block,
    Bullets,
    Callout,
    Chart,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    Paragraph,
    ReportDocument,
    Table,
)


def marked(document: ReportDocument, whole: str) -> ReportDocument:
    """The document in which what has no portion mark of its own carries ``whole``, the document's own.

    A row takes the mark of its table's caption first. Headings of the first level, column headers and
    signature blocks are the program's own wording and stay as they are.
    """
    return replace(
        document,
        title_portion=document.title_portion or whole,
        key_facts=_key_facts(document.key_facts, whole) if document.key_facts else None,
        blocks=tuple(_block(block, whole) for block in document.blocks),
    )


def _block(block: Block, whole: str) -> Block:
    if isinstance(block, Paragraph | Callout | Chart) or (isinstance(block, Heading) and block.level > 1):
        block = replace(block, portion=block.portion or whole)
    elif isinstance(block, Bullets):
        block = replace(block, portions=block.portions or (whole,) * len(block.items))
        block = replace(block, portions=tuple(portion or whole for portion in block.portions))
    elif isinstance(block, KeyValues):
        block = replace(block, facts=_facts(block.facts, whole))
    elif isinstance(block, KeyFacts):
        block = _key_facts(block, whole)
    elif isinstance(block, Table):
        block = _table(block, whole)
    if isinstance(block, Chart) and block.table is not None:
        block = replace(block, table=_table(block.table, block.portion))
    return block


def _table(table: Table, whole: str) -> Table:
    portion = table.portion or whole
    rows = tuple(replace(row, portion=row.portion or portion) for row in table.rows)
    return replace(table, rows=rows, portion=portion)


def _key_facts(block: KeyFacts, whole: str) -> KeyFacts:
    (headline,) = _facts((block.headline,), whole)
    return KeyFacts(headline=headline, facts=_facts(block.facts, whole))


def _facts(facts: Sequence[Fact], whole: str) -> tuple[Fact, ...]:
    return tuple(replace(fact, portion=fact.portion or whole) for fact in facts)
