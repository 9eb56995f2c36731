"""Settings of a part: flag over environment (`BRIDGE_…`) over file (`--settings-file`) over default.

A part declares a subclass with its fields; names, help texts and reference docs come from it.
"""

import sys
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    CliApp,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)


class PartSettings(BaseSettings):
    """Settings that every part has."""

    model_config = SettingsConfigDict(
        env_prefix="BRIDGE_",
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        cli_avoid_json=True,
        use_attribute_docstrings=True,
        extra="forbid",
        frozen=True,
    )

    settings_file: Path | None = None
    """YAML file with settings of these names."""

    host: str = "127.0.0.1"
    """Address to listen on; loopback unless told otherwise, because nothing should be reachable by accident."""

    metrics_port: int = Field(default=9090, ge=0, le=65535)
    """Port of the probes and of `/metrics`, on the same address; 0 takes a free one."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written. Message texts and secrets appear at no level."""

    log_format: Literal["json", "console"] = "json"
    """`json` for machines, `console` for people."""

    lifeline: bool = False
    """End when standard input ends: whoever started this process has died."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the file after flags and environment, since they name it."""
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, _SettingsFile(settings_cls))


class _SettingsFile(YamlConfigSettingsSource):
    """The file that a source before it has named."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls, yaml_file=None)

    def __call__(self) -> dict[str, object]:
        named = self.current_state.get("settings_file")
        return self._read_files(Path(str(named))) if named else {}


Settings = TypeVar("Settings", bound=PartSettings)


def read_settings(kind: type[Settings], program: str, arguments: list[str] | None = None) -> Settings:
    """Read a part's settings; `--help` and mistakes end the process with exit code 0 and 2."""

    class Program(kind):  # type: ignore[valid-type, misc]
        model_config = SettingsConfigDict(cli_prog_name=program)

    Program.__doc__ = kind.__doc__
    try:
        return CliApp.run(Program, cli_args=arguments)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False, include_input=False):
            flag = "--" + ".".join(map(str, error["loc"])).replace("_", "-")
            print(f"{program}: {flag}: {error['msg']}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
    except SettingsError as unreadable:
        advice = 'in the environment a list is written as JSON: ["a", "b"]'
        print(f"{program}: {unreadable}; {advice}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
