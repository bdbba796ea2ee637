"""Check the whole vault: every stored file, the database's pages, the audit chain, what nobody names."""

from dataclasses import dataclass

from workstation.app import auditing
from workstation.app.examining import stored_files
from workstation.app.services import Session
from workstation.core import events
from workstation.core.jobs import JobControl, Progress
from workstation.core.ports import AuditVerification
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import ObjectRef
from workstation.core.vault_errors import ObjectMissing, ObjectTampered

_MOST_NAMED = 1_000


@dataclass(frozen=True, kw_only=True)
class BrokenFile:
    """A stored file that is missing or does not authenticate; everything else stays readable."""

    case_id: CaseId
    package_id: PackageId
    untrusted_path: str
    code: str


@dataclass(frozen=True, kw_only=True)
class VaultCheck:
    """What a check of the whole vault found. ``broken`` names at most 1,000 files; the count is whole."""

    files: int
    size_bytes: int
    broken_count: int
    broken: tuple[BrokenFile, ...]
    database_problems: tuple[str, ...]
    audit: AuditVerification

    @property
    def holds(self) -> bool:
        """Whether nothing at all was found wrong."""
        return not self.broken_count and not self.database_problems and self.audit.broken_seq is None


def check_vault(session: Session, job: JobControl) -> VaultCheck:
    """Read everything; one broken object stops nothing.

    Raises:
        JobCancelled: somebody stopped it; nothing is recorded.
    """
    files, size_bytes, broken_count = 0, 0, 0
    broken: list[BrokenFile] = []
    with session.look() as work:
        packages = [(case, package) for case in work.cases.ids() for package in work.packages.of_case(case)]
        total = sum(package.total_bytes for _case, package in packages)
    for case_id, package in packages:
        for file in stored_files(session, package.package_id):
            job.tick(Progress(stage="vault.verify", done_bytes=size_bytes, total_bytes=total or None))
            files, size_bytes = files + 1, size_bytes + file.size_bytes
            code = _broken(session, file.object_ref, file.sha384)
            if code:
                broken_count += 1
                found = BrokenFile(
                    case_id=case_id,
                    package_id=package.package_id,
                    untrusted_path=file.untrusted_path,
                    code=code,
                )
                broken += [found] if len(broken) < _MOST_NAMED else []
    answer = VaultCheck(
        files=files,
        size_bytes=size_bytes,
        broken_count=broken_count,
        broken=tuple(broken),
        database_problems=tuple(session.database.problems()),
        audit=auditing.verify(session),
    )
    with session.work() as work:
        work.record(
            events.VaultChecked(
                files=files,
                broken_files=broken_count,
                database_problems=len(answer.database_problems),
                audit_holds=answer.audit.broken_seq is None,
            )
        )
    return answer


def _broken(session: Session, ref: str, sha384: str) -> str:
    try:
        session.vault.verify(ObjectRef.parse(ref), sha384)
    except (ObjectMissing, ObjectTampered) as error:
        return error.code
    return ""
