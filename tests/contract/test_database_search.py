"""What every database promises about being searched."""

import pytest

from tests.helpers.databases import (
    CASE,
    LEAD,
    NOW,
    OFFICER,
    OFFICIAL,
    PACKAGE,
    Bench,
    a_file,
    a_package,
    about,
    add_case,
    an_answer,
)
from workstation.core.case_errors import CaseUnknown
from workstation.core.examination import Coverage
from workstation.core.packages import Fixity
from workstation.core.people import Person
from workstation.core.ports import Database, Examined
from workstation.core.search_ports import IndexKind
from workstation.core.summaries import summarise
from workstation.core.values import CaseId


@pytest.fixture
def database(bench: Bench) -> Database:
    """With a case, three files and answers of two people."""
    add_case(bench.database)
    with bench.database.work(LEAD) as work:
        work.packages.add(a_package())
        paths = ("weights/model-00001.safetensors", "eval_logs/Überblick.json", "README.md")
        work.packages.add_files([a_file(path) for path in paths])
        work.answers.add(an_answer("K1.1", detail="The sandbox escaped once."))
        work.answers.add(an_answer("K1.2", by=OFFICIAL, detail="No sandbox was used."))
        about(work)
    return bench.database


def found(
    database: Database, kind: IndexKind, text: str, viewer: Person = LEAD, limit: int = 40
) -> list[str]:
    """What a search says, by the part that tells things apart."""
    with database.look() as work:
        hits = work.search.find(kind, text, viewer.person_id, limit=limit)
        return [hit.part or hit.record for hit in hits]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("safetensors", ["weights/model-00001.safetensors"]),
        ("WEIGHTS mod", ["weights/model-00001.safetensors"]),
        ("uberblick", ["eval_logs/Überblick.json"]),
        ("model-00001", ["weights/model-00001.safetensors"]),
        ('"eval logs"', ["eval_logs/Überblick.json"]),
        ('"logs eval"', []),
        ("tensors", []),
        ("weights README", []),
        ("", []),
        ('"', []),
        ("* - ( AND", []),
        ("words:weights", []),
        ('weights" OR "readme', []),
        ("NEAR(weights)", []),
        ("e", []),
    ],
)
def test_files_are_found_by_words_and_their_beginnings(
    database: Database, text: str, paths: list[str]
) -> None:
    """Every word counts, whatever its case and accents, and nothing typed is read as a language."""
    assert found(database, IndexKind.FILE, text) == paths


def test_another_persons_answer_is_not_found_while_blind(database: Database) -> None:
    """Before both reviewers have submitted each finds own answers only, and nobody else any."""
    assert found(database, IndexKind.ANSWER, "sandbox", LEAD) == [LEAD.person_id]
    assert found(database, IndexKind.ANSWER, "sandbox", OFFICIAL) == [OFFICIAL.person_id]
    assert found(database, IndexKind.ANSWER, "sandbox", OFFICER) == []
    assert found(database, IndexKind.ANSWER, "K1.2", LEAD) == []


def test_answers_are_found_by_all_once_both_have_submitted(database: Database) -> None:
    """When both have submitted everybody finds both answers, the newest first."""
    with database.work(LEAD) as work:
        case = work.cases.get(CASE)
        case.reviewers = (LEAD.person_id, OFFICIAL.person_id)
        case.submissions = {LEAD.person_id: NOW}
        work.cases.save(case)
        about(work)
    assert found(database, IndexKind.ANSWER, "sandbox", OFFICER) == []
    with database.work(LEAD) as work:
        case = work.cases.get(CASE)
        case.submissions[OFFICIAL.person_id] = NOW
        work.cases.save(case)
        about(work)
    assert set(found(database, IndexKind.ANSWER, "sandbox", OFFICER)) == {LEAD.person_id, OFFICIAL.person_id}
    assert len(found(database, IndexKind.ANSWER, "sandbox", OFFICER, limit=1)) == 1


def test_a_disclosed_answer_is_found_after_a_return(database: Database) -> None:
    """What both have seen once stays found by both, and only that."""
    with database.work(LEAD) as work:
        case = work.cases.get(CASE)
        case.disclosed = (an_answer("K1.2").criterion_id,)
        work.cases.save(case)
        about(work)
    assert set(found(database, IndexKind.ANSWER, "sandbox", LEAD)) == {LEAD.person_id, OFFICIAL.person_id}
    assert found(database, IndexKind.ANSWER, "sandbox", OFFICIAL) == [OFFICIAL.person_id]


def test_a_later_revision_takes_the_place_of_the_one_before(database: Database) -> None:
    """Words of a replaced answer no longer find it; the new ones do."""
    with database.work(LEAD) as work:
        work.answers.add(an_answer("K1.1", revision=2, detail="It held."))
        about(work)
    assert found(database, IndexKind.ANSWER, "escaped") == []
    assert found(database, IndexKind.ANSWER, "held") == [LEAD.person_id]


def test_what_the_examination_read_is_found(database: Database) -> None:
    """Texts among the facts of a file find it, and a second examination replaces the first."""
    for words, other in (("bioweapon uplift", "cyber"), ("cyber range", "uplift")):
        with database.work(LEAD) as work:
            facts = f'{{"task": {{"names": ["{words}"]}}, "count": 3}}'
            work.packages.save_examined(
                PACKAGE,
                [
                    Examined(
                        untrusted_path="README.md",
                        kind="text",
                        coverage=Coverage.NOTHING_FOUND,
                        fixity=Fixity.MATCHES,
                        findings=(),
                        facts_json=facts,
                    )
                ],
            )
            about(work)
        assert found(database, IndexKind.TEXT, words) == ["README.md"]
        assert found(database, IndexKind.TEXT, other) == []


def test_a_case_in_short_is_the_case(database: Database) -> None:
    """The short form says what the case says, after every change of it."""
    with database.look() as work:
        assert list(work.search.summaries()) == [summarise(work.cases.get(CASE))]
    with database.work(LEAD) as work:
        case = work.cases.get(CASE)
        case.model, case.tags = "Other", ("cyber",)
        work.cases.save(case)
        about(work)
    with database.look() as work:
        assert work.search.summary(CASE) == summarise(case)
        with pytest.raises(CaseUnknown):
            work.search.summary(CaseId("CASE-9999"))


def test_an_index_made_anew_finds_the_same(database: Database) -> None:
    """Making the index anew changes no answer of a search."""
    asked = [(IndexKind.FILE, "model"), (IndexKind.ANSWER, "sandbox"), (IndexKind.FILE, "readme")]
    before = [found(database, kind, text) for kind, text in asked]
    with database.work(LEAD) as work:
        assert work.search.rebuild() == 5
        about(work)
    assert [found(database, kind, text) for kind, text in asked] == before


def test_what_was_rolled_back_is_not_found(database: Database) -> None:
    """Words of an act that failed are not in the index."""
    with pytest.raises(RuntimeError), database.work(LEAD) as work:
        work.packages.add_files([a_file("secret-name.bin")])
        raise RuntimeError
    assert found(database, IndexKind.FILE, "secret") == []
