"""The data behind the drawings of a report: a window, a coverage map, readings against thresholds."""

from dataclasses import dataclass
from datetime import date

_LARGEST_SHARE = 8  # as many fills as can be told apart without colour


@dataclass(frozen=True, kw_only=True)
class TimelineMark:
    """Something that happened, or is planned, on one day."""

    day: date
    label: str


@dataclass(frozen=True, kw_only=True)
class WindowTimeline:
    """The access window as a bar: earliest possible day, real opening, today, planned partner release."""

    earliest: date
    opened: date | None
    as_of: date
    planned_release: date
    marks: tuple[TimelineMark, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a window that ends before it can begin."""
        if self.planned_release <= self.earliest:
            raise ValueError(self.planned_release)


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    """One line of a coverage map; ``counts`` follows the order of the map's states."""

    label: str
    counts: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class CoverageMap:
    """How much of each group is in which state, as stacked bars of equal full length."""

    states: tuple[str, ...]
    rows: tuple[CoverageRow, ...]

    def __post_init__(self) -> None:
        """Refuse rows that do not count every state, and more states than can be told apart."""
        wrong = any(
            len(row.counts) != len(self.states) or min(row.counts, default=0) < 0 for row in self.rows
        )
        if not 1 <= len(self.states) <= _LARGEST_SHARE or wrong:
            raise ValueError(len(self.states))


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One benchmark reading; ``low`` and ``high`` bound its interval, all in the unit of the chart."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, kw_only=True)
class ThresholdReadings:
    """Readings on one common scale, each with its interval and its threshold."""

    unit: str
    scale_from: float
    scale_to: float
    readings: tuple[Reading, ...]

    def __post_init__(self) -> None:
        """Refuse a scale without length."""
        if not self.scale_to > self.scale_from:
            raise ValueError(self.scale_to)


ChartData = WindowTimeline | CoverageMap | ThresholdReadings
