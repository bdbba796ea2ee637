"""Each sentence of bad input on the way out: refused by its own code, told with a next step, in the trail.

Whatever goes wrong, nothing half signed leaves: no report is kept, or the request waits, and the medium holds
what it held before.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from reports.desk import Desk
from storage.media_files import MediumFiles
from storage.repositories import SqlReleases
from tests.app.test_signing_by_card import Room, typed
from tests.helpers.listed import listed_folder
from workstation.app import administering, auditing, credentials, exporting, reporting
from workstation.app.services import Session
from workstation.app.wording import explain
from workstation.core.errors import WorkstationError
from workstation.core.exports import ExportState
from workstation.core.report import Paragraph
from workstation.core.signatures import TrustStore

ROWS = {"ActRefused", "SigningFailed", "ExportWritten"}


@dataclass(frozen=True, kw_only=True)
class Bad:
    """One sentence: what is made wrong, by which code it is refused, which row tells it."""

    spoil: Callable[[Room, pytest.MonkeyPatch], None]
    code: str
    row: str
    certifying: bool = False  # else it goes wrong at the release


def _no_root(_room: Room, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(administering, "trust_store", lambda _session: TrustStore(roots_der=()))


def _expired(room: Room, _patch: pytest.MonkeyPatch) -> None:
    room.story.clock.advance(timedelta(days=4 * 365))


def _revoked(room: Room, _patch: pytest.MonkeyPatch) -> None:
    with room.story.acting("abara") as session:
        person = administering.person_by_login(session, "tanaka")
        with session.look() as work:
            known = administering.certificates(work, person.person_id)
        names = [administering.CERTIFICATE.format(person.person_id, number) for number in range(len(known))]
        with credentials.issuing_authority(session, typed()) as authority, session.work() as work:
            credentials._issue_lists(session, work, authority, dict.fromkeys(names, work.now))


def _old_list(room: Room, _patch: pytest.MonkeyPatch) -> None:
    room.story.clock.advance(timedelta(days=70))


def _older_than_policy(room: Room, _patch: pytest.MonkeyPatch) -> None:
    room.story.clock.advance(timedelta(days=8))
    desk = Desk(demo=True, cards=room.cards, max_crl_age=timedelta(days=7))
    room.story.services = replace(room.story.services, signing=desk)


def _too_early(room: Room, _patch: pytest.MonkeyPatch) -> None:
    room.story.clock.advance(-timedelta(days=5 * 365))


def _card_removed(room: Room, _patch: pytest.MonkeyPatch) -> None:
    plain, left = room.cards.sign, [1]

    def once(serial: str, pin: bytearray, public_der: bytes, data: bytes) -> bytes | None:
        if not left[0]:
            room.cards.inserted.pop("CARD-O", None)
        left[0] -= 1
        return plain(serial, pin, public_der, data)

    room.cards.sign = once  # type: ignore[method-assign]  # pulled out in the middle


def _locked(room: Room, _patch: pytest.MonkeyPatch) -> None:
    room.cards.inserted["CARD-O"].tries_left = 0


def _above_its_banner(_room: Room, patch: pytest.MonkeyPatch) -> None:
    plain = reporting.composed

    def composed(*given: object) -> object:
        made = plain(*given)  # type: ignore[arg-type]  # as it came
        secret = Paragraph(text="What nobody should have written here.", portion="(S//NF)")
        return replace(made, document=replace(made.document, blocks=(*made.document.blocks, secret)))

    patch.setattr(reporting, "composed", composed)


def _content_above(_room: Room, patch: pytest.MonkeyPatch) -> None:
    plain = SqlReleases.report
    patch.setattr(SqlReleases, "report", lambda *given: replace(plain(*given), marking="SECRET//NOFORN"))


def _not_listed(_room: Room, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(exporting, "_transfer_record", lambda *_given: b"MZ, a program that calls itself JSON")


def _no_room(_room: Room, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MediumFiles, "room", lambda *_: (1 << 20, 1 << 10, 4_096))


def _failing(_room: Room, patch: pytest.MonkeyPatch) -> None:
    def write(*_given: object) -> None:
        raise OSError(5, "Input/output error")

    patch.setattr(MediumFiles, "write", write)


def _pulled(room: Room, patch: pytest.MonkeyPatch) -> None:
    plain = room.story.services.signing.compose

    def compose(*given: object, **named: object) -> object:
        made = plain(*given, **named)  # type: ignore[arg-type]  # as it came
        room.story.medium.rename(room.story.medium.with_name("pulled"))
        return made

    patch.setattr(room.story.services.signing, "compose", compose)


SENTENCES = {
    "no trust root": Bad(spoil=_no_root, code="SIG-014", row="SigningFailed"),
    "an expired certificate": Bad(spoil=_expired, code="SIG-001", row="SigningFailed"),
    "a revoked certificate": Bad(spoil=_revoked, code="SIG-003", row="SigningFailed"),
    "an old CRL": Bad(spoil=_old_list, code="SIG-005", row="SigningFailed"),
    "a CRL older than the policy": Bad(spoil=_older_than_policy, code="SIG-005", row="SigningFailed"),
    "a card removed between two signatures": Bad(spoil=_card_removed, code="CRD-004", row="SigningFailed"),
    "a PIN locked": Bad(spoil=_locked, code="CRD-006", row="SigningFailed"),
    "a clock before the certificate's validity": Bad(spoil=_too_early, code="SIG-002", row="SigningFailed"),
    "a marking that does not roll up": Bad(
        spoil=_above_its_banner, code="MRK-002", row="ActRefused", certifying=True
    ),
    "a medium below the content's marking": Bad(spoil=_content_above, code="EXP-051", row="ActRefused"),
    "a format that is not on the list": Bad(spoil=_not_listed, code="EXP-078", row="ActRefused"),
    "a full medium": Bad(spoil=_no_room, code="EXP-004", row="ExportWritten"),
    "a failing medium": Bad(spoil=_failing, code="EXP-001", row="ExportWritten"),
    "a medium pulled before the copy": Bad(spoil=_pulled, code="EXP-002", row="ExportWritten"),
}


def _try(room: Room, bad: Bad, session: Session, chosen: exporting.Release | None) -> None:
    if chosen is None:
        reporting.certify(session, room.case_id, typed(), room.story.job)
        return
    with session.look() as work:
        (export,) = work.releases.exports(room.case_id)
    exporting.release(session, export.export_id, chosen, typed(), room.story.job)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_is_refused_by_name_and_leaves_nothing_half_signed(
    sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own code with a next step, a row about the case, and a medium and a store as they were."""
    room, bad = Room(tmp_path), SENTENCES[sentence]
    chosen = None
    if not bad.certifying:
        room.requested()
        chosen = listed_folder(room.story.services, room.story.medium)
    bad.spoil(room, monkeypatch)
    with room.story.acting("osei" if bad.certifying else "tanaka") as session:
        with pytest.raises(WorkstationError) as caught:
            _try(room, bad, session, chosen)
        newest = next(row for row in auditing.page(session, limit=5) if row.event in ROWS)
        with session.look() as work:
            reports, exports = work.releases.reports(room.case_id), work.releases.exports(room.case_id)
    assert caught.value.code == bad.code
    assert explain(caught.value).next
    assert (newest.event, newest.case_id) == (bad.row, room.case_id)
    facts = json.loads(newest.body_json)
    assert bad.code in facts.values() or bad.row == "ExportWritten"
    assert [one.state for one in exports] in ([], [ExportState.REQUESTED], [ExportState.FAILED])
    assert len(list(reports)) == (0 if bad.certifying else 1)
    for folder in (room.story.medium, room.story.medium.with_name("pulled")):
        assert not folder.exists() or list(folder.iterdir()) == []
