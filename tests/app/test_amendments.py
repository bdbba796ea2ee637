"""An amended submission is shown against the one before."""

from collections.abc import Iterator
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.ready_office import office_at
from workstation.app import amendments, intake, quarantine
from workstation.app.amendments import Change
from workstation.core.jobs import JobControl
from workstation.core.packages import ListedFile


def test_added_removed_and_changed_files_are_named(tmp_path: Path) -> None:
    """After a deficient package, the corrected one is compared with it file by file."""
    story, case_id = office_at("case", tmp_path)
    folder = tmp_path / "submission"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(name)
    with story.acting("osei") as session:
        first = intake.receive(session, case_id, folder, JobControl())
        quarantine.return_as_deficient(session, first.package_id, reason="Something is missing.")
        (folder / "a.txt").unlink()
        (folder / "b.txt").write_text("other")
        (folder / "d.txt").write_text("new")
        second = intake.receive(session, case_id, folder, JobControl())
        assert [p.package_id for p in amendments.earlier_packages(session, case_id)] == [first.package_id]
        found = amendments.difference(session, first.package_id, second.package_id)
        kept = amendments.difference(session, first.package_id, second.package_id, of=[Change.UNCHANGED])
        named = amendments.difference(session, first.package_id, second.package_id, holding="D.T")
    assert {c.untrusted_path: c.change for c in found.changes} == {
        "a.txt": Change.REMOVED,
        "b.txt": Change.CHANGED,
        "d.txt": Change.ADDED,
    }
    assert found.counts[Change.UNCHANGED] == 1
    assert [c.untrusted_path for c in kept.changes] == ["c.txt"]
    assert [(c.untrusted_path, c.old_bytes, c.new_bytes) for c in named.changes] == [("d.txt", None, 3)]
    assert (named.matching, named.counts) == (1, found.counts)


_TREES = st.dictionaries(st.text("ab/", min_size=1, max_size=4), st.sampled_from("xyz"), max_size=12)


@given(old=_TREES, new=_TREES)
def test_the_walk_equals_the_plain_comparison(old: dict[str, str], new: dict[str, str]) -> None:
    """Stepping through two ordered lists finds exactly what comparing two dictionaries finds."""
    found = {c.untrusted_path: c.change for c in amendments._walk(_files(old), _files(new))}
    expected = {}
    for path in {*old, *new}:
        if path not in new:
            expected[path] = Change.REMOVED
        elif path not in old:
            expected[path] = Change.ADDED
        else:
            expected[path] = Change.UNCHANGED if old[path] == new[path] else Change.CHANGED
    assert found == expected


def _files(tree: dict[str, str]) -> Iterator[ListedFile]:
    """Rows in order of path, as the store gives them."""
    for path in sorted(tree):
        yield ListedFile(untrusted_path=path, size_bytes=1, sha384=tree[path])
