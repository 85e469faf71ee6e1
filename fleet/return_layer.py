"""At which height an aircraft comes home, so that those of one launch site do not meet (O12)."""

from dataclasses import dataclass

from field_api.contract.messages import SortieOrder

__all__ = ["Layer", "on_layer"]


@dataclass(frozen=True, slots=True)
class Layer:
    """The height of the way home, and what there is to say of it."""

    altitude_m: float
    """Above the launch point."""
    zh: str = ""
    en: str = ""


def on_layer(order: SortieOrder, least_m: float) -> Layer:
    """Return the height at which a sortie comes home.

    Args:
        order: with the layer that the command post chose; it knows the other aircraft.
        least_m: height above launch that clears the ground on every straight way home, by this
            node's own ground model. It is never gone below.
    """
    if order.return_amsl_m is None:
        return Layer(least_m)
    wanted_m = order.return_amsl_m - order.sortie.launch_amsl_m
    if wanted_m >= least_m:
        return Layer(wanted_m)
    return Layer(
        least_m,
        f"(为避开地形,高于分配的返航层 {wanted_m:.0f} 米)",
        f" (to clear the ground, above the layer of {wanted_m:.0f} m it was given)",
    )
