"""When an aircraft's own fence is broken: what is said of it, once for every breach."""

from fleet.mavlink import dialect
from fleet.telemetry import Telemetry

__all__ = ["FenceWatch"]

HEIGHT = dialect.FENCE_BREACH_MAXALT


class FenceWatch:
    """One aircraft's breaches."""

    def __init__(self) -> None:
        self._told = dialect.FENCE_BREACH_NONE

    def look(self, seen: Telemetry) -> tuple[str, str] | None:
        """Return what is to be told now, Chinese and English, None without news."""
        now = seen.fence_breach if seen.armed else dialect.FENCE_BREACH_NONE
        before, self._told = self._told, now
        if now in (dialect.FENCE_BREACH_NONE, before):
            return None
        if now == HEIGHT:
            zh, en = "越过围栏高度上限", "it is above the height of its fence"
        else:
            zh, en = "飞出围栏或进入禁飞区", "it left its fence, or entered a no-fly area"
        return f"{zh},正自行返航", f"{en}, and is coming home by itself"
