"""What this process verified a moment ago, so that composing an export does not verify the same bytes twice.

An answer is found again only for the same bytes, the same trust and the same moment. Nothing of a document
is kept but its digest and the answer.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime

from reports.verifying_pdf import verify_pdf
from workstation.core.signatures import TrustStore
from workstation.core.verifications import PdfVerification

_KEPT = 4
_Key = tuple[str, TrustStore, datetime]


class _Answers:
    def __init__(self) -> None:
        self._turn, self._answers = threading.Lock(), OrderedDict[_Key, PdfVerification]()

    def find(self, key: _Key) -> PdfVerification | None:
        with self._turn:
            return self._answers.get(key)

    def keep(self, key: _Key, answer: PdfVerification) -> None:
        with self._turn:
            self._answers[key] = answer
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)


_answers = _Answers()


def note(pdf: bytes, trust: TrustStore, *, at: datetime, answer: PdfVerification) -> None:
    """Keep the answer ``verify_pdf`` gave with ``demo_allowed`` about these bytes."""
    _answers.keep(_key(pdf, trust, at), answer)


def verified(pdf: bytes, trust: TrustStore, *, at: datetime, path: str) -> PdfVerification:
    """What ``verify_pdf(..., demo_allowed=True)`` says, asked once for the same bytes, trust and moment."""
    key = _key(pdf, trust, at)
    answer = _answers.find(key)
    if answer is None:
        answer = verify_pdf(pdf, trust, at=at, demo_allowed=True, path=path)
        _answers.keep(key, answer)
    return _named(answer, path)


def _key(pdf: bytes, trust: TrustStore, at: datetime) -> _Key:
    return hashlib.sha384(pdf).hexdigest(), trust, at


def _named(answer: PdfVerification, path: str) -> PdfVerification:
    """The same answer about a file that goes by this name."""

    def moved(where: str) -> str:
        return path + where.removeprefix(answer.path)

    return replace(
        answer,
        path=path,
        problems=tuple(replace(one, path=moved(one.path)) for one in answer.problems),
        signatures=tuple(replace(one, where=moved(one.where)) for one in answer.signatures),
    )
