"""The log of this workstation: where something unexpected happened, never what a case contains.

A record is its time, place and fixed text. Of an exception only the type and the frames are written: its
message may quote a file name, an answer or a marking.
"""

import logging
import logging.handlers
import secrets
import traceback
from io import TextIOWrapper
from pathlib import Path

import platformdirs

from workstation.settings import APP_NAME

_MAX_FILE_BYTES = 1 << 20
_KEPT_FILES = 3


class Redacting(logging.Formatter):
    """Frames without values, arguments without their text."""

    def formatException(self, ei: tuple[object, ...]) -> str:  # noqa: N802 - the base class's name
        """Type and frames of an exception and of what caused it."""
        error = ei[1]
        lines: list[str] = []
        while isinstance(error, BaseException):
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


class _Unobtrusive(logging.handlers.RotatingFileHandler):
    """Makes its folder with the first record: a run in which nothing went wrong leaves no trace."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """A workstation without a log still works; standard error is not for records."""


def set_up(folder: Path | None = None) -> None:
    """Write warnings and defects to a small rotating file of this user, readable by nobody else."""
    folder = folder or Path(platformdirs.user_log_path(APP_NAME))
    handler = _Unobtrusive(
        folder / "workstation.log",
        maxBytes=_MAX_FILE_BYTES,
        backupCount=_KEPT_FILES,
        encoding="utf-8",
        delay=True,
    )
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def incident(error: BaseException) -> str:
    """Log a defect and return the short number under which it is found again."""
    number = secrets.token_hex(3).upper()
    logging.getLogger("workstation").error("incident %s", number, exc_info=error)
    return number
