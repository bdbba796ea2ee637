"""Passphrases change, people leave, roles and certificates are renewed, revocation lists are kept fresh."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.office import unlock
from tests.helpers.ready_office import office_at
from workstation.app import administering, auditing, credentials
from workstation.app import session as sessions
from workstation.core.case_errors import CaseFieldMissing
from workstation.core.errors import WorkstationError
from workstation.core.people import (
    LastCustodian,
    NotAppointed,
    NotOneself,
    Person,
    PersonInactive,
    Role,
)
from workstation.core.vault_errors import CredentialsRefused, PassphraseTooWeak
from workstation.demo.story import Story, passphrase

NEW = b"harbor lantern willow seventeen"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """People enrolled, no case yet."""
    return office_at("people", tmp_path)[0]


def _person(story: Story, login_name: str) -> Person:
    with story.acting("abara") as session:
        return administering.person_by_login(session, login_name)


def _retire(story: Story, login_name: str, *, by: str = "abara", revoke: bool = False) -> Person:
    person = _person(story, login_name)
    with story.acting(by) as session:
        return credentials.retire(
            session,
            person.person_id,
            reason="left the office",
            revoke_certificates=revoke,
            custodian_passphrase=passphrase(),
        )


def _renew(story: Story, login_name: str, role: Role, *, by: str = "abara") -> Person:
    person = _person(story, login_name)
    with story.acting(by) as session:
        return credentials.renew_identity(
            session,
            person.person_id,
            role=role,
            reason="appointed anew",
            custodian_passphrase=passphrase(),
            passphrase=passphrase(),
        )


def test_a_changed_passphrase_opens_and_the_old_one_does_not(story: Story) -> None:
    """After the change only the new passphrase unlocks and signs, and the trail says that it was changed."""
    with story.acting("ibarra") as session:
        credentials.change_passphrase(session, old=passphrase(), new=bytearray(NEW))
    with pytest.raises(CredentialsRefused):
        unlock(story.services, "ibarra")
    session = sessions.unlock(story.services, login_name="ibarra", passphrase=bytearray(NEW))
    try:
        with sessions.reauthenticated(session, bytearray(NEW)) as signer:
            assert signer.person_id == session.person.person_id
        assert any(row.event == "PassphraseChanged" for row in auditing.page(session))
    finally:
        sessions.lock(session, reason="test")


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [(b"not it at all", NEW, CredentialsRefused), (None, b"short", PassphraseTooWeak)],
)
def test_a_refused_change_changes_nothing(
    story: Story, old: bytes | None, new: bytes, error: type[WorkstationError]
) -> None:
    """A wrong old passphrase or a weak new one leaves the old one in force and no row of a change."""
    with story.acting("ibarra") as session:
        with pytest.raises(error):
            credentials.change_passphrase(
                session, old=passphrase() if old is None else bytearray(old), new=bytearray(new)
            )
        assert not any(row.event == "PassphraseChanged" for row in auditing.page(session))
    sessions.lock(unlock(story.services, "ibarra"), reason="test")


def test_who_retires_is_shut_out_and_the_vault_has_a_new_key(story: Story) -> None:
    """The slot is gone, the epoch has grown, everybody else gets in, and the trail still proves."""
    before = story.services.vaults.status()
    _retire(story, "ibarra")
    after = story.services.vaults.status()
    assert (after.slot_count, after.epoch) == (before.slot_count - 1, (before.epoch or 0) + 1)
    with pytest.raises(CredentialsRefused):
        unlock(story.services, "ibarra")
    with story.acting("tanaka") as session:
        assert auditing.verify(session).broken_seq is None


def test_a_name_that_retired_is_never_used_again(story: Story) -> None:
    """The person stays in the register, inactive, so nobody can be enrolled under the same number."""
    _retire(story, "ibarra")
    assert _person(story, "ibarra").active is False
    with pytest.raises(PersonInactive):
        _retire(story, "ibarra")


def test_revoked_certificates_stand_in_the_new_lists(story: Story) -> None:
    """Retiring with revocation makes lists that name both certificates, and fresh lists keep naming them."""
    from cryptography import x509

    person = _retire(story, "ibarra", revoke=True)
    with story.acting("abara") as session:
        credentials.issue_revocation_lists(session, custodian_passphrase=passphrase())
        with session.look() as work:
            issued = administering.certificates(work, person.person_id)
        lists = [x509.load_der_x509_crl(der) for der in administering.trust_store(session).crls_der]
    assert len(issued) == 2
    for listed in lists:
        for der in issued:
            serial = x509.load_der_x509_certificate(der).serial_number
            assert listed.get_revoked_certificate_by_serial_number(serial) is not None


def test_an_ordinary_retirement_revokes_nothing(story: Story) -> None:
    """What a colleague signed in good faith stays verifiable: the lists are the ones from before."""
    with story.acting("abara") as session:
        before = administering.trust_store(session).crls_der
    _retire(story, "ibarra")
    with story.acting("abara") as session:
        assert administering.trust_store(session).crls_der == before


def test_fresh_lists_end_later(story: Story) -> None:
    """Lists issued a month on end a month later."""
    with story.acting("abara") as session:
        before = credentials.lists_end_at(session)
        story.clock.advance(timedelta(days=30))
        after = credentials.issue_revocation_lists(session, custodian_passphrase=passphrase())
        assert credentials.lists_end_at(session) == after
    assert after - before >= timedelta(days=30)


def test_a_new_role_comes_with_new_certificates(story: Story) -> None:
    """The signer's certificates say the new role and are others than before; the person is the same."""
    from cryptography import x509

    person = _renew(story, "tanaka", Role.LEAD_REVIEWER)
    with story.acting("tanaka") as session:
        assert session.person.role is Role.LEAD_REVIEWER
        with sessions.reauthenticated(session, passphrase()) as signer:
            subject = x509.load_der_x509_certificate(signer.ec_certificate_der).subject.rfc4514_string()
        with session.look() as work:
            assert len(administering.certificates(work, person.person_id)) == 4
    assert "lead-reviewer" in subject


