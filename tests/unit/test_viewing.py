"""Places in a file, and how each kind of file can be looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.core.viewing import Form, Place, forms_of


@given(page=st.integers(min_value=0, max_value=10**8))
def test_a_page_goes_through_its_anchor(page: int) -> None:
    """A page counted from 0 is written counted from 1 and read back as the same page."""
    place = Place.parse(Place(form=Form.PICTURE, page=page).anchor)
    assert place is not None
    assert place.page == page


@given(
    name=st.text(min_size=1).filter(lambda text: text == text.strip()),
    form=st.sampled_from([Form.TENSORS, Form.SAMPLES]),
)
def test_any_name_goes_through_its_anchor(name: str, form: Form) -> None:
    """An untrusted name with equals signs, line feeds or anything else comes back as it was."""
    place = Place(form=form, name=name)
    assert Place.parse(place.anchor) == place


@given(first=st.integers(0, 1 << 60), more=st.integers(0, 1 << 20))
def test_a_range_goes_through_its_anchor(first: int, more: int) -> None:
    """Both ends of a byte range belong to it."""
    place = Place(form=Form.BYTES, span=(first, first + more))
    assert Place.parse(place.anchor) == place


_NAMES = st.text(st.sampled_from("ab!/%;2531 =B"), min_size=1, max_size=9).filter(lambda n: n == n.lstrip())


@given(inside=st.lists(_NAMES, min_size=1, max_size=4), page=st.integers(min_value=0, max_value=10**6))
def test_a_way_through_containers_goes_through_its_anchor(inside: list[str], page: int) -> None:
    """Names of members that look like the marks between them, or like a place, come back as they were."""
    for place in (
        Place(form=Form.TEXT, page=page, inside=tuple(inside)),
        Place(form=Form.TENSORS, name="a; page=3", inside=tuple(inside)),
        Place(form=Form.MEMBERS, inside=tuple(inside)),
    ):
        assert Place.parse(place.anchor) == place


def test_a_way_through_containers_is_readable() -> None:
    """An ordinary name stands in the evidence as it is."""
    place = Place(form=Form.TEXT, page=2, inside=("docs/b.zip", "c d.pdf"))
    assert place.anchor == "member=docs/b.zip!/c d.pdf; page=3"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "member=",
        "member=a; ",
        "member=a;b",
        "member=a!/b!/c!/d!/e",
        "member=a!/!/b",
        "page",
        "page=",
        "page=0",
        "page=-1",
        "page=x",
        "page=\u0663",
        "bytes=9-1",
        "bytes=1",
        "see chapter 3",
    ],
)
def test_free_words_are_no_place(words: str) -> None:
    """What a person wrote freely, or wrongly, leads nowhere and raises nothing."""
    assert Place.parse(words) is None


@given(st.text())
def test_parsing_never_fails(words: str) -> None:
    """Any text is a place or none."""
    Place.parse(words)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("pdf", Form.PICTURE),
        ("png", Form.PICTURE),
        ("docx", Form.TEXT),
        ("markdown", Form.TEXT),
        ("cyclonedx", Form.TEXT),
        ("inspect-eval", Form.SAMPLES),
        ("safetensors", Form.TENSORS),
        ("tar.gzip", Form.MEMBERS),
        ("7z", Form.BYTES),
        *((kind, Form.TENSORS) for kind in ("npy", "pickle", "hdf5", "keras", "tflite")),
        ("unknown", Form.BYTES),
    ],
)
def test_each_kind_has_its_most_telling_form_first(kind: str, first: Form) -> None:
    """What a person sees first fits the kind, and its bytes can always be seen."""
    assert forms_of(kind)[0] is first
    assert forms_of(kind)[-1] is Form.BYTES
