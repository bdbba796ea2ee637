"""A signing office for tests: roots, people, a timestamper, lists, and a small document with fields."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)
from reportlab.pdfgen.canvas import Canvas

from reports.authority import create_authority, crls, issue, issue_timestamper
from reports.identities import SoftwareSigner
from reports.timestamps import LocalTimestamper
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, TimestamperMaterial, TrustStore

FOUNDED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SIGNED = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
REVIEWER_FIELD, OFFICER_FIELD = "Reviewer", "SecurityOfficer"


@dataclass(kw_only=True)
class Office:
    """One authority with its people; ``trust`` is what a recipient got by another channel."""

    authority: AuthorityMaterial
    reviewer: IssuedIdentity
    officer: IssuedIdentity
    timestamper: TimestamperMaterial
    trust: TrustStore

    def sign_as(self, identity: IssuedIdentity) -> SoftwareSigner:
        """A fresh signer; the identity stays usable for the next one."""
        return SoftwareSigner(IssuedIdentity.unpack(identity.pack()))

    def clock(self, at: datetime = SIGNED) -> LocalTimestamper:
        """The timestamper at a moment."""
        return LocalTimestamper(self.timestamper, at=at)


def found_office(*, demo: bool = False, name: str = "Office for Tests", at: datetime = FOUNDED) -> Office:
    """Everything an office needs to sign."""
    authority = create_authority(name, at=at, demo=demo)
    lists = crls(authority, {}, at=at, next_update=at + timedelta(days=60))
    return Office(
        authority=authority,
        reviewer=issue(authority, "PER-REVIEWER", "Ann Reviewer", "Lead reviewer", at=at),
        officer=issue(authority, "PER-OFFICER", "Otto Officer", "Security officer", at=at),
        timestamper=issue_timestamper(authority, at=at),
        trust=TrustStore(roots_der=authority.roots_der, crls_der=lists),
    )


def document(text: str = "Determination report", *, pages: int = 2) -> bytes:
    """A small PDF with the reviewer's field and the officer's, the latter with a lock over everything."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), invariant=1)
    for page in range(pages):
        canvas.drawString(72, 770, f"{text}, page {page + 1}")
        canvas.showPage()
    canvas.save()
    writer = IncrementalPdfFileWriter(io.BytesIO(buffer.getvalue()))
    append_signature_field(writer, SigFieldSpec(REVIEWER_FIELD, on_page=0, box=(72, 120, 292, 180)))
    lock = FieldMDPSpec(FieldMDPAction.ALL)
    officer = SigFieldSpec(
        OFFICER_FIELD,
        on_page=0,
        box=(302, 120, 522, 180),
        field_mdp_spec=lock,
        doc_mdp_update_value=MDPPerm.NO_CHANGES,
    )
    append_signature_field(writer, officer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()
