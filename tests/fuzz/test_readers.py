"""Every reader under a few changed inputs, and under each input that once broke one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from tests.fuzz import edits, harness, run
from tests.fuzz.readers import PACKAGE
from tests.fuzz.table import table
from workstation.examine import dispatch
from workstation.examine.formats import Format
from workstation.examine.reader import BytesSource

_TARGETS = table()
_DEAR = {"export.folder", "export.document", "walk", "view", "documents.pdf"}  # each input costs tens of ms
_KEPT = sorted(harness.VECTORS.glob("*/*.bin"))


@pytest.mark.parametrize("name", _TARGETS)
def test_changed_inputs_are_read_or_refused(name: str) -> None:
    """Whatever is done to a small file of its kind, a reader answers, or refuses in the way it promises."""
    target = _TARGETS[name]

    @settings(max_examples=8 if name in _DEAR else 40, suppress_health_check=list(HealthCheck))
    @given(edits.changed(target.seeds(), target.words))
    def holds(content: bytes) -> None:
        target.run(content)

    holds()


# No byte speaks for these: a number beside a torch pickle, and suffixes of formats that nobody reads.
_KNOWN_BY_NAME = {"weights.storages", "weights.unread"}


def test_every_reader_is_searched_from_an_input_of_its_own() -> None:
    """Each module of the table of formats is a target whose search begins with a file that it recognises."""
    lines: dict[str, list[Format]] = {}
    for line in dispatch.formats():
        lines.setdefault(line.module.removeprefix(PACKAGE), []).append(line)
    assert set(lines) <= set(_TARGETS)
    without = set()
    for name, known in lines.items():
        suffix = known[0].suffixes[0] if known[0].suffixes else ""
        found = (dispatch.detect(BytesSource(seed, f"x{suffix}")) for seed in _TARGETS[name].seeds())
        if not any(line in known for line in found):
            without.add(name)
    assert without == _KNOWN_BY_NAME


@pytest.mark.parametrize("path", _KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_once_broke_a_reader_does_so_no_more(path: Path) -> None:
    """Each input that a search found is read or refused now, within the bounds of time and memory."""
    harness.attempt(_TARGETS[path.parent.name], path.read_bytes())


def test_each_kept_input_belongs_to_a_reader() -> None:
    """A vector that no reader gets would test nothing."""
    assert {path.parent.name for path in _KEPT} <= set(_TARGETS)


def _target(work: Callable[[bytes], None]) -> harness.Target:
    return harness.Target(name="a.reader", run=work, seeds=lambda: [b"seed"])


def _breaks(content: bytes) -> None:
    if content.startswith(b"!"):
        raise KeyError(content[:1])


def test_a_find_is_kept_with_the_line_that_runs_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One fault is kept once, by its smallest input, with its traceback and its command."""
    recorder = harness.Recorder(_target(_breaks), tmp_path)
    assert recorder.feed(b"seed")
    assert not recorder.feed(b"!longer")
    assert not recorder.feed(b"!")
    assert not recorder.feed(b"!longest")
    (kept,) = recorder.known()
    assert kept.read_bytes() == b"!"
    said = kept.with_suffix(".txt").read_text(encoding="utf-8")
    assert said.startswith(f"python3 dev.py fuzz --reader a.reader --replay {kept}")
    assert "KeyError" in said
    assert "KeyError" in capsys.readouterr().err


def test_a_replay_raises_what_was_found(tmp_path: Path) -> None:
    """A kept input that still breaks its reader ends the replay with that very fault."""
    (tmp_path / "a.bin").write_bytes(b"!")
    with pytest.raises(KeyError):
        harness.attempt(_target(_breaks), (tmp_path / "a.bin").read_bytes())


def test_growth_is_a_find() -> None:
    """A small input for which the process takes hundreds of megabytes is not let through."""
    target = _target(lambda content: bytearray(harness.peak_bytes() + 2 * harness.INPUT_MEMORY_BYTES).clear())
    with pytest.raises(harness.TooMuchMemory):
        harness.attempt(target, b"x")


def test_the_changes_reach_every_kind_of_fault() -> None:
    """The changes Hypothesis may choose can cut, lengthen and alter a seed."""
    seeds = [b"0123456789"]
    for wanted in (
        lambda content: 0 < len(content) < 10,
        lambda content: len(content) > 100,
        lambda content: len(content) == 10 and content != seeds[0],
        lambda content: b"WORD" in content,
    ):
        find(edits.changed(seeds, [b"WORD"]), wanted)


@given(st.data(), st.lists(st.binary(max_size=20), min_size=1, max_size=3))
def test_no_change_makes_an_input_too_long(data: st.DataObject, seeds: list[bytes]) -> None:
    """Inputs stay below the length the limits are set for."""
    assert len(data.draw(edits.changed(seeds))) <= harness.MAX_INPUT_BYTES


def test_an_unknown_reader_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt reader ends the command with the names there are."""
    with pytest.raises(SystemExit):
        run.main(["--reader", "weights.ggfu"])
    assert "weights.gguf" in capsys.readouterr().err


def test_the_lock_of_the_fuzzer_is_pinned_hashed_and_names_no_host() -> None:
    """The one package that is installed for fuzzing has a version, hashes and no address."""
    lock = (harness.ROOT / "requirements-fuzz.lock").read_text(encoding="utf-8")
    assert re.findall(r"^(\S+)==\S+", lock, re.MULTILINE) == ["atheris"]
    assert "--hash=sha256:" in lock
    assert "://" not in lock
