"""Who may do what, as one table: read from the routes and the records themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.routing import APIRoute

from field_api.app import api_routers
from field_api.core.records import RecordKind, ToldKind
from field_api.core.roles import Permission, Role
from field_api.core.services import exempt, require
from field_api.declared import FEATURES

__all__ = ["RouteAccess", "access_table", "route_access"]

_SHORT = {
    Role.COMMANDER: "cmd",
    Role.DUTY_OFFICER: "duty",
    Role.PILOT: "pilot",
    Role.INSPECTOR: "insp",
    Role.REPORTER: "rep",
    Role.AUDITOR: "aud",
    Role.ADMIN: "adm",
    Role.GUEST: "guest",
}


@dataclass(frozen=True, slots=True)
class RouteAccess:
    """One route and who is let in."""

    method: str
    path: str
    operation_id: str
    permissions: tuple[Permission, ...]
    """One of them is enough; empty where `exempt`."""
    why_exempt: str | None

    def lets_in(self, role: Role) -> bool:
        """Whether a signed-in person of this role is let in."""
        return not self.permissions or any(role in p.roles for p in self.permissions)


def route_access() -> Iterator[RouteAccess]:
    """Return every route of the API.

    Raises:
        ValueError: a route declares neither a permission nor an exemption.
    """
    for route in (route for router in api_routers() for route in router.routes):
        if not isinstance(route, APIRoute):
            continue
        asked: list[Permission] = []
        why = None
        for dependant in route.dependant.dependencies:
            call = dependant.call
            if isinstance(call, require):
                asked += call.found(FEATURES)
            elif isinstance(call, exempt):
                why = call.why
        if not asked and why is None:
            raise ValueError(f"{route.path} declares neither a permission nor an exemption")
        for method in sorted(route.methods or ()):
            yield RouteAccess(method, route.path, route.operation_id or "", tuple(asked), why)


def _marks(roles: frozenset[Role]) -> str:
    return " | ".join("●" if role in roles else "" for role in Role)


def _kinds() -> Iterator[RecordKind[object] | ToldKind]:  # pyright: ignore[reportInvalidTypeArguments]
    for feature in FEATURES:
        yield from feature.records
        yield from (register.kind for register in feature.registers)
        yield from feature.told


def access_table() -> str:
    """Return the table as Markdown."""
    heads = " | ".join(_SHORT[role] for role in Role)
    rule = "|---" * (len(Role) + 1) + "|"
    lines = [
        "# Who may do what",
        "",
        "Made by `xunshan admin access`; a test compares it with the routes and records themselves",
        "and walks every route as every role, in their own and in another area.",
        "",
        "## Permissions",
        "",
        f"| permission | {heads} |",
        rule,
    ]
    known = {p.name: p for feature in FEATURES for p in feature.permissions}
    lines += [f"| `{name}` | {_marks(known[name].roles)} |" for name in sorted(known)]
    lines += [
        "",
        "## Records",
        "",
        "A person sees the records of their areas (`reads`), and besides those of their own",
        "handheld (`own`). A record without an area concerns everybody. A guest sees what belongs",
        "to one incident. The same rule filters every query, every event and every value. Accounts",
        "and the audit trail are the district's as a whole: who may read them reads all of them.",
        "",
        "| topic | reads | own | kept by handhelds |",
        "|---|---|---|---|",
    ]
    for kind in sorted(_kinds(), key=lambda kind: kind.topic):
        own = f"`{kind.own_reads.name}`" if kind.own_reads else ""
        sync = kind.sync.value if isinstance(kind, RecordKind) else "none"
        lines.append(f"| `{kind.topic}` | `{kind.reads.name}` | {own} | {sync} |")
    lines += ["", "## Routes", "", "| route | needs |", "|---|---|"]
    for route in sorted(route_access(), key=lambda route: (route.path, route.method)):
        needs = " or ".join(f"`{p.name}`" for p in route.permissions) or f"— {route.why_exempt}"
        lines.append(f"| {route.method} `{route.path}` | {needs} |")
    return "\n".join(lines) + "\n"
