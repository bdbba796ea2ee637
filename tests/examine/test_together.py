"""Small files share a process where that costs nothing, and answer as if each had its own."""

import ast
import io
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workstation.core.examination import Coverage
from workstation.examine import batches, dispatch, together, wire
from workstation.examine.examiner import Examined, Examiner, examination
from workstation.examine.reader import BytesSource
from workstation.examine.serving import HandedOut, SmallFile

ODD = Path(__file__).with_name("odd_readers.py")


@pytest.fixture
def examiner() -> Iterator[Examiner]:
    """An examiner whose workers know the odd readers."""
    with Examiner(test_tasks=(ODD,)) as opened:
        yield opened


def _together(examiner: Examiner, *contents: tuple[str, bytes]) -> dict[str, Examined]:
    files = [SmallFile(path=path, content=content) for path, content in contents]
    found = batches.examine_together(examiner, files, None)
    return {file.path: examined for file, examined in zip(files, found, strict=True)}


def _zip(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def test_together_and_alone_give_the_same_answers() -> None:
    """Texts, programs, archives, pickles, pictures, unknown and empty files are judged alike either way."""
    contents = [
        ("a.txt", b"hello"),
        ("b/c.json", b'{"a": 1, "a": 2}'),
        ("b/d.json", b'{"a": 1}'),
        ("e.md", "# \u202etitle".encode()),
        ("f.zip", _zip("../x", b"y")),
        ("g.zip", _zip("x.txt", b"y")),
        ("h.pkl", b"\x80\x04c" + b"os\nsystem\n" + b"."),
        ("i.bin", b"\0\1\2\3" * 50),
        ("empty", b""),
        ("j.sh", b"#!/bin/sh\nrm -rf /\n"),
        ("k.pdf", b"%PDF-1.4 broken"),
        ("l.png", b"\x89PNG\r\n\x1a\n broken"),
        ("m.py", b"import os\n"),
        ("config.json", b'{"architectures": ["x"], "auto_map": {"AutoModel": "m.M"}}'),
        ("x" * 5_000 + ".txt", b"a path too long for a message"),
    ]
    with Examiner() as examiner:
        files = [SmallFile(path=path, content=content) for path, content in contents]
        found = batches.examine_together(examiner, files, None)
        for (path, content), examined in zip(contents, found, strict=True):
            source = BytesSource(content, path.rsplit("/", 1)[-1])
            alone = examination(examiner.run("examine", source, path=path))
            assert examination(examined) == alone, path


def test_several_files_share_a_process(examiner: Examiner) -> None:
    """Files in which nothing is found are read by one process."""
    found = _together(examiner, ("a.txt", b"one"), ("b.txt", b"two"), ("c.json", b"{}"))
    assert len({examined.main.facts["process"] for examined in found.values()}) == 1


def test_after_anything_suspicious_a_fresh_process_reads_on(examiner: Examiner) -> None:
    """The process that met a caution reads no further file."""
    found = _together(examiner, ("a.txt", b"one"), ("b.txt", b"BAD!"), ("c.txt", b"two"))
    processes = [examined.main.facts["process"] for examined in found.values()]
    assert processes[0] == processes[1] != processes[2]


def test_a_process_reads_so_many_files_and_no_more(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its share of files a process is replaced, whatever it found."""
    monkeypatch.setattr(batches, "MAX_FILES", 2)
    found = _together(examiner, *((f"{n}.txt", b"text") for n in range(5)))
    assert len({examined.main.facts["process"] for examined in found.values()}) == 3


def test_a_death_makes_its_own_file_inconclusive_and_no_other(examiner: Examiner) -> None:
    """Of five files of which two kill their reader, three are examined."""
    names = {"a.txt": b"one", "b.txt": b"DIE!", "c.txt": b"two", "d.txt": b"DIE!", "e.txt": b"three"}
    found = _together(examiner, *names.items())
    coverage = {path: examined.main.coverage for path, examined in found.items()}
    broken = {path for path, word in coverage.items() if word is Coverage.INCONCLUSIVE}
    assert broken == {"b.txt", "d.txt"}
    assert [finding.code for finding in found["b.txt"].findings] == ["EXAMINE_CRASHED"]
    assert coverage["e.txt"] is Coverage.NOTHING_FOUND


@pytest.mark.parametrize("lie", [b"LIE!", b"FAR!"])
def test_nobody_speaks_for_another_file(examiner: Examiner, lie: bytes) -> None:
    """A reader that answers for another file, or says something of it, changes nothing about that file."""
    found = _together(examiner, ("kind-file.txt", b"one"), ("liar.txt", lie), ("last.txt", b"two"))
    assert found["kind-file.txt"].main.coverage is Coverage.NOTHING_FOUND
    assert found["kind-file.txt"].findings == []
    assert found["last.txt"].main.coverage is Coverage.NOTHING_FOUND
    assert found["liar.txt"].main.coverage is Coverage.INCONCLUSIVE


def test_the_next_file_is_not_handed_over_before_an_answer() -> None:
    """A worker cannot skip a file, answer twice, or ask on after the end."""
    handed = HandedOut([SmallFile(path="a", content=b"1"), SmallFile(path="b", content=b"2")], None)
    with pytest.raises(wire.Nonsense):
        handed.take("a")
    handed.answer(wire.Next())
    with pytest.raises(wire.Nonsense):
        handed.answer(wire.Next())
    with pytest.raises(wire.Nonsense):
        handed.take("b")
    handed.take("a")
    with pytest.raises(wire.Nonsense):
        handed.take("a")
    handed.stop()
    assert handed.answer(wire.Next()) == wire.frame_bytes(b"")
    with pytest.raises(wire.Nonsense):
        handed.answer(wire.Next())


def _imports(module: str, seen: set[str]) -> set[str]:
    """Everything a module of ours imports, and what those import in turn."""
    path = Path(dispatch.__file__).parents[2] / (module.replace(".", "/") + ".py")
    found: set[str] = set()
    if module in seen or not path.is_file():
        return found
    seen.add(module)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            found |= {name.split(".")[0]} | _imports(name, seen)
    return found


@pytest.mark.parametrize("kind", sorted(together.KINDS))
def test_a_shared_process_runs_no_library_of_others(kind: str) -> None:
    """Readers of small files that share a process import the standard library and our own code alone."""
    (line,) = {line.module for line in dispatch.formats() if line.kind == kind}
    assert _imports(line, set()) <= set(sys.stdlib_module_names) | {"workstation"}
    assert not next(each for each in dispatch.formats() if each.kind == kind).container
