"""`docs/settings.md`: every setting of every program, made from the typed settings themselves."""

import json
from collections.abc import Iterator
from importlib.metadata import entry_points
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

__all__ = ["GROUP", "settings_reference"]

GROUP = "xunshan.settings"
"""Entry points that name a program's settings: programs don't import each other's insides."""

_HEAD = """# Settings

Made by `xunshan admin settings-reference` from the program; a test keeps it current.

"""
_INTRO = {
    "serve": """## Command post (`xunshan serve`)

A setting comes, strongest first, from the command line, from the environment variable
`XUNSHAN_<NAME>`, from the file that `XUNSHAN_<NAME>_FILE` names, from a file of the setting's name
in the folder `XUNSHAN_SECRETS_DIR`, and from the TOML file that `XUNSHAN_CONFIG` names. An unknown
name in that file is an error. `field_api/settings.example.toml` is one to copy.
""",
    "fleet": """## Fleet node (`xunshan fleet --config FILE`)

One JSON file; an unknown name in it is an error.
""",
    "vision": """## Vision node (`xunshan vision --config FILE`)

One JSON or TOML file; an unknown name in it is an error.
""",
}
_BOUNDS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


def settings_reference() -> str:
    """Return the page as Markdown."""
    models = {entry.name: entry.load() for entry in entry_points(group=GROUP)}
    return _HEAD + "\n".join(f"{intro}\n{_tables(models[name])}" for name, intro in _INTRO.items())


def _tables(model: type[BaseModel], title: str = "") -> str:
    """Return a table of a model's settings, and one of each model in it."""
    inner = {shape.__name__: shape for shape in _models_in(model)}
    rows = [_row(name, field) for name, field in model.model_fields.items()]
    head = "| setting | kind | default | meaning |\n|---|---|---|---|\n"
    tables = [f"{title}{head}{''.join(rows)}"]
    tables += [
        _tables(shape, f"### `{name}`\n\n{_about(shape)}\n\n") for name, shape in inner.items()
    ]
    return "\n".join(tables)


def _about(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _models_in(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield part


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def _row(name: str, field: FieldInfo) -> str:
    meaning = " ".join((field.description or "").split())
    cells = (f"`{name}`", _kind(field), _default(field), meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _kind(field: FieldInfo) -> str:
    limits = [
        f"{sign} {_number(getattr(part, bound))}"
        for part in field.metadata
        for bound, sign in _BOUNDS.items()
        if getattr(part, bound, None) is not None
    ]
    return ", ".join([_name(field.annotation), *limits])


def _number(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _name(annotation: Any) -> str:
    """Return what kind of value is wanted, in plain words."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _name(arguments[0])
    if origin in (Union, UnionType):
        return " or ".join(_name(part) for part in arguments if part is not type(None))
    if origin is list:
        return f"list of {_name(arguments[0])}"
    if origin is dict:
        return f"{_name(arguments[1])} by {_name(arguments[0])}"
    if str(origin) == "typing.Literal":
        return " or ".join(f"`{choice}`" for choice in arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"`{annotation.__name__}`"
    return _WORDS.get(getattr(annotation, "__name__", ""), getattr(annotation, "__name__", "text"))


_WORDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "Path": "path",
    "IPvAnyNetwork": "address or network",
    "SecretStr": "secret",
    "Action": "`warn`, `hold` or `return`",
}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined:
        return "–"
    if isinstance(value, SecretStr):
        return "(secret)"
    return f"`{json.dumps(value, ensure_ascii=False, default=str)}`"
