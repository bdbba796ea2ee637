"""Findings and referrals in the database. The one place where an access-limited referral is handed out."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from storage.repositories import Touch, TurnTo, decode, encode
from storage.schema import findings, referrals
from workstation.core.database_errors import RecordStale
from workstation.core.finding_errors import FindingUnknown, ReferralLimited, ReferralUnknown
from workstation.core.findings import Finding
from workstation.core.referrals import LimitedReferral, Referral, ReferralKind, ReferralState
from workstation.core.values import CaseId, FindingId, PersonId, ReferralId

_AT_ONCE = 500  # SQLite takes 32,766 values in one statement


class SqlFindings:
    """See ``core.finding_ports.Findings``."""

    def __init__(self, connection: sa.Connection, touch: Touch, turn_to: TurnTo) -> None:
        self._connection, self._touch, self._turn_to = connection, touch, turn_to
        self._versions: dict[FindingId, int] = {}

    def add(self, finding: Finding) -> None:
        """A new finding."""
        self._touch(finding.case_id)
        self._connection.execute(sa.insert(findings).values(_finding_row(finding, 1)))
        self._versions[finding.finding_id] = 1

    def get(self, finding_id: FindingId) -> Finding:
        """One finding."""
        query = sa.select(findings.c.body, findings.c.version).where(findings.c.finding_id == finding_id)
        row = self._connection.execute(query).first()
        if row is None:
            raise FindingUnknown(finding_id=finding_id)
        self._versions[finding_id] = row.version
        finding = decode(row.body, Finding)
        self._turn_to(finding.case_id)
        return finding

    def save(self, finding: Finding) -> None:
        """Write a finding read in this unit of work, unless somebody else wrote it since."""
        self._touch(finding.case_id)
        version = self._versions.get(finding.finding_id, 0)  # 0: never read here
        where = sa.and_(findings.c.finding_id == finding.finding_id, findings.c.version == version)
        row = _finding_row(finding, version + 1)
        if self._connection.execute(sa.update(findings).where(where).values(row)).rowcount != 1:
            raise RecordStale(record=finding.finding_id)
        self._versions[finding.finding_id] = version + 1

    def of_case(self, case_id: CaseId) -> Sequence[Finding]:
        """Every finding of a case, oldest first."""
        query = sa.select(findings.c.body).where(findings.c.case_id == case_id)
        found = [decode(body, Finding) for body in self._connection.execute(query).scalars()]
        return sorted(found, key=_age)

    def of_fingerprints(self, fingerprints: Sequence[str]) -> Sequence[Finding]:
        """Findings of any case whose leading fingerprint is one of these, oldest first."""
        wanted, found = sorted({one for one in fingerprints if one}), list[Finding]()
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            query = sa.select(findings.c.body).where(findings.c.fingerprint.in_(some))
            found += (decode(body, Finding) for body in self._connection.execute(query).scalars())
        return sorted(found, key=_age)


class SqlReferrals:
    """See ``core.finding_ports.Referrals``. In a writing unit of work ``viewer`` must be who acts."""

    def __init__(
        self, connection: sa.Connection, touch: Touch, turn_to: TurnTo, actor: PersonId | None
    ) -> None:
        self._connection, self._touch, self._turn_to = connection, touch, turn_to
        self._actor = actor
        self._versions: dict[ReferralId, int] = {}

    def add(self, referral: Referral) -> None:
        """A new referral."""
        self._touch(referral.case_id)
        self._connection.execute(sa.insert(referrals).values(_referral_row(referral, 1)))
        self._versions[referral.referral_id] = 1

    def get(self, referral_id: ReferralId, viewer: PersonId) -> Referral:
        """One referral, to somebody who may read it."""
        query = sa.select(referrals.c.body, referrals.c.version).where(referrals.c.referral_id == referral_id)
        row = self._connection.execute(query).first()
        if row is None:
            raise ReferralUnknown(referral_id=referral_id)
        referral = decode(row.body, Referral)
        self._turn_to(referral.case_id)
        self._require_reader(referral, viewer)
        self._versions[referral_id] = row.version
        return referral

    def kind_of(self, referral_id: ReferralId) -> ReferralKind:
        """Its kind, which is no secret."""
        query = sa.select(referrals.c.kind).where(referrals.c.referral_id == referral_id)
        kind = self._connection.execute(query).scalar()
        if kind is None:
            raise ReferralUnknown(referral_id=referral_id)
        return ReferralKind(kind)

    def save(self, referral: Referral) -> None:
        """Write a referral read in this unit of work, unless somebody else wrote it since."""
        self._touch(referral.case_id)
        version = self._versions.get(referral.referral_id, 0)  # 0: never read here
        where = sa.and_(referrals.c.referral_id == referral.referral_id, referrals.c.version == version)
        row = _referral_row(referral, version + 1)
        if self._connection.execute(sa.update(referrals).where(where).values(row)).rowcount != 1:
            raise RecordStale(record=referral.referral_id)
        self._versions[referral.referral_id] = version + 1

    def awaiting(self, viewer: PersonId) -> Sequence[Referral]:
        """Of every case, by identifier: what was sent and has no receipt yet, and the viewer may read."""
        return self._read(referrals.c.state == str(ReferralState.SENT), viewer)

    def for_counsel(self, viewer: PersonId) -> Sequence[Referral]:
        """Of every case, by identifier: drafts that wait for the sign-off of ``viewer``."""
        where = sa.and_(
            referrals.c.state == str(ReferralState.DRAFT), referrals.c.kind == str(ReferralKind.ENFORCEMENT)
        )
        return [one for one in self._read(where, viewer) if one.counsel == viewer]

    def _read(self, where: sa.ColumnElement[bool], viewer: PersonId) -> list[Referral]:
        query = sa.select(referrals.c.body).where(where).order_by(referrals.c.referral_id)
        found = (decode(body, Referral) for body in self._connection.execute(query).scalars())
        return [one for one in found if self._may_read(one, viewer)]

    def of_case(self, case_id: CaseId, viewer: PersonId) -> Sequence[Referral | LimitedReferral]:
        """Every referral of a case, by identifier; of limited ones only that there is one."""
        query = (
            sa.select(referrals.c.body)
            .where(referrals.c.case_id == case_id)
            .order_by(referrals.c.referral_id)
        )
        found = (decode(body, Referral) for body in self._connection.execute(query).scalars())
        return [one if self._may_read(one, viewer) else _limited(one) for one in found]

    def _may_read(self, referral: Referral, viewer: PersonId) -> bool:
        claimed = self._actor is not None and viewer != self._actor
        return not referral.is_limited or (viewer in referral.readers and not claimed)

    def _require_reader(self, referral: Referral, viewer: PersonId) -> None:
        if not self._may_read(referral, viewer):
            raise ReferralLimited(referral_id=referral.referral_id)


def _age(finding: Finding) -> tuple[datetime, FindingId]:
    return finding.reported_at, finding.finding_id


def _limited(referral: Referral) -> LimitedReferral:
    return LimitedReferral(referral_id=referral.referral_id, case_id=referral.case_id)


def _finding_row(finding: Finding, version: int) -> dict[str, object]:
    return {
        "finding_id": finding.finding_id,
        "case_id": finding.case_id,
        "state": str(finding.state),
        "version": version,
        "fingerprint": next(iter(finding.text.fingerprints), ""),
        "body": encode(finding),
    }


def _referral_row(referral: Referral, version: int) -> dict[str, object]:
    return {
        "referral_id": referral.referral_id,
        "case_id": referral.case_id,
        "kind": str(referral.kind),
        "state": str(referral.state),
        "version": version,
        "body": encode(referral),
    }
