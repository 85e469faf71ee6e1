"""The shapes of what the live socket sends, made from the features' declarations.

They stand in the OpenAPI document as `LiveMessage`, so that clients are generated from the same
source as for HTTP.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, create_model

from field_api.core.feature import Feature

__all__ = ["live_adapter"]


def _name(topic: str) -> str:
    return "".join(part.capitalize() for part in topic.replace(".", "_").split("_"))


def _record(topic: str, view: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "type": (Literal[topic], ...),  # pyright: ignore[reportInvalidTypeForm]
        "seq": (int, ...),
        "id": (str, ...),
        "version": (int, ...),
        "op": (Literal["put", "remove", "left"], ...),
        "area": (str, ...),
        "data": (view | None, ...),
    }
    return create_model(f"{_name(topic)}Message", **fields)


def _value(name: str, shape: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "type": (Literal[name], ...),  # pyright: ignore[reportInvalidTypeForm]
        "data": (shape, ...),
    }
    return create_model(f"{_name(name)}Message", **fields)


def live_adapter(features: Sequence[Feature]) -> TypeAdapter[Any]:
    """Return the adapter of every message that these features may tell."""
    kinds: dict[str, type[BaseModel]] = {}
    for feature in features:
        for kind in (*feature.records, *(register.kind for register in feature.registers)):
            kinds[kind.topic] = _record(kind.topic, kind.view_type)
        for told in feature.told:
            kinds[told.topic] = _record(told.topic, told.view_type)
    values = {
        value.name: _value(value.name, value.shape)
        for feature in features
        for value in feature.values
    }
    record: Any = Annotated[_union(list(kinds.values())), Field(discriminator="type")]
    value: Any = Annotated[_union(list(values.values())), Field(discriminator="type")]
    snapshot_data = create_model(
        "LiveSnapshot",
        server_time_ms=(int, ...),
        values=(list[value], ...),  # pyright: ignore[reportInvalidTypeForm]
        records=(list[record], ...),  # pyright: ignore[reportInvalidTypeForm]
    )
    resumed_data = create_model(
        "LiveResumed",
        server_time_ms=(int, ...),
        values=(list[value], ...),  # pyright: ignore[reportInvalidTypeForm]
    )
    snapshot = create_model(
        "SnapshotMessage",
        type=(Literal["snapshot"], ...),
        seq=(int, ...),
        data=(snapshot_data, ...),
    )
    resumed = create_model(
        "ResumedMessage", type=(Literal["resumed"], ...), seq=(int, ...), data=(resumed_data, ...)
    )
    everything = [snapshot, resumed, *kinds.values(), *values.values()]
    message: Any = Annotated[_union(everything), Field(discriminator="type")]
    return TypeAdapter(message)


def _union(shapes: list[type[BaseModel]]) -> Any:
    union: Any = shapes[0]
    for shape in shapes[1:]:
        union = union | shape
    return union
