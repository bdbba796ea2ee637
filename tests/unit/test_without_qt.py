"""A computer on which Qt does not load: words instead of a traceback, and a defect stays a defect."""

import sys

import pytest

from workstation import bootstrap, cli, settings

# As Python reports a library of the system that Qt wants and does not find.
_NO_GLIB = ImportError("libglib-2.0.so.0: no such file", name="QtCore", path="/venv/PySide6/QtCore.abi3.so")


class _Missing:
    """A finder that fails as a machine without one of Qt's libraries does."""

    def __init__(self, failure: ImportError) -> None:
        self._failure = failure

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Fail for the window's own modules."""
        if name == "ui.application":
            raise self._failure


def _fail_with(failure: ImportError, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ui.application", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Missing(failure), *sys.meta_path])
    monkeypatch.setattr(settings, "load", lambda: None)


def test_a_computer_without_the_libraries_of_qt_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing library of Qt ends with a code, the library's name and a next step, not with a traceback."""
    _fail_with(_NO_GLIB, monkeypatch)
    assert cli.explained(lambda: bootstrap.open_desktop_on(None)) == cli.ENVIRONMENT  # type: ignore[arg-type]  # never reached
    shown = capsys.readouterr().err
    assert shown.startswith("SET-003")
    assert "libglib-2.0.so.0" in shown
    assert "Next: " in shown


def test_a_defect_in_an_import_of_ours_is_not_taken_for_a_missing_qt(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import of our own that fails is passed on as the defect it is."""
    _fail_with(ImportError("no such name", name="ui.widgets", path="/program/ui/widgets.py"), monkeypatch)
    with pytest.raises(ImportError, match="no such name"):
        bootstrap.open_desktop_on(None)  # type: ignore[arg-type]  # never reached
