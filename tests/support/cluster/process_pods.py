"""A runtime that runs the real processes of pods on this machine, each at its pod's own address."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from tests.support.cluster.api import Api, ApiError, Object
from tests.support.cluster.pod_files import PodFiles, Unmountable
from tests.support.cluster.pods import Ended, PodState, Report, RunningPod
from tests.support.processes import Part

LOOK_SECONDS = 0.2
PROBE_SECONDS = 2.0
RESTART_SECONDS = 0.5
LAST_WORDS = 2000
METRICS_PORT = 9090


class ProcessPod:
    """One pod: its process, started again whenever it ends, until the pod is stopped."""

    def __init__(self, pod: RunningPod, files: PodFiles, report: Report, http: aiohttp.ClientSession) -> None:
        self.pod = pod
        self.part: Part | None = None
        self._files = files
        self._report = report
        self._http = http
        self._restarts = 0
        self._last_end: Ended | None = None
        self._container: Object = pod.object["spec"]["containers"][0]
        self._stopping = False
        self._task = asyncio.create_task(self._live())

    @property
    def log(self) -> str:
        return "" if self.part is None else self.part.text

    async def stop(self, grace_seconds: float) -> None:
        """Run the preStop hook, ask the process to end, and kill it when the grace is over."""
        self._stopping = True
        part = self.part
        if part is not None and part.process.returncode is None:
            try:
                async with asyncio.timeout(grace_seconds):
                    await self._run_pre_stop()
                    part.send(signal.SIGTERM)
                    await part.process.wait()
            except TimeoutError:
                pass  # the grace is over
        await self.close()

    async def close(self) -> None:
        """End everything at once, and see that nothing stays."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if self.part is not None:
            self.part.tree()
            if self.part.process.returncode is None:
                self.part.process.kill()
            await self.part.stop()

    async def _live(self) -> None:
        while True:
            await self._mount()
            self.part = await Part.start(self._arguments(), self._log_file(), environment=self._environment())
            await self._look_after(self.part)
            self._last_end = Ended(_exit_code(self.part), self.part.text[-LAST_WORDS:])
            await self.part.stop()
            self._restarts += 1
            self._say(PodState(started=False, waiting_reason="CrashLoopBackOff"))
            await asyncio.sleep(RESTART_SECONDS)

    async def _mount(self) -> None:
        """Wait until all that the pod needs is there."""
        while True:
            try:
                await self._files.refresh()
            except Unmountable as missing:
                waiting = PodState(
                    started=False, waiting_reason="ContainerCreating", waiting_message=str(missing)
                )
                self._say(waiting)
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    async def _look_after(self, part: Part) -> None:
        """Probe it and keep its files current until it ends; what a stopping pod does is left to `stop`."""
        while part.process.returncode is None or self._stopping:
            self._say(PodState(ready=await self._holds("/readyz"), started=await self._holds("/startupz")))
            with suppress(Unmountable, ApiError, aiohttp.ClientError, TimeoutError):
                await self._files.refresh()  # what was mounted stays while the API server is away
            await asyncio.sleep(LOOK_SECONDS)

    async def _holds(self, probe: str) -> bool:
        url = f"http://{self.pod.ip}:{METRICS_PORT}{probe}"
        try:
            async with self._http.get(url, timeout=aiohttp.ClientTimeout(total=PROBE_SECONDS)) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _say(self, state: PodState) -> None:
        self._report(
            PodState(
                ready=state.ready,
                started=state.started,
                restarts=self._restarts,
                waiting_reason=state.waiting_reason,
                waiting_message=state.waiting_message,
                last_end=self._last_end,
            )
        )

    async def _run_pre_stop(self) -> None:
        hook = self._container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command")
        if hook:
            log = self._log_file().with_suffix(".prestop.log")
            part = await Part.start(_module(hook), log, environment=self._environment())
            try:
                await part.process.wait()
            finally:
                await part.stop()

    def _arguments(self) -> list[str]:
        return _module([*self._container.get("command", []), *self._container.get("args", [])])

    def _environment(self) -> dict[str, str]:
        # Every pod has the ports for itself: at its own address, which is all that it may listen on here.
        return self._files.environment(self._container) | {"BRIDGE_HOST": self.pod.ip}

    def _log_file(self) -> Path:
        return self._files.folder / f"{self._container['name']}-{self._restarts}.log"


class ProcessPods:
    """The runtime: real processes, in place of containers."""

    def __init__(self, api: Api, folder: Path, http: aiohttp.ClientSession) -> None:
        self._api = api
        self._folder = folder
        self._http = http
        self._by_uid: dict[str, ProcessPod] = {}

    @property
    def all(self) -> list[ProcessPod]:
        return list(self._by_uid.values())

    def __getitem__(self, name: str) -> ProcessPod:
        return {pod.pod.name: pod for pod in self.all}[name]

    async def start(self, pod: RunningPod, report: Report) -> None:
        folder = self._folder / pod.name
        folder.mkdir()
        self._by_uid[pod.uid] = ProcessPod(pod, PodFiles(self._api, pod, folder), report, self._http)

    async def stop(self, pod: RunningPod, grace_seconds: float) -> None:
        await self._by_uid[pod.uid].stop(grace_seconds)
        del self._by_uid[pod.uid]


@asynccontextmanager
async def running_process_pods(api: Api, folder: Path) -> AsyncIterator[ProcessPods]:
    """Run pods as processes; what still runs at the end is ended."""
    async with aiohttp.ClientSession() as http:
        pods = ProcessPods(api, folder, http)
        try:
            yield pods
        finally:
            await asyncio.gather(*(pod.close() for pod in pods.all))


def _exit_code(part: Part) -> int:
    """Return the exit code as a container has it, where a signal counts from 128."""
    code = part.process.returncode or 0
    return code if code >= 0 else 128 - code


def _module(command: list[str]) -> list[str]:
    """Take the module and its arguments from `python -m MODULE ...`: here it is this Python that runs it."""
    python, flag, *rest = command
    assert (python, flag) == ("python", "-m"), command
    return rest
