"""What a guard orders by itself: one hold or one return, and never against a person. Pure.

A guard that is set to act orders once from when it begins to hold until it has cleared. Whatever a
person orders meanwhile stands: what held until then orders nothing any more until it has cleared
and come again. Only an aircraft that is in the air, heard, known and flown by this node's orders is
given any; nothing is ever armed, started or gone on with.
"""

from collections.abc import Collection, Mapping

from field_api.contract.messages import SortieState, VehicleState
from fleet.watch import Action, airborne, heard

__all__ = ["Reflexes"]

OUR_MODES = frozenset({"AUTO", "GUIDED", "BRAKE"})
"""In every other mode somebody flies it by hand, or it comes home already."""


class Reflexes:
    """The reflexes of one aircraft."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        """Take what each guard does; one that is not named warns only."""
        # A return is more than a hold: where both are due, one order is enough.
        self._acting = sorted(
            (item for item in actions.items() if item[1] != "warn"),
            key=lambda item: item[1] != "return",
        )
        self._holding: frozenset[str] = frozenset()
        self._spent: set[str] = set()
        """Guards that have ordered, or that a person has answered, and that still hold."""
        self._persons = 0
        """Orders of people that are under way."""

    def look(
        self, holding: Collection[str], state: VehicleState, *, certain: bool
    ) -> tuple[str, Action] | None:
        """Return the guard that orders now, and what; None for nothing.

        Args:
            holding: the guards that hold.
            state: the aircraft's snapshot.
            certain: whether it is known which device the aircraft is.
        """
        self._holding = frozenset(holding)
        self._spent &= self._holding
        if self._persons:
            # Somebody is at it: what comes up meanwhile is theirs too.
            self._spent |= self._holding
            return None
        if not certain or not heard(state) or not airborne(state) or state.mode not in OUR_MODES:
            return None
        for guard, action in self._acting:
            if guard in self._holding and guard not in self._spent and _more(action, state):
                # The strongest speaks for all that hold: one order, not two.
                self._spent |= self._holding
                return guard, action
        return None

    def pass_over(self, holding: Collection[str]) -> None:
        """Let guards order nothing until they have cleared: what came before is not known."""
        self._holding = frozenset(holding)
        self._spent = set(self._holding)

    def person_begins(self) -> None:
        """A person's stop, or order to go on, is being carried out."""
        self._persons += 1
        self._spent |= self._holding

    def person_ends(self) -> None:
        """It has been carried out, or refused."""
        self._persons -= 1


def _more(action: Action, state: VehicleState) -> bool:
    """Whether an action does more than what the aircraft does already."""
    if state.sortie_state == SortieState.RETURNING:
        return False
    return action == "return" or state.mode != "BRAKE"
