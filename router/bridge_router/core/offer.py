"""What a pool offers: the models its instances have shown, remembered while the instances are away."""

from collections.abc import Iterable, Sequence

from bridge_api.model_names import offered, without_pool
from bridge_api.spec.pool import ModelsSpec
from bridge_api.wire.instance import SiteModel


class Offer:
    """The names of one pool's models; unlisted until an instance has shown the site's list."""

    def __init__(self, pool_key: str, models: ModelsSpec) -> None:
        self.pool_key = pool_key
        self._spec = models
        self._site_models: tuple[SiteModel, ...] = ()
        self.names: tuple[str, ...] = ()
        """Names that a client may ask for."""

        self._organizations: dict[str, str] = {}

    @property
    def listed(self) -> bool:
        """Whether the site's list was ever seen."""
        return bool(self._site_models)

    @property
    def default(self) -> str | None:
        return self._spec.default

    def choose_from(self, models: ModelsSpec) -> None:
        """Take over a new choice of the spec."""
        if models != self._spec:
            self._spec = models
            self._derive()

    def remember(self, lists: Iterable[Sequence[SiteModel]]) -> None:
        """Take over what the instances show now; where none shows a list, the last one stays."""
        union = {model.id: model for models in lists for model in models}
        shown = tuple(union.values())
        if shown and shown != self._site_models:
            self._site_models = shown
            self._derive()

    def has(self, requested: str | None) -> bool:
        """Whether a requested name, with or without the pool before it, is offered."""
        name = requested if requested is not None else self._spec.default
        return name is not None and without_pool(name, self.pool_key) in self._organizations

    def label(self, requested: str | None) -> str:
        """The offered name for metrics, or `other`: a label takes no free value from a request."""
        name = without_pool(requested or self._spec.default or "", self.pool_key)
        return name if name in self._organizations else "other"

    def organization(self, name: str) -> str:
        """Who made an offered model, as the site says."""
        return self._organizations.get(name, "")

    def _derive(self) -> None:
        self.names = tuple(offered(self._spec, [model.id for model in self._site_models]))
        makers = {model.id: model.organization for model in self._site_models}
        self._organizations = {
            name: makers.get(name, makers.get(self._spec.aliases.get(name, ""), "")) for name in self.names
        }
