"""Names that lie, clash, escape or cannot be stored elsewhere are named; ordinary names are not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.core.examination import Severity
from workstation.examine import names
from workstation.examine.names import NameRegister, escapes, flaws, folded, unique
from workstation.examine.reader import Notes

ORDINARY = [
    "model.safetensors",
    "./data/file.txt",
    "folder/",
    "./",
    "ünïcödé/日本語.txt",
    "a b/c-d_e+f(1).json",
    "console/auxiliary.txt",
    ".hidden/..data",
    "emoji 🎉.md",
]
FLAWED = {
    "../x": ("ARCH:path-traversal", Severity.DANGER),
    "a/../../x": ("ARCH:path-traversal", Severity.DANGER),
    "a\\..\\..\\x": ("ARCH:path-traversal", Severity.DANGER),
    "a/../x": ("ARCH:non-canonical-path", Severity.CAUTION),
    "/etc/x": ("ARCH:absolute-path", Severity.DANGER),
    "\\x": ("ARCH:absolute-path", Severity.DANGER),
    "\\\\host\\share": ("ARCH:unc-path", Severity.DANGER),
    "//host/share": ("ARCH:unc-path", Severity.DANGER),
    "C:/x": ("ARCH:drive-path", Severity.DANGER),
    "c:\\x": ("ARCH:drive-path", Severity.DANGER),
    "a\0.txt": ("ARCH:nul-in-name", Severity.DANGER),
    "a\\b": ("ARCH:backslash-in-name", Severity.CAUTION),
    "a//b": ("ARCH:non-canonical-path", Severity.CAUTION),
    "a/./b": ("ARCH:non-canonical-path", Severity.CAUTION),
    "././a": ("ARCH:non-canonical-path", Severity.CAUTION),
    "a\nb": ("ARCH:control-character-in-name", Severity.CAUTION),
    "a\u2028b": ("ARCH:control-character-in-name", Severity.CAUTION),
    "a\x85b": ("ARCH:control-character-in-name", Severity.CAUTION),
    "\u0430dmin.txt": ("ARCH:lookalike-in-name", Severity.CAUTION),
    "m\u03bfdel.bin": ("ARCH:lookalike-in-name", Severity.CAUTION),
    "a\uff0f..\uff0fb": ("ARCH:lookalike-in-name", Severity.CAUTION),
    "\u202etxt.exe": ("ARCH:bidi-control-in-name", Severity.CAUTION),
    "a\u2066b": ("ARCH:bidi-control-in-name", Severity.CAUTION),
    "a\u200bb": ("ARCH:invisible-character-lookalike", Severity.CAUTION),
    "a\u00adb": ("ARCH:invisible-character-lookalike", Severity.CAUTION),
    "a\ufeffb": ("ARCH:invisible-character-lookalike", Severity.CAUTION),
    "a\u3164b": ("ARCH:invisible-character-lookalike", Severity.CAUTION),
    "a\u00a0b": ("ARCH:unusual-space-in-name", Severity.CAUTION),
    "CON": ("ARCH:windows-reserved-name", Severity.CAUTION),
    "x/nul.txt": ("ARCH:windows-reserved-name", Severity.CAUTION),
    "com¹.log": ("ARCH:windows-reserved-name", Severity.CAUTION),
    "a.": ("ARCH:trailing-dot-or-space", Severity.CAUTION),
    "a /b": ("ARCH:trailing-dot-or-space", Severity.CAUTION),
    "w.bin:hidden": ("ARCH:alternate-data-stream", Severity.CAUTION),
    "a?b": ("ARCH:windows-forbidden-character", Severity.NOTE),
    "n" * 256: ("ARCH:name-too-long", Severity.CAUTION),
    "ü" * 128: ("ARCH:name-too-long", Severity.CAUTION),
    "d/" * 40 + "x": ("ARCH:path-too-deep", Severity.CAUTION),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_names_are_let_be(name: str) -> None:
    """Nothing is said about names that are what they seem."""
    assert list(flaws(name)) == []


@pytest.mark.parametrize("name", FLAWED)
def test_each_flaw_has_its_code(name: str) -> None:
    """The code and weight of each kind of doubtful name."""
    code, severity = FLAWED[name]
    assert {flaw.code: flaw.severity for flaw in flaws(name)}[code] is severity


@given(st.text(max_size=60))
def test_whatever_escapes_is_a_danger(name: str) -> None:
    """No name that can lead outside goes by with less than a danger, save a drive-relative one."""
    if escapes(name):
        found = {flaw.code: flaw.severity for flaw in flaws(name)}
        assert Severity.DANGER in found.values() or "ARCH:drive-path" in found


@given(st.text(alphabet="aZ09_-./:~ con\u0130", max_size=40) | st.text(max_size=30))
def test_the_short_way_says_what_the_long_way_says(name: str) -> None:
    """Names that are let through at a glance are those in which a full look finds nothing."""
    glance = list(flaws(name)), folded(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "_ORDINARY", re.compile("(?!)"))
        assert glance == (list(flaws(name)), folded(name))


def _register(*paths: str, links: dict[str, str] | None = None) -> set[str]:
    notes = Notes()
    register = NameRegister(notes)
    for name in paths:
        register.add(name, folder=name.endswith("/"))
    for name, target in (links or {}).items():
        register.add(name)
        register.link(name, target)
    register.finish()
    return {finding.code for finding in notes.findings}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("a", "a"), "ARCH:duplicate-name"),
        (("a", "./a"), "ARCH:duplicate-name"),
        (("a.txt", "A.TXT"), "ARCH:case-collision"),
        (("straße", "STRASSE"), "ARCH:case-collision"),
        (("é", "e\u0301"), "ARCH:normalisation-collision"),
        (("a", "a."), "ARCH:lookalike-collision"),
        (("a", "a/"), "ARCH:file-and-folder"),
        (("a", "a/b"), "ARCH:file-and-folder"),
        (("manifest-sha256.txt", "Manifest-SHA256.txt"), "ARCH:shadowed-manifest"),
        (("model.sig", "MODEL.sig"), "ARCH:shadowed-manifest"),
    ],
)
def test_pairs_that_become_one_are_named(names: tuple[str, ...], code: str) -> None:
    """Two names that some file system, or some reader, takes for one."""
    assert code in _register(*names)


def test_a_folder_may_be_named_again_and_again() -> None:
    """Tar writers repeat folders; that is no collision."""
    assert _register("a/", "a/", "a/b", "a/") == set()


@pytest.mark.parametrize(
    ("links", "code"),
    [
        ({"l": "x"}, "ARCH:symlink-inside"),
        ({"l": "/x"}, "ARCH:symlink-escape"),
        ({"l": "C:\\x"}, "ARCH:symlink-escape"),
        ({"l": ".."}, "ARCH:symlink-escape"),
        ({"a/l": "../x"}, "ARCH:symlink-inside"),
        ({"a/l": "../../x"}, "ARCH:symlink-escape"),
        ({"a": "b", "b": "/x"}, "ARCH:symlink-escape"),
        ({"a": "b", "b": "a"}, "ARCH:symlink-loop"),
        ({"a": "a"}, "ARCH:symlink-loop"),
        ({"cur": ".", "par": "cur/.."}, "ARCH:symlink-escape"),
        ({"a": "b/" * 30 + "..", "b": "."}, "ARCH:symlink-escape"),
    ],
)
def test_links_are_followed_on_paper(links: dict[str, str], code: str) -> None:
    """Where a link ends is found out without making it, through other links too."""
    assert code in _register(links=links)


def test_a_clash_of_many_names_is_found_in_little_time() -> None:
    """Ten thousand names with deep paths are compared without comparing each with each."""
    names = [f"{'d/' * 20}{number}" for number in range(10_000)]
    assert _register(*names, names[0].upper()) == {"ARCH:case-collision"}


@given(st.lists(st.sampled_from(["a", "a#2", "a#3", "a#2#2", "b"]), max_size=40))
def test_every_member_gets_a_name_of_its_own(paths: list[str]) -> None:
    """However names repeat and look like numbered ones, no two members share one."""
    taken: dict[str, int] = {}
    given_names = [unique(path, taken) for path in paths]
    assert len(set(given_names)) == len(paths)
    if paths:
        assert given_names[0] == paths[0]


def test_names_that_chase_each_other_do_not_exhaust_the_program() -> None:
    """A thousand names, each looking like the number of the one before, cost no recursion."""
    taken: dict[str, int] = {}
    for depth in range(2_000):
        unique("a" + "#2" * depth, taken)
    assert unique("a", taken) not in {"a", "a#2"}
