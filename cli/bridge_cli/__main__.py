"""The console script `bridge`."""

from bridge_cli.app import cli


def main() -> None:
    cli(prog_name="bridge")


if __name__ == "__main__":
    main()
