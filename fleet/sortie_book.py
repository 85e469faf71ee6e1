"""The present sortie of one aircraft: on disk, and told at every step."""

from collections.abc import Callable
from dataclasses import replace

import structlog

from field_api.contract.ids import new_id
from field_api.contract.messages import SortieEvent, SortieState
from fleet.fencing import SortieFence
from fleet.sortie import FOLLOWING, Sortie
from fleet.store import SortieStore
from fleet.vehicle import RefusedError
from mission_plans.values.plan import SortiePlan

__all__ = ["SortieBook"]

log = structlog.get_logger(__name__)


class SortieBook:
    """What an aircraft flies, as it stands and as it was last written down."""

    def __init__(
        self,
        vehicle_id: str,
        store: SortieStore,
        record: Callable[[SortieEvent], object],
        now_ms: Callable[[], int],
        node_id: str,
    ) -> None:
        self._vehicle_id = vehicle_id
        self._store = store
        self._record = record
        self._now_ms = now_ms
        self.node_id = node_id
        self.sortie = store.load(vehicle_id)
        self.stopped_ms = self.sortie.stopped_ms if self.sortie else 0
        """When the aircraft was last ordered to stop."""

    def begin(self, sortie: Sortie) -> None:
        """Take another sortie in the place of the one before, and tell it.

        Raises:
            RefusedError: `disk`, a restarted node would know nothing of it; nothing has changed.
        """
        self._refuse_without_disk(sortie.plan)
        self.sortie = sortie
        self._save(sortie.author)

    def replace(self, sortie: Sortie) -> None:
        """Take another sortie in flight: the one before is over.

        Raises:
            RefusedError: `disk`; nothing has changed.
        """
        self._refuse_without_disk(sortie.plan)
        if self.sortie is not None and self.sortie.plan.id != sortie.plan.id:
            self.step(SortieState.REPLACED, sortie.author, sortie.plan.id)
        self.sortie = replace(sortie, stopped_ms=self.stopped_ms)
        self._save(sortie.author)

    def stop(self, issued_ms: int) -> None:
        """Note a stop: what was ordered before is never begun after."""
        self.stopped_ms = max(self.stopped_ms, issued_ms)
        if self.sortie is not None:
            self.change(self.sortie.stopped(self.stopped_ms).waiting_to_land(waits=False))

    def change(self, sortie: Sortie) -> None:
        """Write down something else than a step."""
        self.sortie = sortie
        self._keep()

    def fenced(self, fence: SortieFence, return_m: float) -> None:
        """Note what is on board."""
        if self.sortie is not None:
            self.change(self.sortie.fenced(fence, return_m))

    def waits_no_more(self) -> None:
        """Note that nothing holds it on its way home any more."""
        if self.sortie is not None and self.sortie.waits_to_land:
            self.change(self.sortie.waiting_to_land(waits=False))

    def step(self, state: SortieState, author: str, text: str = "") -> None:
        """Take a step and tell it; orders such as RTL work in any state, and the sortie follows
        where its table allows it."""
        sortie = self.sortie
        if sortie is None or sortie.state is state:
            return
        if state not in FOLLOWING[sortie.state]:
            log.info("step not taken", sortie=sortie.plan.id, state=sortie.state, to=state)
            return
        self.sortie = sortie.to(state)
        self._save(author, text)

    def _refuse_without_disk(self, plan: SortiePlan) -> None:
        try:
            self._store.save(Sortie(plan, self.node_id, stopped_ms=self.stopped_ms))
        except OSError as error:
            text = f"节点磁盘不可写,不能开始新架次 / the node's disk can't be written: {error}"
            raise RefusedError("disk", text) from error

    def _keep(self) -> None:
        """Write the sortie down; a full disk must not get in the way of a stop or of a flight."""
        if self.sortie is None:
            return
        try:
            self._store.save(self.sortie)
        except OSError as error:
            log.error("sortie not written", vehicle_id=self._vehicle_id, error=str(error))

    def _save(self, author: str, text: str = "") -> None:
        sortie = self.sortie
        if sortie is None:
            return
        self._keep()
        self._record(
            SortieEvent(
                id=new_id(),
                t_ms=self._now_ms(),
                sortie_id=sortie.plan.id,
                vehicle_id=sortie.plan.vehicle_id,
                state=sortie.state,
                author=author,
                text=text,
            )
        )
