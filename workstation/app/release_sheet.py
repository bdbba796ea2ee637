"""The page that goes with a medium: its label, and the custody receipt that the recipient countersigns.

It is printed and carries no electronic signature: whoever receives the medium signs it by hand and sends it
back, and an officer records that (``exporting.record_receipt``).
"""

import hashlib
from pathlib import Path

from workstation.app import administering, exporting
from workstation.app.report_blocks import day
from workstation.app.services import Session
from workstation.app.wording import moment, size, word
from workstation.core import events
from workstation.core.cases import Case
from workstation.core.exports import Export, ExportState, Report
from workstation.core.ports import Work
from workstation.core.release_control import SheetNotDue, SheetNotWritten
from workstation.core.report import (
    DocumentKind,
    Fact,
    Heading,
    KeyFacts,
    KeyValues,
    PageBreak,
    Paragraph,
    ReportDocument,
    ReportMetadata,
    TextStyle,
)
from workstation.core.values import ExportId

_LINE = "_" * 42
_CUT_OUT = "The box above is the label: cut it out and put it on the medium. The next page goes with it."
_HANDED = (
    "I received the medium named above, with its seal and label whole. I keep it according to its marking, "
    "and hand it on against a receipt of the same kind only."
)
_BACK = (
    "Send this page back to the office that released the medium. There a security officer records who signed "
    "and on which day. What is on the medium is proved by the signatures on it and not by this page."
)


def sheet(session: Session, export_id: ExportId) -> bytes:
    """Label and custody receipt of an export that was written, as PDF; nothing is written anywhere.

    Raises:
        RecordUnknown, ReferralLimited, SheetNotDue.
    """
    with session.look() as work:
        export = work.releases.export(export_id)
        exporting.require_reader(session, work, export)
        if export.state is not ExportState.WRITTEN:
            raise SheetNotDue(export_id=export_id)
        document = _document(session, work, export)
    return session.services.press.render(document, at=session.services.clock.now())


def write_sheet(session: Session, export_id: ExportId, path: Path) -> Path:
    """Write it to a new file, readable by its owner only; a folder gets a file named after the export.

    The row of the trail is committed first: there may be a row without a file, never a file without its row.

    Raises:
        NotAppointed, RecordUnknown, ReferralLimited, SheetNotDue, SheetNotWritten.
    """
    pdf = sheet(session, export_id)
    target = path / f"{export_id}-receipt.pdf" if path.is_dir() else path
    with session.work() as work:
        export = work.releases.export(export_id)
        work.record(
            events.ReleaseSheetWritten(
                case_id=export.case_id,
                export_id=export_id,
                path=str(target),
                pdf_sha384=hashlib.sha384(pdf).hexdigest(),
            )
        )
    try:
        with target.open("xb") as file:
            target.chmod(0o600)
            file.write(pdf)
    except OSError as fault:
        raise SheetNotWritten(path=str(target), reason=fault.strerror or "") from fault
    return target


def _document(session: Session, work: Work, export: Export) -> ReportDocument:
    case, report = work.cases.get(export.case_id), work.releases.report(export.report_id)
    office = (work.blob(administering.OFFICE) or b"").decode()
    portion = session.services.markings.parse(report.marking).portion()
    authority = (*case.authority.lines(), *case.authority.source_lines()) if case.authority else ()
    return ReportDocument(
        kind=DocumentKind.TRANSFER_RECORD,
        title=f"Label and custody receipt for {export.medium_name}",
        identifier=export.export_id,
        date_text=day(work.highest_time.date()),
        marking=report.marking,
        title_portion=portion,
        authority=(*authority, *(case.designation.lines() if case.designation else ())),
        key_facts=_label(export, office, portion),
        blocks=(
            Paragraph(text=_CUT_OUT, portion="(U)"),
            PageBreak(),
            *_receipt(work, export, report, case, portion),
        ),
        watermark=session.services.watermark,
        metadata=ReportMetadata(author_office=office, subject=f"Custody receipt, {export.export_id}"),
    )


def _label(export: Export, office: str, portion: str) -> KeyFacts:
    """The box on the first page, made to be cut out."""
    released = day(export.released_at.date()) if export.released_at else "-"
    facts = (
        Fact(label="Marking of the medium", value=export.medium_marking, portion=portion),
        Fact(label="Export", value=export.export_id, portion=portion),
        Fact(label="For", value=export.recipient, portion=portion),
        Fact(label="From", value=f"{office}, {released}", portion=portion),
        Fact(
            label="Sealed",
            value="Yes: only its recipients open it" if export.sealed_to else "No",
            portion=portion,
        ),
    )
    return KeyFacts(headline=Fact(label="Medium", value=export.medium_name, portion=portion), facts=facts)


def _receipt(
    work: Work, export: Export, report: Report, case: Case, portion: str
) -> tuple[Heading | Paragraph | KeyValues, ...]:
    """One page that says what was handed over, and is signed and sent back."""
    names = {person.person_id: person.display_name for person in work.people.all()}
    by = names.get(export.released_by, "-") if export.released_by else "-"
    at = moment(export.released_at) if export.released_at else "-"
    pairs = (
        ("Medium", f"{export.medium_name}, marked {export.medium_marking}"),
        ("Export", f"{export.export_id}, the folder {export.folder} on the medium"),
        ("Document", f"{report.report_id}, {report.kind}, of {case.case_id}"),
        ("Files", f"{export.file_count:,}, {size(export.size_bytes)}"),
        ("Sealed to", ", ".join(export.sealed_to) or "Nobody: the files are readable by whoever holds it"),
        ("Requested by", names.get(export.requested_by, "-")),
        ("Released by", f"{by}, {at} (claimed)"),
        ("Stands", word("ending", export.ending)),
    )
    digest = Fact(
        label="SHA-384 of SHA384SUMS",
        value=export.manifest_sha384,
        style=TextStyle.DIGEST,
        portion=portion,
    )
    blank = ("Name", "Organisation", "Day", "Signature")
    return (
        Heading(text="Custody receipt"),
        KeyValues(facts=(*(Fact(label=k, value=v, portion=portion) for k, v in pairs), digest)),
        Paragraph(text=_HANDED, portion="(U)"),
        KeyValues(facts=tuple(Fact(label=k, value=_LINE, portion="(U)") for k in blank)),
        Paragraph(text=_BACK, portion="(U)"),
    )
