"""Marking vocabularies as content: read strictly, never narrower than what stands here, in force at once.

Criteria and profiles are fixed for a case when it is opened; the words of markings are not: two vocabularies
in one vault would let one banner mean two things. So the newest one kept holds for every case, and it is
refused where a word, or a banner of a case, would be lost by it.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from workstation.app import markings
from workstation.core import content as sets
from workstation.core.content import ContentKind, VocabularyNarrower
from workstation.core.errors import Refused
from workstation.core.markings import Kind, Vocabulary, parse, parse_vocabulary
from workstation.core.markings.vocabulary import VocabularyData
from workstation.core.ports import Work


@lru_cache(maxsize=8)
def vocabulary_from(content: bytes) -> Vocabulary:
    """Strictly by format and rules.

    Raises:
        CriteriaSetMalformed, CriteriaSetNotCanonical, CriterionTwice, CriterionTextUnusable;
        VocabularyUnusable: a pattern that is no regular expression.
    """
    data = sets.canonical_json(content, VocabularyData)
    if data.version < 1:
        raise sets.CriteriaSetMalformed(reason="version is a whole number from 1")
    for words in _lists(data):
        sets.refuse_repeats(words)
    sets.refuse_bad_texts(((data.id, data.id), ("title", data.title), ("notice", data.notice)))
    return parse_vocabulary(content)


def _lists(data: VocabularyData) -> Iterator[list[str]]:
    yield [entry.id for entry in data.sci]
    yield [entry.id for entry in data.aea]
    yield [entry.id for entry in (*data.dissem, *data.other)]
    yield [entry.id for entry in data.tetragraphs]
    yield [code for code, _name in data.countries]
    yield [entry.id for entry in data.cui.categories]


def entries(data: VocabularyData) -> int:
    """How many words."""
    return sum(map(len, _lists(data)))


def newest(work: Work) -> Vocabulary:
    """What is in force in this vault: the highest version kept, else the one that came with the program."""
    shipped = markings.shipped_vocabulary()
    kept = [one for one in work.content.all() if one.kind is ContentKind.VOCABULARY]
    highest = max(kept, key=lambda one: one.version, default=None)
    if highest is None or highest.version <= shipped.data.version:
        return shipped
    return vocabulary_from(highest.content)


def require_wider(work: Work, offered: Vocabulary) -> None:
    """Refuse a vocabulary by which something marked here could no longer be read.

    Raises:
        VocabularyNarrower: naming words that are gone, or banners of cases.
    """
    lost = _lost(newest(work).data, offered.data)
    if not lost:
        banners = sorted({case.marking for case in work.search.summaries()})
        lost = [banner for banner in banners if not _reads(offered, banner)]
    if lost:
        raise VocabularyNarrower(offered=f"{offered.data.id} v{offered.data.version}", lost=tuple(lost[:10]))


def _lost(old: VocabularyData, new: VocabularyData) -> list[str]:
    pairs: Iterable[tuple[list[str], list[str]]] = zip(_lists(old), _lists(new), strict=True)
    return [word for before, after in pairs for word in before if word not in set(after)]


def _reads(vocabulary: Vocabulary, banner: str) -> bool:
    try:
        parse(banner, Kind.BANNER, vocabulary=vocabulary)
    except Refused:
        return False
    return True
