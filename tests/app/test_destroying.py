"""Destroying a case on the real store: two people, exact counts, nothing left to read, a certificate."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from storage.backups import DiskBackups
from storage.database import SqlDatabase
from tests.helpers.office import unlock
from tests.helpers.ready_office import office_at
from workstation.app import auditing, backups, checking, destroying, exits, oversight, queries, reporting
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.core import destructions
from workstation.core.destructions import (
    CaseDestroyedAlready,
    DestructionBlocked,
    DestructionNotRequested,
    HoldingsChanged,
)
from workstation.core.exits import Disposition, Progress
from workstation.core.jobs import JobControl
from workstation.core.people import NotAppointed
from workstation.core.report import DocumentKind
from workstation.core.values import CaseId
from workstation.core.vault import ObjectRef
from workstation.core.vault_errors import CaseKeyDestroyed, PassphraseNotConfirmed
from workstation.demo.story import Story, passphrase

PAGE_BYTES, RESERVED_BYTES = 4_096, 80  # of SQLCipher 4
OFFICER = "tanaka"
LEAD = "ibarra"


def disposed(story: Story, case_id: CaseId, *, disposition: Disposition = Disposition.DESTROYED) -> None:
    """The case is over as far as its material goes."""
    with story.acting(LEAD) as session:
        exits.record_disposition(
            session,
            case_id,
            disposition,
            material="the submission",
            done_on=date(2026, 1, 1),
            reference="C-1",
        )


@pytest.fixture
def ready(tmp_path: Path) -> tuple[Story, CaseId]:
    """A determined case whose destruction is asked for."""
    story, case_id = office_at("concluded", tmp_path)
    disposed(story, case_id)
    with story.acting(LEAD) as session:
        destroying.request(session, case_id, reason="the agreement asks for it")
    return story, case_id


def destroy(story: Story, case_id: CaseId, who: str = OFFICER) -> None:
    """As the command line does it."""
    with story.acting(who) as session:
        shown = destroying.look_at(session, case_id).holdings
        destroying.carry_out(session, case_id, shown, passphrase(), JobControl())


def references(session: Session) -> list[ObjectRef]:
    """Of everything the vault stores."""
    with session.look() as work:
        return [ObjectRef.parse(text) for text in work.packages.object_refs()]


def test_what_a_case_stores_is_sealed_under_its_own_key(tmp_path: Path) -> None:
    """Every reference of a new case names the case's key; none stands under the vault's."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting(OFFICER) as session:
        key = session.key_of(case_id)
        found = references(session)
    assert key > 0
    assert found
    assert {ref.case_key for ref in found} == {key}


def test_a_destroyed_case_leaves_nothing_that_opens(ready: tuple[Story, CaseId]) -> None:
    """Key, rows, words and containers are gone, an old reference opens nothing, and the vault checks out."""
    story, case_id = ready
    with story.acting(OFFICER) as session:
        (kept, *_rest) = references(session)
    destroy(story, case_id)
    with story.acting(OFFICER) as session:
        held = destroying.look_at(session, case_id).holdings
        assert (held.rows, held.documents, held.files) == (0, 0, 0)
        assert session.key_of(case_id) == 0
        with pytest.raises(CaseKeyDestroyed):
            session.vault.open(kept)
        left = {ref.container for ref in references(session)}
        assert set(session.vault.containers()) == left  # of the certificate, and nothing else
        assert checking.check_vault(session, JobControl()).holds


