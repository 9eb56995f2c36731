"""Names of instances: the pool's, and five characters that no one else has."""

import random

SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' choice for pod names: without vowels no words come about, and without 0, 1 and 3 no mix-ups."""


def instance_name(pool_name: str, taken: set[str], rng: random.Random) -> str:
    """Make a name that is not taken."""
    while True:
        name = f"{pool_name}-{''.join(rng.choices(SUFFIX_LETTERS, k=5))}"
        if name not in taken:
            return name
