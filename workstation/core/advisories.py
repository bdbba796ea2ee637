"""What an advisory says, before any format: values only."""

from dataclasses import dataclass
from datetime import datetime

from workstation.core.findings import Embargo, Finding


@dataclass(frozen=True, kw_only=True)
class AffectedFile:
    """A file of the submission that shows the flaw."""

    untrusted_path: str
    sha384: str
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class AdvisedFlaw:
    """One flaw with the files its evidence names."""

    finding: Finding
    files: tuple[AffectedFile, ...] = ()
    portion: str = ""

    @property
    def embargo(self) -> Embargo | None:
        """The finding's embargo."""
        return self.finding.embargo


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """The flaws of one referral about one model at one checkpoint."""

    tracking_id: str
    title: str
    office: str
    developer: str
    model: str
    checkpoint: str
    marking: str
    summary: str
    summary_portion: str
    made_at: datetime
    flaws: tuple[AdvisedFlaw, ...]
    watermark: str = ""
