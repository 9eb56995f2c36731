"""Quantities as Kubernetes reads them: `1Gi` and `1024Mi` are one.

Source: Kubernetes, "Quantity" (apimachinery/pkg/api/resource).
"""

import re
from decimal import Decimal

_DECIMAL = {
    suffix: 3 * power for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), -3)
}
_BINARY = {
    suffix: Decimal(1024) ** power
    for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)
}
_SHAPE = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eE]([+-]?[0-9]+)|([A-Za-z]*))")


def parse_quantity(text: object) -> Decimal | None:
    """Return the number that a quantity stands for; None where it is none."""
    found = _SHAPE.fullmatch(str(text).strip()) if isinstance(text, str | int | float) else None
    if found is None:
        return None
    number, exponent, suffix = found.groups()
    if exponent is not None:
        return Decimal(number).scaleb(int(exponent))
    if suffix in _BINARY:
        return Decimal(number) * _BINARY[suffix]
    return Decimal(number).scaleb(_DECIMAL[suffix]) if suffix in _DECIMAL else None
