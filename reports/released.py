"""One signed document that left a house, checked on its own."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from reports import verifying
from workstation.core.signatures import TrustStore
from workstation.core.verifications import PdfVerification


class ReleasedDocuments:
    """Satisfies ``core.verifications.DocumentVerifier``."""

    def __init__(self, *, demo: bool, max_crl_age: timedelta | None = None) -> None:
        """``demo`` lets a demonstration's documents verify, named as such."""
        self._demo, self._max_crl_age = demo, max_crl_age

    def verify_document(self, path: Path, trust: TrustStore, *, at: datetime, last: str) -> PdfVerification:
        """Every revision and signature; the field ``last`` must be signed."""
        store = replace(trust, max_crl_age=trust.max_crl_age or self._max_crl_age)
        return verifying.verify_pdf(path, store, at=at, demo_allowed=self._demo, expected_fields=(last,))
