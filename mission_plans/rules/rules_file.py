"""Flight rules as data: the file's form, and reading it.

The shipped file follows the Interim Regulations on the Administration of the Flight of Unmanned
Aircraft (State Council order 761, in force 2024-01-01). Art. 59 leaves airworthiness, registration
and pilots of the services' own aircraft to rules of their own; a deployment that has such rules, or
rules of its district, gives another file of the same form.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from mission_plans.values.base import Value
from mission_plans.values.flight_facts import AircraftClass
from mission_plans.values.plan import Severity

__all__ = [
    "VERDICTS",
    "FlightRule",
    "FlightRules",
    "FlightRulesError",
    "LeadTime",
    "Reason",
    "load_flight_rules",
    "shipped_rules",
]

ReasonTrigger = Literal[
    "internet_relay",
    "drops",
    "over_people",
    "from_moving_vehicle",
    "distributed",
    "cluster",
    "class_above_small",
    "outside_fit_airspace",
    "identity_not_reported",
]
Trigger = Literal[
    "application_needed",
    "own_ground_flight",
    "fit_airspace_flight",
    "application_to_report",
    "enters_controlled_zone",
    "agl_above_m",
    "integrated",
    "micro_out_of_sight",
    "dark",
    "bvlos",
    "class_unknown",
    "classes",
    "light_in_controlled",
    "small_in_fit_airspace",
    "mapping",
    "service_aircraft",
    "always",
    "loudspeaker",
]
VERDICTS: tuple[Trigger, ...] = ("application_needed", "own_ground_flight", "fit_airspace_flight")
"""Every flight is exactly one of these."""

OLD_FORM = (
    "`reasons` is missing, so this file has the form of an older version. Clauses that make an "
    "application necessary (internet_relay, drops, over_people, from_moving_vehicle, and "
    "several_per_pilot, which is `cluster` now) stand in `reasons`; `rules` holds exactly one rule "
    "each of application_needed, own_ground_flight and fit_airspace_flight in place of the exempt "
    "one of `always`; `night` is `dark`, and class_needs_licence is `classes` with the classes. "
    "Begin with mission_plans/data/flight_rules_cn.json; docs/flight_rules.md explains it"
)


class FlightRulesError(ValueError):
    """A rules file can't be used; the text says where and what is allowed."""


class Clause(Value):
    """Where the law says it, in which words."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
    article: str
    item: str = ""
    """Paragraph and item of the article."""
    zh: str
    en: str

    @field_validator("zh", "en")
    @classmethod
    def _can_be_filled(cls, text: str) -> str:
        try:
            text.format(found="", zone="", value="")
        except (KeyError, IndexError, ValueError, AttributeError):
            raise ValueError("may hold {found}, {zone} and {value}, and no other braces") from None
        return text

    def told(
        self,
        found: tuple[str, str] = ("", ""),
        zone: tuple[str, str] = ("", ""),
        value: str = "",
    ) -> tuple[str, str]:
        """Return the words in both languages, filled with those of the case."""
        return (
            self.zh.format(found=found[0], zone=zone[0], value=value),
            self.en.format(found=found[1], zone=zone[1], value=value),
        )

    @property
    def source(self) -> str:
        """Return article and item as they are cited."""
        return f"{self.article}{self.item}"


class Reason(Clause):
    """Why an exemption from applying does not hold."""

    when: ReasonTrigger
    voids: Literal["every", "fit_airspace"] = "every"
    """Every exemption, or that of flights in fit airspace alone."""


class FlightRule(Clause):
    """What a flight is held against."""

    when: Trigger
    value: float | None = None
    """Metres, for `agl_above_m`."""
    classes: list[AircraftClass] = Field(default=[])
    """For `classes`."""
    severity: Severity
    """Block and caution fail until they are answered; info only has to be known."""
    demands: Literal[
        "approval",
        "application",
        "report_1h",
        "confirm_1h",
        "lights",
        "traffic_awareness",
        "sight",
        "contact",
        "papers",
        "identity",
        "figures",
        "reason",
        "nothing",
    ]
    article_59: bool = False
    """Airworthiness, registration or pilots: not of aircraft that belong to a service."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.when == "agl_above_m" and self.value is None:
            raise ValueError("agl_above_m needs a value, the height in metres")
        if self.when == "classes" and not self.classes:
            raise ValueError("classes needs a list of classes in `classes`")
        return self


class LeadTime(Value):
    """How long before take-off an application is handed in and answered."""

    submit_before_min: Annotated[int, Field(ge=0)]
    reply_before_min: Annotated[int, Field(ge=0)]


class DayTime(Value):
    """An hour of an earlier day, local time."""

    days: Annotated[int, Field(ge=0, le=30)]
    hour: Annotated[int, Field(ge=0, le=24)]


class NormalLead(Value):
    """Lead time of applications that are not urgent."""

    submit_before: DayTime
    reply_before: DayTime


class ApplicationTimes(Value):
    """Lead times by kind of application."""

    normal: NormalLead
    emergency: LeadTime
    urgent: LeadTime
    report_before_min: Annotated[int, Field(ge=0)] = 60
    """The approved flight is reported this long before its take-off (Art. 30)."""
    utc_offset_min: Annotated[int, Field(ge=-840, le=840)]


class Zone(Value):
    """A kind of controlled airspace, and words by which a fence's reason is recognised."""

    zh: str
    en: str
    words: list[str]
    item: str = ""
    """Of Art. 19 (or the article it names)."""


class FlightRules(Value):
    """Everything a rules file holds."""

    source: str
    application: ApplicationTimes
    zones: dict[str, Zone]
    reasons: list[Reason]
    rules: list[FlightRule]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if "other" not in self.zones:
            raise ValueError("zones needs `other`, for what no words tell")
        for verdict in VERDICTS:
            count = sum(rule.when == verdict for rule in self.rules)
            if count != 1:
                raise ValueError(f"rules needs exactly one rule of `{verdict}`, it has {count}")
        ids = [clause.id for clause in (*self.reasons, *self.rules)]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"each id may stand once: {', '.join(twice)}")
        return self


def load_flight_rules(path: Path) -> FlightRules:
    """Load rules from a file of the shipped form.

    Raises:
        FlightRulesError: unreadable, or a field that is not allowed; names it.
    """
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, dict) and "rules" in data and "reasons" not in data:
            raise FlightRulesError(f"{path.name}: {OLD_FORM}")
        return FlightRules.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise FlightRulesError(f"{path.name}: {where}: {first['msg']}") from error
    except FlightRulesError:
        raise
    except (OSError, ValueError) as error:
        raise FlightRulesError(f"{path.name}: {error}") from error


@lru_cache(maxsize=1)
def shipped_rules() -> FlightRules:
    """Return the rules in force as shipped."""
    return load_flight_rules(Path(__file__).parents[1] / "data" / "flight_rules_cn.json")
