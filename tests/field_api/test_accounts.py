"""Signing in, lock-out, expiry, roles."""

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from field_api.accounts.rules import (
    LoginState,
    Permission,
    Role,
    after_failure,
    password_fault,
    permits,
)
from field_api.settings import Settings
from tests.field_api.post import Post, incident_body

WRONG = {"username": "duty", "password": "not-the-password"}
RIGHT = {"username": "duty", "password": "xunshan-demo"}


async def test_sign_in_gives_user_token_and_strict_cookie(post: Post) -> None:
    async with post.anonymous() as client:
        answer = await client.post("session", json=RIGHT)
        assert answer.status_code == 200
        assert answer.json()["user"]["role"] == "duty_officer"
        assert answer.json()["token"]
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        # The cookie alone is a session.
        again = await client.get("session")
        assert again.json()["user"]["username"] == "duty"
        assert again.json()["token"] is None


async def test_wrong_name_and_wrong_password_look_the_same(post: Post) -> None:
    async with post.anonymous() as client:
        one = await client.post("session", json=WRONG)
        two = await client.post("session", json={**WRONG, "username": "nobody"})
    assert one.status_code == two.status_code == 401
    assert one.json() == two.json()


async def test_fifth_wrong_password_locks_for_300_s(post: Post) -> None:
    async with post.anonymous() as client:
        for _ in range(5):
            assert (await client.post("session", json=WRONG)).status_code == 401
        locked = await client.post("session", json=RIGHT)
        assert locked.status_code == 429
        assert locked.json()["detail"]["code"] == "locked"
        post.clock.advance_s(299)
        assert (await client.post("session", json=RIGHT)).status_code == 429
        post.clock.advance_s(2)
        assert (await client.post("session", json=RIGHT)).status_code == 200


async def test_a_commander_breaks_the_glass_and_says_why(post: Post) -> None:
    async with post.anonymous() as client:
        for _ in range(5):
            await client.post("session", json=WRONG)
        assert (await client.post("session", json=RIGHT)).status_code == 429
        url, body = "accounts/duty/unlock", {"reason": "值班员需立即处置火情"}
        assert (await (await post.sign_in("pilot")).post(url, json=body)).status_code == 403
        assert (await (await post.sign_in("commander")).post(url, json=body)).status_code == 204
        assert (await client.post("session", json=RIGHT)).status_code == 200
    trail = (await (await post.sign_in("auditor")).get("audit")).json()
    unlocked = next(entry for entry in trail if entry["action"] == "account.unlocked")
    assert unlocked["actor"] == "commander"
    assert "立即处置火情" in unlocked["text_zh"]


async def test_failures_and_lock_are_audited(post: Post) -> None:
    async with post.anonymous() as client:
        for _ in range(5):
            await client.post("session", json=WRONG)
    trail = (await (await post.sign_in("auditor")).get("audit")).json()
    actions = [entry["action"] for entry in trail]
    assert actions.count("session.refused") == 5
    assert actions.count("account.locked") == 1


async def test_idle_session_ends_and_used_one_lives(post: Post) -> None:
    console = await post.sign_in("duty")
    handheld = await post.sign_in("ht-05")
    for _ in range(4):
        post.clock.advance_s(1500)
        assert (await console.get("session")).status_code == 200
    post.clock.advance_s(1801)
    assert (await console.get("session")).status_code == 401
    assert (await handheld.get("session")).status_code == 200


async def test_sign_out_ends_the_session(post: Post) -> None:
    client = await post.sign_in("duty")
    assert (await client.delete("session")).status_code == 204
    assert (await client.get("incidents")).status_code == 401


async def test_every_route_but_sign_in_and_health_asks_who_you_are(post: Post) -> None:
    open_to_all = {"getHealth", "signIn"}
    asked = 0
    async with post.anonymous() as client:
        for path, methods in post.app.openapi()["paths"].items():
            for method, operation in methods.items():
                if operation["operationId"] in open_to_all:
                    continue
                url = path.removeprefix("/api/v1/")
                for name in ("incident_id", "plan_id", "task_id", "detection_id", "command_id"):
                    url = url.replace(f"{{{name}}}", incident_body()["id"])
                url = url.replace("{sha256}", "0" * 64).replace("{terminal_id}", "HT-05")
                url = (
                    url.replace("{vehicle_id}", "XS-U1")
                    .replace("{fence_id}", "G3")
                    .replace("{username}", "duty")
                )
                answer = await client.request(method, url, params={"lat_deg": 1, "lon_deg": 1})
                assert answer.status_code == 401, (method, path, answer.text)
                assert answer.json()["detail"]["code"] == "not_signed_in"
                asked += 1
    assert asked > 30


@pytest.mark.parametrize(
    ("username", "role"),
    [
        ("duty", Role.DUTY_OFFICER),
        ("commander", Role.COMMANDER),
        ("pilot", Role.PILOT),
        ("ht-05", Role.INSPECTOR),
        ("ht-11", Role.REPORTER),
        ("admin", Role.ADMIN),
        ("auditor", Role.AUDITOR),
    ],
)
async def test_routes_follow_the_role(post: Post, username: str, role: Role) -> None:
    client = await post.sign_in(username)
    opened = await client.post("incidents", json=incident_body())
    assert opened.status_code == (201 if permits(role, Permission.INCIDENT_OPEN) else 403)
    audit = await client.get("audit")
    assert audit.status_code == (200 if permits(role, Permission.AUDIT_READ) else 403)
    roster = await client.get("roster")
    assert roster.status_code == (200 if permits(role, Permission.VIEW) else 403)


async def test_guest_sees_nothing(post: Post) -> None:
    async with post.anonymous() as client:
        client.headers["Authorization"] = f"Bearer {post.add_guest()}"
        assert (await client.get("session")).status_code == 200
        assert (await client.get("incidents")).status_code == 403


def test_administrative_roles_are_apart() -> None:
    acting = set(Permission) - {Permission.VIEW, Permission.AUDIT_READ, Permission.USER_ADMIN}
    for role in (Role.ADMIN, Role.AUDITOR):
        assert not any(permits(role, permission) for permission in acting)
    assert not permits(Role.ADMIN, Permission.AUDIT_READ)
    assert not permits(Role.AUDITOR, Permission.USER_ADMIN)


def test_lock_counts_anew_after_it_ended() -> None:
    state = LoginState(0, 0)
    for _ in range(5):
        state = after_failure(state, 1000, tries=5, lock_ms=300_000)
    assert state == LoginState(0, 301_000)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "xx-duty-xxxx1234"])
def test_weak_passwords_are_named(password: str) -> None:
    assert password_fault(password, "duty") is not None


async def test_handheld_session_lives_a_shift(post: Post, settings: Settings) -> None:
    handheld = await post.sign_in("ht-05")
    post.clock.advance_s(settings.terminal_session_idle_s - 60)
    assert (await handheld.get("tasks?mine=1")).status_code == 200


def test_stored_passwords_are_argon2id_at_the_recommended_cost() -> None:
    # RFC 9106, section 4: 64 MiB and three passes where memory is scarce.
    parameters = extract_parameters(PasswordHasher().hash("x"))
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 65536
    assert parameters.time_cost >= 3
