"""The demo's accounts: their password is public."""

from sqlmodel import col, select

from field_api.contract.ids import new_id
from field_api.contract.scenario import Scenario
from field_api.core.change import Change
from field_api.core.roles import Role
from field_api.core.texts import both
from field_api.features.accounts.passwords import hash_password
from field_api.features.accounts.tables import User

__all__ = ["DEMO_PASSWORD", "seed_accounts"]

DEMO_PASSWORD = "xunshan-demo"

_STAFF = (
    ("duty", "值班员", Role.DUTY_OFFICER),
    ("commander", "指挥长", Role.COMMANDER),
    ("pilot", "飞手", Role.PILOT),
    ("admin", "系统管理员", Role.ADMIN),
    ("auditor", "审计员", Role.AUDITOR),
)


def seed_accounts(change: Change, scenario: Scenario) -> None:
    """Make the demo's accounts that are not there yet."""
    wanted = [(name, zh, role, None) for name, zh, role in _STAFF]
    wanted += [
        (
            terminal.id.lower(),
            terminal.holder,
            Role.REPORTER if terminal.kind == "信息员手机" else Role.INSPECTOR,
            terminal.id,
        )
        for terminal in scenario.terminals
    ]
    names = [username for username, *_ in wanted]
    known = set(change.session.exec(select(User.username).where(col(User.username).in_(names))))
    missing = [entry for entry in wanted if entry[0] not in known]
    password_hash = hash_password(DEMO_PASSWORD) if missing else ""
    for username, name, role, terminal_id in missing:
        user = change.create(
            User(
                id=new_id(),
                username=username,
                name=name,
                role=role,
                password_hash=password_hash,
                terminal_id=terminal_id,
                created_ms=change.t_ms,
            )
        )
        change.record(
            "account.created",
            user.id,
            username=username,
            name=name,
            role=both(f"words.role.{role.value}"),
        )
