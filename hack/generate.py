"""Write everything that is generated (`make generate`), or say what is not current (`--check`)."""

import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import BaseModel

from bridge_api.crd import make_crd
from bridge_api.reference import errors_reference, pool_reference, reasons_reference, settings_reference
from bridge_browser.settings import BrowserSettings
from bridge_demo_site.settings import DemoSiteSettings
from bridge_operator.settings import OperatorSettings
from bridge_operator.status.reasons import ADVICE
from bridge_router.settings import RouterSettings

ROOT = Path(__file__).parent.parent
PARTS: dict[str, type[BaseModel]] = {
    "bridge_operator": OperatorSettings,
    "bridge_router": RouterSettings,
    "bridge_browser": BrowserSettings,
    "bridge_demo_site": DemoSiteSettings,
}


class _PlainDumper(yaml.SafeDumper):
    """Writes each list where it stands: anchors are hard to read and some tools refuse them."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def generated_files() -> Iterator[tuple[str, str]]:
    """Yield each generated file's path and content."""
    crd = yaml.dump(make_crd(), Dumper=_PlainDumper, sort_keys=False, width=120, allow_unicode=True)
    yield (
        "crds/bridgeinstancepools.yaml",
        "# Generated from crds/bridge_api by `make generate`; do not edit.\n" + crd,
    )
    yield "docs/reference/pool.md", pool_reference()
    yield "docs/reference/errors.md", errors_reference()
    yield "docs/reference/reasons.md", reasons_reference(ADVICE)
    yield "docs/reference/settings.md", settings_reference(PARTS)


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    stale = []
    for name, content in generated_files():
        path = ROOT / name
        if path.exists() and path.read_text() == content:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    for name in stale:
        print(f"{name} is not current: run make generate" if check else f"wrote {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
