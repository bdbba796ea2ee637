"""Days of cases as iCalendar: least content, folded and escaped as RFC 5545 wants it."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_cases import in_evaluation, new_case
from workstation.core.calendars import CaseDay, Milestone, calendar, days_of
from workstation.core.cases import CaseType
from workstation.core.summaries import summarise

AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
DAYS = st.lists(
    st.builds(
        CaseDay,
        case_id=st.text("ABC-0123\\;,é\n", min_size=1, max_size=120),
        milestone=st.sampled_from(Milestone),
        on=st.dates(date(2020, 1, 1), date(2090, 1, 1)),
        version=st.integers(0, 9),
    ),
    max_size=6,
)


def unfolded(content: bytes) -> list[str]:
    """Content lines as section 3.1 puts them together again."""
    return content.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def plain(value: str) -> str:
    """A TEXT value without its escapes."""
    out, chars = "", iter(value)
    for char in chars:
        out += {"n": "\n"}.get(after := next(chars), after) if char == "\\" else char
    return out


@given(DAYS, st.sampled_from(["UNCLASSIFIED", "CUI//SP-CTI", "TOP SECRET//SI//REL TO USA, GBR"]))
def test_lines_are_short_and_read_back(days: list[CaseDay], marking: str) -> None:
    """No line is over 75 bytes, every event has one day, and the words come back as they were."""
    content = calendar(days, marking=marking, at=AT)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    lines = unfolded(content)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(days)
    summaries = [plain(line.removeprefix("SUMMARY:")) for line in lines if line.startswith("SUMMARY:")]
    for day in days:
        assert any(text.startswith(f"{marking}: {day.case_id}: ") for text in summaries)
    names = [plain(line.partition(":")[2]) for line in lines if line.startswith(("NAME:", "X-WR-CALNAME:"))]
    assert names == [f"{marking} - Review windows"] * 2
    classes = {line for line in lines if line.startswith("CLASS:")}
    assert classes <= {"CLASS:PUBLIC" if marking == "UNCLASSIFIED" else "CLASS:CONFIDENTIAL"}


def test_a_case_in_review_has_its_window_and_release() -> None:
    """Opening, seven days left, release: counted back from the release, and no name of anybody."""
    case = in_evaluation()
    case.developer, case.model, case.checkpoint = "Northwind", "Aster", "step"
    days = list(days_of(summarise(case)))
    assert [(one.milestone, one.on) for one in days] == [
        (Milestone.OPENS, date(2027, 3, 1)),
        (Milestone.AT_RISK, date(2027, 3, 24)),
        (Milestone.RELEASE, date(2027, 3, 31)),
    ]
    content = calendar(days, marking=case.marking, at=AT)
    for name in (b"Northwind", b"Aster", b"step"):
        assert name not in content


def test_a_case_before_review_tells_when_it_may_begin() -> None:
    """Before the window opens there is the earliest day, 30 days before the release."""
    days = [(one.milestone, one.on) for one in days_of(summarise(new_case()))]
    assert days == [(Milestone.EARLIEST, date(2027, 3, 1)), (Milestone.RELEASE, date(2027, 3, 31))]
    assert list(days_of(summarise(new_case(CaseType.DESIGNATION_INQUIRY)))) == []


def test_a_revised_date_moves_the_event_instead_of_doubling_it() -> None:
    """The identifier stays and the sequence rises when the developer revises the date."""
    case = in_evaluation()
    before = unfolded(calendar(days_of(summarise(case)), marking="UNCLASSIFIED", at=AT))
    case.state_release_date(date(2027, 4, 2), today=date(2027, 3, 5), reason="later")
    after = unfolded(calendar(days_of(summarise(case)), marking="UNCLASSIFIED", at=AT))
    assert [one for one in before if one.startswith("UID:")] == [
        one for one in after if one.startswith("UID:")
    ]
    assert {one for one in before if one.startswith("SEQUENCE:")} == {"SEQUENCE:0"}
    assert {one for one in after if one.startswith("SEQUENCE:")} == {"SEQUENCE:1"}
