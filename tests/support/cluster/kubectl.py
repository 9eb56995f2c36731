"""kubectl with a deadline: it waits without end while the API server is away."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

DEADLINE_SECONDS = 30.0


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Kubectl:
    program: Path
    kubeconfig: Path

    async def __call__(
        self, *arguments: str, stdin: str = "", within_seconds: float = DEADLINE_SECONDS
    ) -> Said:
        """Run it and return what it said, whatever the exit code."""
        process = await asyncio.create_subprocess_exec(
            self.program,
            f"--kubeconfig={self.kubeconfig}",
            f"--cache-dir={self.kubeconfig.parent / 'kubectl-cache'}",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(within_seconds):
                out, err = await process.communicate(stdin.encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        return Said(process.returncode, out.decode(), err.decode())

    async def succeeds(self, *arguments: str, stdin: str = "") -> str:
        """Run it and return its output; a failure fails the test."""
        said = await self(*arguments, stdin=stdin)
        assert said.code == 0, said.text
        return said.out
