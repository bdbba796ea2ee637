"""The recovery sheet: one officer's key on paper, what it opens and how to keep it.

The sheet is made in memory. It reaches a disk only when the officer saves it to a medium of their own.
"""

from pathlib import Path

from workstation.app import administering
from workstation.app.queries import covering_marking
from workstation.app.recovering import Issue
from workstation.app.report_blocks import day
from workstation.app.services import Session
from workstation.core.recovery import GROUPS, RecoverySheetNotWritten
from workstation.core.report import (
    Bullets,
    Callout,
    CalloutTone,
    Column,
    DocumentKind,
    Fact,
    Heading,
    KeyFacts,
    Paragraph,
    ReportDocument,
    ReportMetadata,
    Table,
    TextStyle,
)

_PORTION = "(U)"
_A_ROW = 7
_OPENS = (
    "This key opens nothing alone. {needed} of the {officers} officers who hold one can open the vault "
    "together, once, to give a custodian who lost every way in a new passphrase. It gives nobody a part in "
    "any case, and signs nothing."
)
_KEEP = (
    "Seal it in an envelope, in a container of the level of the vault's content, alone, not beside a backup.",
    "Do not copy it. If anybody else may have seen it, tell a custodian: new keys make this one void.",
    "Destroy it as classified waste when it is replaced: a copy of the vault made before still opens by it.",
    "Hand it over in person, on record, when you leave the office.",
)
_USE = (
    "The custodian runs “workstation recovery use”, or presses Recover on the unlock page.",
    "Type the groups from left to right. Small letters do; O is read as 0, I and L as 1.",
    "The fifth character of each group checks the other four: a slip is found in its group.",
)


def compose(session: Session, issue: Issue, officer: int) -> ReportDocument:
    """The sheet of one officer, to be rendered and shown to nobody else."""
    facts = issue.facts
    with session.look() as work:
        office = (work.blob(administering.OFFICE) or b"").decode()
        banners = [summary.marking for summary in work.search.summaries()]
        today = work.now.date()
    opens = _OPENS.format(needed=facts.needed, officers=facts.officers)
    return ReportDocument(
        kind=DocumentKind.RECOVERY_SHEET,
        title=f"Recovery key of officer {officer} of {facts.officers}",
        identifier=session.vault.vault_id,
        date_text=day(today),
        marking=covering_marking(session, banners) or "UNCLASSIFIED",
        title_portion=_PORTION,
        key_facts=KeyFacts(
            headline=Fact(label="Officer", value=f"{officer} of {facts.officers}", portion=_PORTION),
            facts=(
                Fact(label="Needed to open", value=f"{facts.needed} officers", portion=_PORTION),
                Fact(label="Vault", value=session.vault.vault_id, portion=_PORTION),
                Fact(label="Set of keys", value=facts.set_id, portion=_PORTION),
                Fact(label="Epoch of the vault key", value=str(facts.epoch), portion=_PORTION),
            ),
        ),
        blocks=(
            Heading(text="The key", level=1, portion=_PORTION),
            _key(issue.text(officer)),
            Callout(title="What it opens", text=opens, portion=_PORTION, tone=CalloutTone.CAUTION),
            Heading(text="How to keep it", level=1, portion=_PORTION),
            Bullets(items=_KEEP, portions=(_PORTION,) * len(_KEEP)),
            Heading(text="How to use it", level=1, portion=_PORTION),
            Bullets(items=_USE, portions=(_PORTION,) * len(_USE), numbered=True),
            Paragraph(
                text="Received by (name, date): ____________________________________", portion=_PORTION
            ),
        ),
        watermark=session.services.watermark,
        metadata=ReportMetadata(author_office=office, subject=f"Recovery sheet of officer {officer}"),
    )


def _key(text: str) -> Table:
    """The groups under their numbers, in two rows."""
    groups = text.split()
    columns = tuple(Column(header=str(number), style=TextStyle.DIGEST) for number in range(1, _A_ROW + 1))
    rows = [groups[start : start + _A_ROW] for start in range(0, GROUPS, _A_ROW)]
    return Table.of(columns, rows, caption="Groups 1 to 7 above, 8 to 14 below", portion=_PORTION)


def render(session: Session, issue: Issue, officer: int) -> bytes:
    """The sheet as a PDF, in memory."""
    with session.look() as work:
        now = work.now
    return session.services.press.render(compose(session, issue, officer), at=now)


def save(session: Session, issue: Issue, officer: int, folder: Path) -> Path:
    """Write one officer's sheet to a medium of theirs, readable by its owner only; nothing is replaced.

    Raises:
        RecoverySheetNotWritten: it is there already, or the folder cannot be written.
    """
    content = render(session, issue, officer)
    path = folder / f"recovery-{issue.facts.set_id[:8]}-officer-{officer}.pdf"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(content)
    except OSError as error:
        raise RecoverySheetNotWritten(path=str(path), reason=error.strerror or "") from error
    return path
