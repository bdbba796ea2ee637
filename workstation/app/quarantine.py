"""A named person decides what leaves quarantine: acceptance, or return to the developer as deficient."""

from dataclasses import replace

from workstation.app.reasons import reason
from workstation.app.services import Session
from workstation.core import events
from workstation.core.examination import Outcome
from workstation.core.packages import (
    DecisionReasonMissing,
    Package,
    PackageBroken,
    PackageNotQuarantined,
    PackageState,
    require_acceptable,
)
from workstation.core.values import PackageId


def objection(package: Package) -> PackageBroken | None:
    """What the person who received a package must be told at once; ``None`` where it may be accepted."""
    if package.outcome is not Outcome.REJECT:
        return None
    heaviest = package.findings[0]
    words = reason(heaviest.code)
    where = f": {heaviest.path}" if heaviest.path else ""
    return PackageBroken(
        package_id=package.package_id,
        seen=f"{words.what.rstrip('.')}{where} ({heaviest.code})",
        findings=len(package.findings),
        advice=words.next,
    )


def accept(session: Session, package_id: PackageId, *, reason: str = "") -> Package:
    """Accept a quarantined package by name; cautions ask for a reason.

    Raises:
        NotAppointed, PackageNotQuarantined, PackageRejected, DecisionReasonMissing.
    """
    with session.work() as work:
        package = work.packages.get(package_id)
        require_acceptable(package, reason)
        case = work.cases.get(package.case_id)
        case.package_decided(accepted=True)
        decided = _decided(session, package, PackageState.ACCEPTED, reason)
        work.record(
            events.PackageAccepted(
                case_id=package.case_id,
                package_id=package_id,
                digest_sha384=package.digest_sha384,
                reason=reason,
            )
        )
        work.packages.save(decided)
        work.cases.save(case)
    return decided


def return_as_deficient(session: Session, package_id: PackageId, *, reason: str) -> Package:
    """Return a package to the developer with what is wrong: a quarantined one, or one that cannot be read.

    A package whose reading never came to its end leaves its case where it was, awaiting another one.

    Raises:
        NotAppointed, PackageNotQuarantined, DecisionReasonMissing.
    """
    with session.work() as work:
        package = work.packages.get(package_id)
        if package.state not in {PackageState.QUARANTINED, PackageState.RECEIVING}:
            raise PackageNotQuarantined(package_id=package_id, state=package.state)
        if not reason.strip():
            raise DecisionReasonMissing(package_id=package_id)
        case = work.cases.get(package.case_id)
        if package.state is PackageState.QUARANTINED:
            case.package_decided(accepted=False)
        decided = _decided(session, package, PackageState.DEFICIENT, reason)
        work.record(events.PackageReturned(case_id=package.case_id, package_id=package_id, reason=reason))
        work.packages.save(decided)
        work.cases.save(case)
    return decided


def _decided(session: Session, package: Package, state: PackageState, reason: str) -> Package:
    now = session.services.clock.now()
    return replace(
        package, state=state, decided_by=session.person.person_id, decided_at=now, decision_reason=reason
    )


def unfinished(session: Session) -> tuple[Package, ...]:
    """Packages whose reading began and has not ended: to be taken up again with the same medium."""
    with session.look() as work:
        return tuple(work.packages.receiving())
