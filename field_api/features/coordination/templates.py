"""Which groups the command of an incident has by its kind; from `templates.json`."""

import json
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from field_api.features.incidents.tables import IncidentKind

__all__ = ["GroupTemplate", "Template", "template_of"]


class GroupTemplate(BaseModel):
    """A group as proposed."""

    model_config = ConfigDict(frozen=True)

    key: str
    name: str
    name_en: str
    duty: str


class Template(BaseModel):
    """The groups for one kind of incident."""

    model_config = ConfigDict(frozen=True)

    type: str
    """One of the bureau's command mechanisms (安全生产, 防灾减灾, 防汛抗旱, 抗震救灾, 森林防火)."""
    type_en: str
    standing: str
    """`default`: proposed by the program, quoted from no document."""
    groups: list[GroupTemplate]


@cache
def _read() -> dict[str, Template]:
    path = files("field_api.features.coordination").joinpath("templates.json")
    told = json.loads(path.read_text("utf-8"))
    return {
        kind: Template(
            type=each["type"],
            type_en=each["type_en"],
            standing=told["standing"],
            groups=[GroupTemplate(key=key, **told["groups"][key]) for key in each["groups"]],
        )
        for kind, each in told["kinds"].items()
    }


def template_of(kind: IncidentKind) -> Template:
    """Return the groups proposed for a kind of incident."""
    return _read()[kind.value]
