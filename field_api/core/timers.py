"""Timers of features: each at its own pace, each failing alone."""

import asyncio

import structlog
from starlette.concurrency import run_in_threadpool

from field_api.core.feature import Timer, TimerRun
from field_api.core.services import Services

__all__ = ["keep_time", "run_timer"]

log = structlog.get_logger(__name__)


def run_timer(services: Services, timer: Timer) -> bool:
    """Run a timer once; return whether it went well. What it raises is logged only."""
    went_well = True
    try:
        timer.run(services)
    except Exception:
        log.exception("timer_failed", timer=timer.name)
        went_well = False
    services.timer_runs[timer.name] = TimerRun(services.clock(), went_well)
    return went_well


async def _repeat(services: Services, timer: Timer) -> None:
    while True:
        if timer.everywhere or services.leading.leads:
            await run_in_threadpool(run_timer, services, timer)
        await asyncio.sleep(timer.every_s)


async def keep_time(services: Services) -> None:
    """Run every feature's timers until cancelled."""
    async with asyncio.TaskGroup() as group:
        for feature in services.features:
            for timer in feature.timers:
                group.create_task(_repeat(services, timer))
