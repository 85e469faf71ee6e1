"""Makes key frames ones that a viewer can begin with: their parameter sets before them."""

from field_api.contract.nal_units import (
    Codec,
    annex_b,
    codec_name,
    is_key_unit,
    is_picture,
    nal_units,
    parameter_set_kinds,
    unit_kind,
)

__all__ = ["AccessUnitFormer"]


class AccessUnitFormer:
    """Puts parameter sets before every key frame and says which access units are key frames.

    Cameras send them in the stream, before the first key frame only, or apart from it (RTSP,
    files): a viewer that joins late needs them at each key frame.
    """

    def __init__(self, codec: Codec = Codec.H264) -> None:
        self.codec = codec
        self._kinds = parameter_set_kinds(codec)
        self._sets: dict[int, bytes] = {}

    @property
    def name(self) -> str | None:
        """The RFC 6381 name of the stream, once its parameter sets are known."""
        sps = self._sets.get(7 if self.codec is Codec.H264 else 33)
        if sps is None:
            return None
        try:
            return codec_name(sps, self.codec)
        except ValueError:
            return None

    @property
    def parameter_sets(self) -> list[bytes]:
        """What is known of them, in the order they are sent."""
        return [self._sets[kind] for kind in self._kinds if kind in self._sets]

    def configure(self, extradata: bytes) -> None:
        """Learn the parameter sets that are held apart from the stream, in Annex B form."""
        for unit in nal_units(extradata):
            self._learn(unit_kind(self.codec, unit), unit)

    def form(self, access_unit: bytes) -> tuple[bytes, bool] | None:
        """The access unit to relay and whether it is a key frame.

        None when it holds no picture, or when it is a key frame whose parameter sets are unknown.
        """
        picture = key = False
        has: set[int] = set()
        for unit in nal_units(access_unit):
            kind = unit_kind(self.codec, unit)
            self._learn(kind, unit)
            has.add(kind)
            key |= is_key_unit(self.codec, kind)
            picture |= is_picture(self.codec, kind)
        if not picture:
            return None
        if not key or has.issuperset(self._kinds):
            return access_unit, key
        if len(self._sets) < len(self._kinds):
            return None
        return annex_b(self.parameter_sets) + access_unit, True

    def _learn(self, kind: int, unit: bytes) -> None:
        # An H.264 SPS shorter than its profile and level is a broken one.
        if kind in self._kinds and (kind != 7 or len(unit) >= 4):
            self._sets[kind] = unit
