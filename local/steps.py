"""Steps of the set-up that run side by side, each with one line of result."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from local.progress import Progress

REFRESH_SECONDS = 0.1


@dataclass(frozen=True)
class Step:
    """One piece of work; ``work`` returns in a few words what is there now."""

    name: str
    in_place: Callable[[], bool]
    work: Callable[[], str]


def run_steps(steps: Sequence[Step], progress: Progress) -> None:
    """Run independent steps at the same time and report each as it ends.

    Raises:
        Exception: the first failure, in the order of ``steps``, after every step has ended.
    """
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=max(1, len(steps))) as pool:
        running = {pool.submit(step.work): step for step in steps}
        futures = list(running)
        while running:
            _report_ended(running, started, progress)
            wait(running, timeout=REFRESH_SECONDS)
    for future in futures:
        future.result()


def _report_ended(running: dict[Future[str], Step], started: float, progress: Progress) -> None:
    elapsed_seconds = time.monotonic() - started
    for future in [future for future in running if future.done()]:
        step = running.pop(future)
        outcome = "failed" if future.exception() else future.result()
        progress.line(f"  {step.name:<15} {elapsed_seconds:6.1f} s  {outcome}")
    if running:
        names = ", ".join(step.name for step in running.values())
        progress.moving(f"  {names}: {elapsed_seconds:.0f} s ...")
