"""Improving a drafted plan in a process of its own, so that live traffic is not held up."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from pathlib import Path
from threading import Lock

import structlog

from field_api.core.parent import when_parent_ends
from mission_plans.ground.terrain_files import demo_terrain, load_terrain
from mission_plans.search.planning import PlanError, improved_plans
from mission_plans.values.plan import PlanRequest, SearchPlan

__all__ = ["PlanImprover", "improve"]

log = structlog.get_logger(__name__)


def improve(
    request_json: str, plan_id: str, terrain_file: Path | None, budget_s: float
) -> str | None:
    """Return the best plan found in the time as JSON, None when the first stays the best."""
    began_s = time.monotonic()
    request = PlanRequest.model_validate_json(request_json)
    terrain = load_terrain(terrain_file) if terrain_file else demo_terrain()
    first = True
    best: SearchPlan | None = None
    try:
        for plan in improved_plans(request, terrain, plan_id):
            if plan is not None and not first:
                best = plan
            first = False
            if time.monotonic() - began_s > budget_s:
                break
    except PlanError:
        # The first plan was made in the server from the same request; it stands.
        return None
    return best.model_dump_json() if best else None


def _end_with_parent(parent_pid: int) -> None:
    """Make this worker end when its server does, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    when_parent_ends(parent_pid, lambda: os._exit(0))


class PlanImprover:
    """One worker process, started with the first plan and again when it died."""

    def __init__(self, terrain_file: Path | None, budget_s: float) -> None:
        """Take the ground model of the settings and the time for one plan; 0 switches it off."""
        self._terrain_file = terrain_file
        self._budget_s = budget_s
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()

    @property
    def running(self) -> bool:
        """Whether the worker process was started."""
        return self._pool is not None

    def pids(self) -> list[int]:
        """Return the worker processes' numbers."""
        with self._lock:
            return list(getattr(self._pool, "_processes", None) or {})

    def begin(self, plan: SearchPlan, use: Callable[[SearchPlan], None]) -> None:
        """Improve `plan`; `use` is called from another thread if a better one was found.

        A plan is good without: whatever goes wrong here is logged and no more.
        """
        if self._budget_s <= 0:
            return
        try:
            future = self._submit(plan)
        except BrokenExecutor:
            # The worker was killed: the next one starts afresh.
            log.warning("improver_restarted")
            self.close()
            future = self._submit(plan)

        def done(future: Future[str | None]) -> None:
            if future.cancelled():
                return
            error = future.exception()
            if error is not None:
                log.error("plan_not_improved", plan_id=plan.id, error=str(error))
                return
            found = future.result()
            if found is not None:
                use(SearchPlan.model_validate_json(found))

        future.add_done_callback(done)

    def _submit(self, plan: SearchPlan) -> Future[str | None]:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    max_workers=1,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_end_with_parent,
                    initargs=(os.getpid(),),
                )
            return self._pool.submit(
                improve,
                plan.request.model_dump_json(),
                plan.id,
                self._terrain_file,
                self._budget_s,
            )

    def close(self) -> None:
        """Stop; what is under way is dropped."""
        with self._lock:
            if self._pool is not None:
                for process in list((getattr(self._pool, "_processes", None) or {}).values()):
                    process.terminate()
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = None
