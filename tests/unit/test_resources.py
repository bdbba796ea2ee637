"""Resources are read by plain relative names and by nothing else."""

import pytest

import resources


def test_bundled_fonts_are_listed_and_read() -> None:
    """The font folder lists its faces, each a TrueType file of 1,000 units per em."""
    faces = [name for name in resources.names("fonts") if name.endswith(".ttf")]
    assert len(faces) == 5
    for name in faces:
        content = resources.read_bytes(name)
        assert content[:4] == b"\x00\x01\x00\x00"
        assert len(content) < 250_000
    assert "SIL Open Font License" in resources.read_text("fonts/LICENSE-IBM-Plex.txt")


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "fonts/../__init__.py",
        "fonts//x",
        "fonts/",
        "fonts\\x",
        "C:/x",
        "./fonts",
        "a\x00b",
    ],
)
def test_names_that_climb_are_refused(name: str) -> None:
    """Absolute names, dots and anything else that could leave the folder are refused, not resolved."""
    with pytest.raises(ValueError, match="not a resource name"):
        resources.read_bytes(name)
    with pytest.raises(ValueError, match="not a resource name"):
        resources.names(name)


def test_a_missing_resource_is_an_error() -> None:
    """What is not there is said to be not there."""
    with pytest.raises(FileNotFoundError):
        resources.read_bytes("fonts/none.ttf")
