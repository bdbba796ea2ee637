"""Parse arguments, start, return an exit status."""

import sys


def main() -> int:
    """Entry point of the ``workstation`` command."""
    from workstation import cli  # noqa: PLC0415 - nothing else is imported before the start-up checks

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
