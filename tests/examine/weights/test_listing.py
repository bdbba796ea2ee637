"""The tensors of every format are listed by name, element type and shape, without loading anything."""

import io
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from typing import Any

import pytest

from tests.examine.weights.test_other_formats import flat, npy
from tests.helpers.archives import plain_zip
from workstation.core.jobs import JobControl
from workstation.core.viewing import Form, forms_of
from workstation.examine import dispatch
from workstation.examine.reader import BytesSource
from workstation.examine.viewer import Viewer
from workstation.examine.weights import listing

JOB = JobControl()


def rows(content: bytes, kind: str) -> list[tuple[str, str, tuple[int, ...]]]:
    """Name, type and shape of each tensor."""
    found = listing.tensor_rows(BytesSource(content, "x"), kind)
    return [(row.name, row.dtype, row.shape) for row in found if row is not None]


class _Tensor:
    def __init__(self, key: str, *shape: int, parameter: bool = False) -> None:
        self.key, self.shape, self.parameter = key, shape, parameter


class _Storage:
    def __init__(self, key: str) -> None:
        self.key = key


@pytest.fixture
def torch_state(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pickles a state as torch does, without torch: the names alone are what the bytes say."""
    utils, torch = types.ModuleType("torch._utils"), types.ModuleType("torch")

    def _rebuild_tensor_v2(*_arguments: object) -> None:
        """Never called."""

    def _rebuild_parameter(*_arguments: object) -> None:
        """Never called."""

    class HalfStorage:
        """A type named by the pickle."""

    for made, module in ((_rebuild_tensor_v2, utils), (_rebuild_parameter, utils), (HalfStorage, torch)):
        made.__module__, made.__qualname__ = module.__name__, made.__name__
        setattr(module, made.__name__, made)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: object) -> object:
            return ("storage", HalfStorage, value.key, "cpu", 64) if isinstance(value, _Storage) else None

        def reducer_override(self, value: object) -> Any:
            if not isinstance(value, _Tensor):
                return NotImplemented
            if value.parameter:
                return _rebuild_parameter, (_Tensor(value.key, *value.shape), True, OrderedDict())
            strides = tuple(1 for _length in value.shape)
            return _rebuild_tensor_v2, (_Storage(value.key), 0, value.shape, strides, False, OrderedDict())

    def state(value: object) -> bytes:
        target = io.BytesIO()
        Pickler(target, protocol=2).dump(value)
        return target.getvalue()

    return state


def test_a_state_dictionary_names_its_tensors(torch_state: Any) -> None:
    """Name, element type and shape of what a PyTorch pickle would rebuild, parameters and inner ones too."""
    many = OrderedDict((f"layer.{n}.weight", _Tensor(str(n), 4, n)) for n in range(40))
    inner = {"epoch": 3, "model": {"bias": _Tensor("b", 7, parameter=True)}, "opt": [1, 2]}
    found = rows(torch_state({**many, **inner}), "pickle")
    assert {("layer.0.weight", "Half", (4, 0)), ("layer.39.weight", "Half", (4, 39))} <= set(found)
    assert len(found) == 41
    assert ("bias", "Half", (7,)) in found


def test_a_tensor_alone_has_no_name(torch_state: Any) -> None:
    """A pickle that is one tensor lists that tensor."""
    assert rows(torch_state(_Tensor("0", 2, 3)), "pickle") == [("", "Half", (2, 3))]


def test_a_pytorch_zip_lists_what_its_state_names(torch_state: Any) -> None:
    """The state inside the zip, seen from the zip, from behind the walls."""
    content = plain_zip({"m/data.pkl": torch_state({"w": _Tensor("0", 8, 8)}), "m/data/0": bytes(128)})
    line = dispatch.detect(BytesSource(content, "m.pt"))
    assert line is not None
    assert forms_of(line.kind, "m.pt")[0] is Form.TENSORS
    viewer = Viewer(BytesSource(content, "m.pt"), kind=line.kind)
    try:
        (row,) = viewer.tensors(0, "", JOB).rows
    finally:
        viewer.close()
    assert (row.untrusted_name, row.dtype, row.shape, row.size_bytes) == ("w", "Half", "8 x 8", 128)


def test_arrays_are_listed_alone_and_in_npz() -> None:
    """One row for .npy; one for each member of .npz, by its name."""
    assert rows(npy("'<f4'", "(2, 3)", bytes(24)), "npy") == [("(array)", "<f4", (2, 3))]
    packed = {"first.npy": npy("'<i8'", "(2, 2)", bytes(32)), "second.npy": npy("'<f2'", "(5,)", bytes(10))}
    assert rows(plain_zip(packed), "zip") == [("first", "<i8", (2, 2)), ("second", "<f2", (5,))]


def test_an_array_in_a_pickle_is_listed() -> None:
    """NumPy arrays of a pickled dictionary."""
    content = (
        b"\x80\x02}X\x04\x00\x00\x00meancnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n"
        b"K\x00\x85U\x01b\x87R(K\x01K\x03K\x04\x86cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x041234tbs."
    )
    assert rows(content, "pickle") == [("mean", "f4", (3, 4))]


def test_tflite_tensors_are_listed() -> None:
    """What the examiner of the format saw is what is listed."""
    assert isinstance(rows(flat(), "tflite"), list)


def test_a_pickle_that_breaks_off_says_that_there_may_be_more(torch_state: Any) -> None:
    """Rows before the break are listed, and the list does not claim to be whole."""
    content = torch_state({f"w{n}": _Tensor(str(n), 2) for n in range(2_000)})
    found = list(listing.tensor_rows(BytesSource(content[: len(content) // 2], "x"), "pickle"))
    assert found[-1] is None
    assert len(found) > 100


def test_a_hostile_pickle_runs_nothing(tmp_path: Any) -> None:
    """A pickle that would call a program is listed as any other: it has no tensors."""
    content = b"cos\nsystem\n(S'touch %s'\ntR." % str(tmp_path / "ran").encode()
    assert rows(content, "pickle") == []
    assert not (tmp_path / "ran").exists()


def test_a_damaged_member_hides_no_other() -> None:
    """What cannot be read of a zip is said; the others are listed."""
    content = plain_zip({"a.npy": npy("'<f4'", "(9,)", bytes(4)), "b.npy": npy("'<f4'", "(1,)", bytes(4))})
    found = list(listing.tensor_rows(BytesSource(content, "x"), "zip"))
    assert [row and row.name for row in found] == ["b", None]


def test_more_rows_than_are_kept_are_said_to_be_cut() -> None:
    """A zip of too many members ends with the word that there is more."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for number in range(2_005):
            packed.writestr(f"{number}.npy", npy("'<f4'", "(1,)", bytes(4)))
    found = list(listing.tensor_rows(BytesSource(target.getvalue(), "x"), "zip"))
    assert found[-1] is None
    assert len(found) == 2_001
