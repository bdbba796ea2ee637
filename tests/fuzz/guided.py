"""One coverage-guided run of one reader: ``guided.py SITE NAME CORPUS [libFuzzer options]``.

SITE is the folder that atheris was installed into. The child of ``run.py``: it keeps every fault of a reader
itself and goes on, so that only what kills the process (a crash below Python, a hang) ends it early.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN = ["workstation", "storage", "reports"]


def main(words: list[str]) -> None:
    """Instrument, feed the seeds once, and search."""
    site, name, *options = words
    sys.path[:0] = [str(ROOT)]
    sys.path.append(site)
    import atheris

    with atheris.instrument_imports(include=OWN, enable_loader_override=False):
        from tests.fuzz import harness
        from tests.fuzz.table import table

        target = table()[name]
        recorder = harness.Recorder(target)
        harness.limit_process()
        for seed in target.seeds():  # what a reader imports late is instrumented too
            recorder.feed(seed)
    atheris.Setup(["guided.py", *options], recorder.feed_quietly)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