def test_a_new_custodian_can_enrol(story: Story) -> None:
    """Who becomes custodian holds the authority's keys from then on, and the first one may then leave."""
    _renew(story, "tanaka", Role.CUSTODIAN)
    _retire(story, "abara", by="tanaka")
    with story.acting("tanaka") as session:
        new = administering.NewPerson(
            login_name="novak", staff_number="D-7001", display_name="Petra Novak", role=Role.REVIEWER
        )
        administering.enrol(session, new, custodian_passphrase=passphrase(), passphrase=bytearray(NEW))
    sessions.lock(
        sessions.unlock(story.services, login_name="novak", passphrase=bytearray(NEW)), reason="test"
    )


def test_nobody_decides_about_oneself_and_one_custodian_stays(story: Story) -> None:
    """A custodian neither retires nor appoints themselves, nobody else may, and a reason is asked for."""
    with pytest.raises(NotOneself):
        _retire(story, "abara")
    with pytest.raises(NotOneself):
        _renew(story, "abara", Role.SECURITY_OFFICER)
    with pytest.raises(NotAppointed):
        _retire(story, "tanaka", by="ibarra")
    with story.acting("abara") as session, pytest.raises(CaseFieldMissing):
        credentials.retire(
            session,
            administering.person_by_login(session, "tanaka").person_id,
            reason=" ",
            revoke_certificates=False,
            custodian_passphrase=passphrase(),
        )
    assert _person(story, "tanaka").active


def test_the_last_custodian_stays(story: Story) -> None:
    """A custodian cannot be retired when the one who asks is the only other and was retired meanwhile."""
    with story.acting("abara") as session, session.look() as work:
        people = work.people.all()
    from workstation.core.people import require_custodian_left

    only = next(person for person in people if person.role is Role.CUSTODIAN)
    with pytest.raises(LastCustodian):
        require_custodian_left(people, only)


def test_a_retirement_cut_short_is_finished_at_the_next_unlock(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the commit and the removal of the slot leaves nothing that opens the vault for long."""
    keeper = type(story.services.vaults)

    def crash(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keeper, "remove_slot", crash)
        with pytest.raises(KeyboardInterrupt):
            _retire(story, "ibarra")
    count = story.services.vaults.status().slot_count
    with pytest.raises(PersonInactive):
        unlock(story.services, "ibarra")
    with story.acting("tanaka") as session:
        assert any(row.event == "SlotsRemoved" for row in auditing.page(session))
    assert story.services.vaults.status().slot_count == count - 1
