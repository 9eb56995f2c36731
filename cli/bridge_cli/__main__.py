"""The console script `bridge`."""

import sys

INTERRUPTED = 130
"""What shells report for a program that Ctrl-C has ended."""


def main() -> None:
    """Run the command line; an interrupt ends it without a traceback, even while it is still being loaded."""
    try:
        from bridge_cli.app import cli  # noqa: PLC0415 - loading takes a moment in which Ctrl-C may come

        cli(prog_name="bridge")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
