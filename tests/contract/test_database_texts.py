"""The words of whole files, on disk and in memory: found with their place, kept as far as they were read."""

from dataclasses import replace

import pytest

from tests.helpers.databases import CASE, LEAD, OFFICER, PACKAGE, a_package, about, add_case
from workstation.core.full_texts import (
    MAX_PASSAGE_CHARS,
    WHOLE_PACKAGE,
    FullText,
    NotRead,
    Passage,
    TextState,
    passages_of,
)
from workstation.core.packages import PackageState
from workstation.core.ports import Database
from workstation.core.search_ports import IndexKind

READ = FullText(package_id=PACKAGE, untrusted_path="log.eval", state=TextState.BEGUN, next_at=2)


@pytest.fixture
def stored(database: Database) -> Database:
    """A database with one examined package."""
    add_case(database)
    with database.work(LEAD) as work:
        work.packages.add(replace(a_package(), state=PackageState.QUARANTINED))
        about(work)
    return database


def keep(database: Database, full: FullText, *passages: Passage) -> None:
    """In one unit of work."""
    with database.work(LEAD) as work:
        work.texts.add(CASE, full, passages)
        about(work)


def found(database: Database, text: str) -> list[tuple[str, str]]:
    """Path and place of what holds the words."""
    with database.look() as work:
        hits = work.search.find(IndexKind.PASSAGE, text, OFFICER.person_id, limit=40)
        return [(hit.part, hit.place) for hit in hits]


def test_words_are_found_with_their_place(stored: Database) -> None:
    """A passage is found by its words, and says its file and the sample or page in it."""
    one = Passage(place="sample=range-7", untrusted_words="The Agent pivoted to the domain controller.")
    two = Passage(place="sample=range-8", untrusted_words="It gave up.")
    keep(stored, READ, one, two)
    assert found(stored, "pivot controller") == [("log.eval", "sample=range-7")]
    assert found(stored, "gave") == [("log.eval", "sample=range-8")]
    assert found(stored, "zeppelin") == []


def test_how_far_a_file_was_read_is_replaced_and_its_words_stay(stored: Database) -> None:
    """Reading on keeps what was read before and says how far it came."""
    keep(stored, READ, Passage(place="sample=a", untrusted_words="first"))
    keep(
        stored,
        replace(READ, state=TextState.WHOLE, next_at=3),
        Passage(place="sample=b", untrusted_words="x"),
    )
    assert found(stored, "first") == [("log.eval", "sample=a")]
    with stored.look() as work:
        assert work.texts.of_package(PACKAGE)["log.eval"].next_at == 3


def test_a_package_waits_until_it_was_gone_through(stored: Database) -> None:
    """A package is waiting until the mark of its end is kept; one still being received never waits."""
    with stored.look() as work:
        assert work.texts.waiting() == [PACKAGE]
    keep(stored, READ)
    with stored.look() as work:
        assert work.texts.waiting() == [PACKAGE]
    keep(stored, replace(READ, untrusted_path=WHOLE_PACKAGE, state=TextState.WHOLE))
    with stored.look() as work:
        assert work.texts.waiting() == []


def test_what_was_not_read_is_counted_by_why(stored: Database) -> None:
    """Files that were not or not wholly read are counted; those that were are not."""
    keep(stored, replace(READ, state=TextState.PART, why=NotRead.BOUND))
    keep(stored, replace(READ, untrusted_path="x.zip", state=TextState.NONE, why=NotRead.CONTAINER))
    keep(stored, replace(READ, untrusted_path="y.md", state=TextState.WHOLE))
    with stored.look() as work:
        assert dict(work.texts.tally()) == {"bound": 1, "container": 1}


def test_an_index_made_anew_still_finds_passages(stored: Database) -> None:
    """Making the index anew keeps the words of files that only the sandbox could read again."""
    keep(stored, READ, Passage(place="page=3", untrusted_words="exfiltration rehearsed"))
    with stored.work(LEAD) as work:
        assert work.search.rebuild() >= 1
        about(work)
    assert found(stored, "exfiltration") == [("log.eval", "page=3")]
    keep(stored, READ, Passage(place="page=4", untrusted_words="another one"))
    assert found(stored, "exfiltration") == [("log.eval", "page=3")]


def test_long_text_is_parted_between_words() -> None:
    """No passage is longer than its bound, and together they hold every word of the text."""
    text = " ".join(f"word{number}" for number in range(5_000))
    pieces = passages_of("page=1", text)
    assert all(len(one.untrusted_words) <= MAX_PASSAGE_CHARS for one in pieces)
    assert " ".join(one.untrusted_words for one in pieces).split() == text.split()
    assert "".join(one.untrusted_words for one in passages_of("page=1", "x" * 20_000)) == "x" * 20_000
