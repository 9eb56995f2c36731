"""How our models behave: camelCase outside, snake_case inside, frozen, and documented by attribute docstrings."""

from typing import ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class CelRule(NamedTuple):
    """A rule that Kubernetes checks too (a CEL expression over `self`), with the message a person gets."""

    rule: str
    message: str


class SpecModel(BaseModel):
    """A part of the spec or the status: what a person may write, so unknown fields are mistakes."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )
    cel_rules: ClassVar[tuple[CelRule, ...]] = ()


class WireModel(BaseModel):
    """A message between parts: unknown fields are ignored, so parts of two versions understand each other."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )


class NotYet(NamedTuple):
    """Marks a spec field that is accepted and kept, but that no part of this version acts on."""

    what: str
    """What will act on it, for the message a person gets."""


class ClusterOnly:
    """Marks a spec field that means something in a cluster only: local mode keeps it and does without."""