def test_the_certificate_is_signed_by_who_carried_it_out_and_names_the_backups(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """It opens after the case's key is gone, counts what was destroyed, and names the backup."""
    story, case_id = ready
    with story.acting("abara") as session:
        backups.take(session, tmp_path / "kept", JobControl())
        shown = destroying.look_at(session, case_id)
    destroy(story, case_id)
    with story.acting(OFFICER) as session:
        with session.look() as work:
            reports = work.releases.reports(case_id)
            case = work.cases.get(case_id)
        certificate = reports[-1]
        pdf = reporting.read_sealed(session, certificate.pdf_ref, certificate.pdf_sha384)
    assert certificate.kind is DocumentKind.DESTRUCTION_CERTIFICATE
    assert case.exits.destruction is not None
    assert case.exits.destruction.certificate == certificate.report_id
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    assert b"/ByteRange" in pdf
    assert f"{shown.holdings.files:,}" in text
    assert "kept" in text
    assert "backup 1" in text


def test_tombstone_trail_and_figures_stay(ready: tuple[Story, CaseId]) -> None:
    """The determination, the register's entry and every row of the trail outlive the case's material."""
    story, case_id = ready
    with story.acting(OFFICER) as session:
        before = oversight.look_over(session).figures
        rows = len(auditing.page(session, case_id=case_id, limit=10_000))
    destroy(story, case_id)
    with story.acting(OFFICER) as session:
        assert oversight.look_over(session).figures == before
        view = queries.case_view(session, case_id)
        assert view.case.determination is not None
        names = [row.event for row in auditing.page(session, case_id=case_id, limit=10_000)]
        assert len(names) > rows
        assert auditing.verify(session).broken_seq is None
    assert [name for name in names if name.startswith(("Destr", "CaseE", "CaseD"))] == [
        "CaseDestroyed",
        "CaseErased",
        "DestructionBegun",
        "DestructionRequested",
    ]


def test_nobody_destroys_alone(ready: tuple[Story, CaseId]) -> None:
    """Who may ask may not carry out, who carries out must be appointed and type the passphrase again."""
    story, case_id = ready
    for login in (LEAD, "osei"):
        with pytest.raises(NotAppointed):
            destroy(story, case_id, login)
    with story.acting(OFFICER) as session:
        shown = destroying.look_at(session, case_id).holdings
        with pytest.raises(NotAppointed):
            destroying.request(session, case_id, reason="again")
        with pytest.raises(PassphraseNotConfirmed):
            destroying.carry_out(session, case_id, shown, bytearray(b"wrong"), JobControl())
        with pytest.raises(HoldingsChanged):
            other = replace(shown, files=shown.files + 1)
            destroying.carry_out(session, case_id, other, passphrase(), JobControl())
        assert destroying.look_at(session, case_id).holdings == shown


def test_a_case_that_may_not_be_destroyed_is_not(tmp_path: Path) -> None:
    """Without a disposition, or under a legal hold, a request is refused; without one nothing is done."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting(LEAD) as session, pytest.raises(DestructionBlocked) as blocked:
        destroying.request(session, case_id, reason="r")
    assert blocked.value.ground == "no-disposition"
    disposed(story, case_id)
    disposed(story, case_id, disposition=Disposition.KEPT_ON_HOLD)
    with story.acting(LEAD) as session, pytest.raises(DestructionBlocked) as blocked:
        destroying.request(session, case_id, reason="r")
    assert blocked.value.ground == "legal-hold"
    with pytest.raises(DestructionNotRequested):
        destroy(story, case_id)


STEPS = ("destructions.bury", "session.database.fold", "sweep", "_certificate", "work.releases")


class Stopped(BaseException):
    """Stands for the machine going off."""


@contextmanager
def stopping_at(step: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process ends where this step begins."""

    def stop(*_args: Any, **_facts: Any) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        if step == "destructions.bury":
            patch.setattr(destructions, "bury", stop)
        elif step == "session.database.fold":
            patch.setattr(SqlDatabase, "fold", stop)
        elif step == "work.releases":
            patch.setattr(destructions, "certified", stop)
        else:
            patch.setattr(destroying, step, stop)
        yield


@pytest.mark.parametrize("step", STEPS)
def test_a_destruction_cut_short_goes_on_where_it_stopped(
    ready: tuple[Story, CaseId], step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whatever step it ends, the vault opens, it says how far it came, and repeating completes it."""
    story, case_id = ready
    session = unlock(story.services, OFFICER)
    with stopping_at(step, monkeypatch), pytest.raises(Stopped):
        shown = destroying.look_at(session, case_id).holdings
        destroying.carry_out(session, case_id, shown, passphrase(), JobControl())
    session.database.close()
    session.vault.lock()
    with story.acting(OFFICER) as session:
        case = destroying.look_at(session, case_id).case
        assert case.exits.destruction is not None
        assert case.exits.destruction.progress in {Progress.BEGUN, Progress.ERASED}
        assert checking.check_vault(session, JobControl()).holds
    destroy(story, case_id)
    with story.acting(OFFICER) as session:
        with session.look() as work:
            certificates = [
                one
                for one in work.releases.reports(case_id)
                if one.kind is DocumentKind.DESTRUCTION_CERTIFICATE
            ]
        assert len(certificates) == 1
    with pytest.raises(CaseDestroyedAlready):
        destroy(story, case_id)


def test_words_of_a_destroyed_case_are_nowhere_in_the_database(ready: tuple[Story, CaseId]) -> None:
    """Not in a row, not in the index of words, not in a free page: the file is read through, decrypted."""
    story, case_id = ready
    with story.acting(OFFICER) as session, session.look() as work:
        (package,) = work.packages.of_case(case_id)
        paths = [one.untrusted_path for one in work.packages.listed(package.package_id)]
        findings = [one.text.description for one in work.findings.of_case(case_id)]
        answers = [one.detail for one in work.answers.latest(case_id).values()]
    planted = [text.encode() for text in (*paths, *answers, *findings) if len(text) > 12]
    before = _decrypted(story)
    assert any(word in before for word in planted)
    destroy(story, case_id)
    after = _decrypted(story)
    trail = _trail(story)
    left = [word for word in planted if word in after and word not in trail]
    assert not left


def _decrypted(story: Story) -> bytes:
    """Every page of the database, free ones among them, decrypted one by one as SQLCipher 4 lays them out."""
    with story.acting(OFFICER) as session:
        key, path = session.vault.database_key(), session.vault.database_path  # type: ignore[attr-defined] # on disk
    content, pages = path.read_bytes(), []
    assert not Path(f"{path}-wal").exists() or not Path(f"{path}-wal").stat().st_size
    for start in range(0, len(content), PAGE_BYTES):
        page = content[start : start + PAGE_BYTES]
        salt = 16 if start == 0 else 0
        body, iv = page[salt : PAGE_BYTES - RESERVED_BYTES], page[-RESERVED_BYTES:][:16]
        decryptor = Cipher(AES(key), CBC(iv)).decryptor()
        pages.append(decryptor.update(body) + decryptor.finalize())
    return b"".join(pages)


def _trail(story: Story) -> bytes:
    with story.acting(OFFICER) as session, session.look() as work:
        return b"".join(row.body_json.encode() for row in work.audit.page(limit=100_000))


def test_an_old_backup_still_opens_the_case_and_a_new_one_does_not(
    ready: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """What the certificate says of backups is so: that of before holds, rehearses and restores the case."""
    story, case_id = ready
    with story.acting("abara") as session:
        backups.take(session, tmp_path / "kept", JobControl())
    destroy(story, case_id)
    with story.acting("abara") as session:
        answer = backups.rehearse(session, tmp_path / "kept", passphrase(), JobControl())
        assert answer.holds
        before = answer.objects
        backups.take(session, tmp_path / "kept", JobControl())
        answer = backups.rehearse(session, tmp_path / "kept", passphrase(), JobControl())
    assert answer.holds
    assert answer.objects < before
    assert DiskBackups(story.services.clock).newest(tmp_path / "kept").number == 2


def test_a_rehearsal_uses_the_keys_of_the_backup(ready: tuple[Story, CaseId], tmp_path: Path) -> None:
    """Rotating the vault's key wraps the keys of the cases anew, and every object goes on to open."""
    story, case_id = ready
    del tmp_path
    with story.acting("abara") as session:
        key = session.key_of(case_id)
        with session.look() as work:
            (gone,) = [one for one in work.people.all() if one.login_name == "osei"]
            epoch = work.case_keys.get(key).epoch  # type: ignore[union-attr] # it is there
        session.services.vaults.remove_slot(session.vault, session.database, gone.person_id)
        with session.look() as work:
            assert work.case_keys.get(key).epoch == epoch + 1  # type: ignore[union-attr] # likewise
        assert checking.check_vault(session, JobControl()).holds
    sessions.lock(unlock(story.services, "abara"), reason="test")
