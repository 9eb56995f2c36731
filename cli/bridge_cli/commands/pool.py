"""`bridge pool validate`: every mistake of pool files, with its line."""

import sys

import click

from bridge_api.manifest import Mistake
from bridge_api.pool_files import Finding, PoolFiles, check_pool_files


@click.group()
def pool() -> None:
    """Work with pool files."""


@pool.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def validate(files: tuple[str, ...]) -> None:
    """Check pool files (- is standard input) and print every mistake with its line."""
    checked = read_files(files)
    for mistake in sorted(checked.mistakes, key=lambda one: (files.index(one.file), one.mistake)):
        click.echo(mistake)
    for finding in checked.unsupported:
        click.echo(as_warning(finding))
    for finding in checked.unused:
        click.echo(as_warning(finding))
    for finding in checked.cluster_only:
        click.echo(marked(finding, "note"))
    for sound in checked.pools:
        click.echo(f"ok: pool {sound.key}")
    sys.exit(1 if checked.mistakes else 0)


def read_files(names: tuple[str, ...]) -> PoolFiles:
    """Read and judge files; one that cannot be read is a mistake."""
    texts, unreadable = {}, []
    for name in names:
        try:
            with click.open_file(name, encoding="utf-8") as file:
                texts[name] = file.read()
        except OSError as refused:
            unreadable.append(Finding(name, Mistake(1, "", f"cannot be read: {refused.strerror}")))
        except UnicodeDecodeError:
            unreadable.append(Finding(name, Mistake(1, "", "is not text in UTF-8")))
    checked = check_pool_files(texts)
    checked.mistakes += unreadable
    return checked


def as_warning(finding: Finding) -> str:
    return marked(finding, "warning")


def marked(finding: Finding, word: str) -> str:
    mistake = finding.mistake
    return str(Finding(finding.file, Mistake(mistake.line, mistake.path, f"{word}: {mistake.message}")))
