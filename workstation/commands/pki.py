"""``workstation pki``: certificates of the office's own public-key infrastructure."""

import argparse
from pathlib import Path

from workstation.app import administering, own_pki
from workstation.app.own_pki import Standing
from workstation.app.services import Session
from workstation.commands import desk
from workstation.commands.people import other_passphrase
from workstation.core.pki import CertificateFacts, ListedAuthority
from workstation.core.signature_errors import RequestNotWritten, TrustUnreadable

_LIMIT_BYTES = 8 << 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, summary: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=summary)
        desk.vault_arguments(added)
        return added

    verb("list", "the authorities this office believes, their revocation lists, and the own certificates")
    add = verb("add", "as custodian, put issuing authorities on the list")
    add.add_argument("file", type=Path, metavar="FILE", help="CA certificates, PEM or DER")
    confirm = verb("confirm", "as security officer, confirm an authority's fingerprint")
    confirm.add_argument("authority", metavar="AUTHORITY", help="at least 8 digits of its fingerprint")
    confirm.add_argument("--fingerprint", required=True, help="SHA-384, as its keeper read it out")
    withdraw = verb("withdraw", "as custodian, believe nothing of an authority any more")
    withdraw.add_argument("authority", metavar="AUTHORITY", help="at least 8 digits of its fingerprint")
    withdraw.add_argument("--reason", required=True)
    crl = verb("crl", "as custodian, take over revocation lists of listed authorities")
    crl.add_argument("file", type=Path, metavar="FILE", help="revocation lists, PEM or DER")
    request = verb("request", "write requests (PKCS #10) for certificates of the own signing keys")
    request.add_argument("folder", type=Path, metavar="FOLDER", help="files that are there are not replaced")
    adopt = verb("adopt", "as custodian, take over certificates that were issued for a person's keys")
    adopt.add_argument("login", metavar="LOGIN")
    adopt.add_argument("file", type=Path, metavar="FILE", help="the issued certificates, PEM or DER")
    adopt.add_argument("--reason", required=True)


def run(options: argparse.Namespace) -> int:
    """Do it and return the exit status."""
    with desk.unlocked(options) as session:
        desk.show(options, _VERBS[options.verb](session, options))
    return 0


def _list(session: Session, _options: argparse.Namespace) -> dict[str, object]:
    return {
        "authorities": [_standing(one) for one in own_pki.standings(session)],
        "own_certificates": [_facts(one) for one in own_pki.own_certificates(session)],
    }


def _add(session: Session, options: argparse.Namespace) -> dict[str, object]:
    return {"listed": [_listed(one) for one in own_pki.add_authorities(session, _content(options.file))]}


def _confirm(session: Session, options: argparse.Namespace) -> dict[str, object]:
    return _listed(own_pki.confirm_authority(session, options.authority, fingerprint=options.fingerprint))


def _withdraw(session: Session, options: argparse.Namespace) -> dict[str, object]:
    gone = own_pki.withdraw_authority(session, options.authority, reason=options.reason)
    return {"withdrawn": gone.untrusted_name, "sha384": gone.sha384}


def _crl(session: Session, options: argparse.Namespace) -> dict[str, object]:
    taken = own_pki.take_lists(session, _content(options.file))
    return {
        "taken": [
            {
                "authority": one.issuer_sha384,
                "issued_at": one.issued_at.isoformat(),
                "next_update": one.next_update.isoformat(),
            }
            for one in taken
        ]
    }


def _request(session: Session, options: argparse.Namespace) -> dict[str, object]:
    made = own_pki.request(session, desk.to_sign(options, session))
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            with (options.folder / name).open("xb") as stream:
                stream.write(content)
    except OSError as fault:
        where = str(fault.filename or options.folder)
        raise RequestNotWritten(path=where, reason=fault.strerror or "") from fault
    return {"written": [str(options.folder / name) for name in made]}


def _adopt(session: Session, options: argparse.Namespace) -> dict[str, object]:
    person = own_pki.adopt(
        session,
        administering.person_by_login(session, options.login).person_id,
        _content(options.file),
        reason=options.reason,
        custodian_passphrase=desk.passphrase(options),
        passphrase=other_passphrase(f"Passphrase of {options.login}"),
    )
    return {"person_id": person.person_id, "name": person.display_name}


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(_LIMIT_BYTES + 1)
    except OSError as fault:
        raise TrustUnreadable(source=str(file), detail=fault.strerror or "") from fault
    if len(content) > _LIMIT_BYTES:
        raise TrustUnreadable(source=str(file), detail=f"larger than {_LIMIT_BYTES} bytes")
    return content


def _listed(one: ListedAuthority) -> dict[str, object]:
    return {"name": one.untrusted_name, "sha384": one.sha384, "confirmed": one.confirmed_by is not None}


def _standing(one: Standing) -> dict[str, object]:
    ends = one.list_ends_at
    return _listed(one.authority) | {
        "not_after": one.facts.not_after.isoformat(),
        "revocation_list_issued": one.list_issued_at.isoformat() if one.list_issued_at else "none",
        "revocation_list_ends": ends.isoformat() if ends else "none",
    }


def _facts(one: CertificateFacts) -> dict[str, object]:
    return {
        "subject": one.untrusted_subject,
        "issuer": one.untrusted_issuer,
        "algorithm": one.algorithm,
        "sha384": one.sha384,
        "not_after": one.not_after.isoformat(),
    }


_VERBS = {
    "list": _list,
    "add": _add,
    "confirm": _confirm,
    "withdraw": _withdraw,
    "crl": _crl,
    "request": _request,
    "adopt": _adopt,
}
