"""What has come of one stamped stream: every chunk once and in order, and how late each was."""

from dataclasses import dataclass, field

PADDING = "x" * 60


def chunk(number: int, now: float) -> str:
    """Write a chunk of about 100 bytes: its number and when it left."""
    return f"data: {number} {now:.6f} {PADDING}\n"


@dataclass(slots=True)
class Arrivals:
    expected: int
    latencies: list[float] = field(default_factory=list)
    """Seconds, in the order of arrival."""

    numbers: list[int] = field(default_factory=list)
    messages: int = 0
    """In how many pieces it came."""

    _rest: str = ""

    def take(self, text: str, now: float) -> None:
        """Take a piece of the stream, cut anywhere."""
        self.messages += 1
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            number, left, *_ = line.removeprefix("data: ").split(" ")
            self.numbers.append(int(number))
            self.latencies.append(now - float(left))

    @property
    def complete(self) -> bool:
        return len(self.numbers) >= self.expected

    @property
    def exact(self) -> bool:
        """Whether every chunk came once, and in its order."""
        return self.numbers == list(range(self.expected))
