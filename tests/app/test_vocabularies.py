"""Marking vocabularies as content: taken into use, refused one by one, and never narrower than the vault."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import rfc8785

import resources
from tests.app.test_content import Desk, desk, told
from workstation.app import content, leading, markings, queries
from workstation.app.session import reauthenticated
from workstation.core.content import (
    ContentKind,
    ContentSignatureBad,
    ContentUnknown,
    CriteriaSetMalformed,
    CriteriaSetNotCanonical,
    CriteriaSetOlder,
    CriterionTwice,
    VocabularyNarrower,
)
from workstation.core.markings import MarkingInvalid
from workstation.demo.story import passphrase

__all__ = ["desk", "told"]  # fixtures
SHIPPED: dict[str, Any] = json.loads(resources.read_bytes(markings.VOCABULARY))
NEW = "TOP SECRET//BRASS//NOFORN"  # invented: no such control system


def vocabulary(version: int = 2, **changes: Any) -> bytes:
    """The shipped words, one invented control system more, and further changes."""
    made = deepcopy(SHIPPED) | {"version": version}
    system = deepcopy(next(entry for entry in made["sci"] if entry["id"] == "SI"))
    system |= {"id": "BRASS", "portion": "BRASS", "title": "Invented", "titles": ["INVENTED BRASS"]}
    system |= {"compartments": [], "open_compartments": None}
    made["sci"] = [system, *made["sci"]]
    return rfc8785.dumps(made | changes)


@pytest.fixture(autouse=True)
def _shipped_words() -> Iterator[None]:
    """What one test put in force is not in force in the next."""
    yield
    markings.rules().use(markings.shipped_vocabulary())


def put(desk: Desk, made: bytes) -> Path:
    """Signed by a trusted person whatever it says, which ``content.sign`` itself would refuse."""
    path = desk.folder / "markings-us-v2.json"
    path.write_bytes(made)
    head = json.loads(made)
    predicate = {name: head[name] for name in ("format", "id", "version")}
    name = f"{head['id']}-v{head['version']}.json"
    with desk.acting("ibarra") as session, reauthenticated(session, passphrase()) as signer:
        signed = session.services.signing.sign_content(name, made, predicate=predicate, signer=signer)
    for suffix, beside in zip((content.SIGNATURE, content.CERTIFICATES), signed, strict=True):
        path.with_name(path.name + suffix).write_bytes(beside)
    return path


def test_a_new_vocabulary_is_in_force_at_once_and_after_a_restart(desk: Desk) -> None:
    """A word it adds is read in this vault from then on, until it is locked and when it opens again."""
    desk.trust()
    with pytest.raises(MarkingInvalid):
        markings.parse_marking(NEW)
    path = put(desk, vocabulary())
    with desk.acting("ibarra") as session:
        row = content.add(session, path)
        assert (row.kind, row.reference) == (ContentKind.VOCABULARY, "markings-us v2")
        assert queries.covering_marking(session, [NEW, "UNCLASSIFIED"]) == NEW
    with pytest.raises(MarkingInvalid):
        markings.parse_marking(NEW)
    with desk.acting("osei") as session:
        assert str(session.services.markings.parse(NEW)) == NEW
        newest = {one.reference for one in content.rows(session) if one.newest}
        assert "markings-us v2" in newest
        assert "markings-us v1" not in newest


def test_every_bad_vocabulary_has_a_refusal_of_its_own(desk: Desk) -> None:
    """Unknown field, repeated word, other spelling, lower version, other name and lost word each say so."""
    desk.trust()
    twice = json.loads(vocabulary())["sci"]
    for made, refusal in (
        (vocabulary(colour="blue"), CriteriaSetMalformed),
        (vocabulary(version=0), CriteriaSetMalformed),
        (vocabulary(sci=[twice[0], *twice]), CriterionTwice),
        (vocabulary() + b"\n", CriteriaSetNotCanonical),
        (vocabulary(version=1), CriteriaSetOlder),
        (vocabulary(id="markings-other"), CriteriaSetOlder),
        (vocabulary(sci=twice[:1]), VocabularyNarrower),
    ):
        assert isinstance(desk.refused(put(desk, made)), refusal), refusal


def test_an_altered_vocabulary_is_refused_as_tampered(desk: Desk) -> None:
    """A vocabulary that differs from what was signed changes no marking."""
    desk.trust()
    path = put(desk, vocabulary())
    path.write_bytes(vocabulary(notice="changed afterwards"))
    assert isinstance(desk.refused(path), ContentSignatureBad)
    with desk.acting("osei") as session, pytest.raises(MarkingInvalid):
        session.services.markings.parse(NEW)


def test_no_case_is_moved_to_a_vocabulary(desk: Desk) -> None:
    """A vocabulary holds for every case, so there is nothing to move a case to."""
    desk.trust()
    with desk.acting("ibarra") as session, pytest.raises(ContentUnknown):
        leading.move(session, desk.case_id, "markings-us v1", reason="x")
