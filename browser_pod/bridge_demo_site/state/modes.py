"""Modes of a chat, and the lanes in which its models answer."""

from enum import StrEnum


class Mode(StrEnum):
    DIRECT = "direct"
    BATTLE = "battle"
    SIDE_BY_SIDE = "side-by-side"


class Lane(StrEnum):
    A = "a"
    B = "b"
