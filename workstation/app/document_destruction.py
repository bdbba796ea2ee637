"""The certificate of destruction: what was destroyed, what stays, and what copies still open."""

from collections.abc import Iterator

from workstation.app.document_blocks import Body, Material, case_facts
from workstation.app.wording import moment, size
from workstation.core.exits import Destruction, Holdings
from workstation.core.exports import NothingToReport
from workstation.core.report import (
    Block,
    Bullets,
    Callout,
    CalloutTone,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    Paragraph,
)

_HOW = (
    "The key of this case was overwritten, and with it the keys of every object that was sealed under it. "
    "Its rows in the database and in the index of words were overwritten with zeros before their pages were "
    "encrypted, and the write-ahead log was folded in. The objects' files were removed; their blocks were "
    "not overwritten, and hold only what was encrypted under the destroyed keys."
)
_LOOSE = (
    "{count:,} files had been sealed before cases had keys of their own. The wrapped key of each stood in "
    "its row and was overwritten with it."
)
_NOT_CLAIMED = (
    "Not claimed: that no copy of a database page of earlier days is left in blocks the file system or the "
    "drive has set aside. Whoever finds such a block and also holds the vault\u2019s key might read it."
)
_STAYS = (
    "the tombstone of the case: who submitted what and when, the window, what was concluded, with dissent",
    "this certificate",
    "every row of the audit trail about the case, with what those rows say",
    "figures over all cases, in which this one goes on to count",
    "the register of documents and exports: marking, digest, who signed and released, to whom; no bytes",
)
_COPIES = (
    "Whoever keeps a copy of this vault from before the destruction, or a backup named here, and a "
    "passphrase of that day, opens the case in it. Two further backups into a folder remove the earlier "
    "ones from it."
)


def destruction_certificate(material: Material) -> Body:
    """The certificate, of a case whose key and rows are gone."""
    destruction = material.case.exits.destruction
    if destruction is None:
        raise NothingToReport(case_id=material.case.case_id)
    portion = material.portion
    at = destruction.carried_out_at
    facts = (
        *case_facts(material),
        Fact(label="Asked for by", value=material.name(destruction.requested_by), portion="(U)"),
        Fact(label="Carried out by", value=material.name(destruction.carried_out_by), portion="(U)"),
        Fact(label="Begun at", value=f"{moment(at)} (claimed)" if at else "-", portion="(U)"),
    )
    headline = Fact(label="Outcome", value="Key, objects and rows of the case destroyed", portion="(U)")
    return Body(
        title=f"Destruction of {material.case.case_id}",
        title_portion="(U)",
        subtitle=material.case.developer,
        key_facts=KeyFacts(headline=headline, facts=facts),
        blocks=(
            Heading(text="Why"),
            Paragraph(text=destruction.reason, portion=portion),
            *_destroyed(destruction),
            Heading(text="What stays"),
            Bullets(items=_STAYS, portions=("(U)",) * len(_STAYS)),
            *_copies(material),
        ),
        statement="I destroyed this case as told here, asked for by somebody else.",
        signer_role="Carried out by",
    )


def _destroyed(destruction: Destruction) -> Iterator[Block]:
    held = destruction.destroyed
    yield Heading(text="What was destroyed")
    yield KeyValues(facts=tuple(Fact(label=a, value=b, portion="(U)") for a, b in counted(held)))
    yield Paragraph(text=_HOW, portion="(U)")
    if held.loose:
        yield Paragraph(text=_LOOSE.format(count=held.loose), portion="(U)")
    yield Paragraph(text=_NOT_CLAIMED, portion="(U)")


def counted(held: Holdings) -> tuple[tuple[str, str], ...]:
    """What a case holds, in words and numbers; the same on the page, the command line and the certificate."""
    return (
        ("Submissions", f"{held.packages:,}"),
        ("Files", f"{held.files:,}, {size(held.size_bytes)}"),
        ("Answers", f"{held.answers:,}"),
        ("Findings", f"{held.findings:,}"),
        ("Referrals", f"{held.referrals:,}"),
        ("Benchmark results", f"{held.results:,}"),
        ("Signed documents", f"{held.documents:,}"),
        ("Drafts", f"{held.drafts:,}"),
        ("Entries of the index of words", f"{held.index_items:,}"),
    )


def _copies(material: Material) -> Iterator[Block]:
    yield Heading(text="What backups and old copies still hold")
    kept = [one for one in material.backups if not one.replaced]
    items = tuple(f"{one.folder}, backup {one.number}, taken {moment(one.taken_at)}" for one in kept)
    told = "The trail tells of no backup." if not items else "Backups of before that may still be kept:"
    yield Paragraph(text=told, portion="(U)")
    if items:
        yield Bullets(items=items, portions=("(U)",) * len(items))
    yield Callout(title="What they open", text=_COPIES, portion="(U)", tone=CalloutTone.CAUTION)
