"""Signing in, lock-out, expiry, roles."""

import re

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from sqlmodel import col, delete, update

from field_api.core.refusals import Refusals
from field_api.core.roles import VIEW, Role
from field_api.declared import FEATURES
from field_api.features.accounts.permissions import ACCOUNT_UNLOCK, AUDIT_READ, USER_ADMIN
from field_api.features.accounts.rules import password_fault
from field_api.features.accounts.sessions import Sessions, token_hash
from field_api.features.accounts.tables import User, UserSession
from field_api.features.incidents.permissions import INCIDENT_OPEN
from field_api.features.roster.permissions import ROSTER_OWN, ROSTER_VIEW
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
    told = [answer.json()["detail"] for answer in (one, two)]
    # The request's own number is all that differs.
    assert told[0].pop("request_id") != told[1].pop("request_id")
    assert told[0] == told[1]


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
    # The first is an act of its own; those of the same minute are one more, with their count.
    assert actions.count("session.refused") == 1
    assert actions.count("account.locked") == 1
    post.clock.advance_s(61)
    post.services.part(Refusals).write_down()
    trail = (await (await post.sign_in("auditor")).get("audit")).json()
    again = next(entry for entry in trail if entry["action"] == "session.refused_again")
    assert "4" in again["text_en"]
    assert "duty" in again["text_en"]


async def test_idle_session_ends_and_used_one_lives(post: Post) -> None:
    console = await post.sign_in("duty")
    handheld = await post.sign_in("ht-05")
    for _ in range(4):
        post.clock.advance_s(1500)
        assert (await console.get("session")).status_code == 200
    post.clock.advance_s(1801)
    assert (await console.get("session")).status_code == 401
    assert (await handheld.get("session")).status_code == 200


async def test_sessions_in_use_are_looked_after_together(post: Post) -> None:
    clients = {name: await post.sign_in(name) for name in ("duty", "pilot")}
    tokens = {name: await post.token(name) for name in clients}
    for client in clients.values():
        await client.get("session")
    sessions = post.services.part(Sessions)
    for _ in range(3):
        post.clock.advance_s(4)
        sessions.refresh()
        assert all(sessions.remembered(t, "test", touch=False) for t in tokens.values())
    # Another worker ends one and disables the account of the other.
    with post.services.store.housekeep() as session:
        session.exec(
            delete(UserSession).where(col(UserSession.token_hash) == token_hash(tokens["duty"]))
        )
        disabled = update(User).where(col(User.username) == "pilot")
        session.exec(disabled.values(disabled=True, version=User.version + 1))
    sessions.refresh()
    assert not any(sessions.remembered(t, "test", touch=False) for t in tokens.values())
    for client in clients.values():
        assert (await client.get("session")).status_code == 401


async def test_a_session_that_is_not_used_is_not_asked_for_again(post: Post) -> None:
    duty, token = await post.sign_in("duty"), await post.token("duty")
    await duty.get("session")
    sessions = post.services.part(Sessions)
    post.clock.advance_s(61)
    sessions.refresh()
    assert sessions.remembered(token, "test", touch=False) is None
    assert (await duty.get("session")).status_code == 200


async def test_sign_out_ends_the_session(post: Post) -> None:
    client = await post.sign_in("duty")
    assert (await client.delete("session")).status_code == 204
    assert (await client.get("incidents")).status_code == 401


async def test_every_route_but_sign_in_and_health_asks_who_you_are(post: Post) -> None:
    open_to_all = {
        "getHealth",
        "getReady",
        "signIn",
        "signInAsGuest",
        "enrolDevice",
        "uploadOptions",
        "deviceWiped",
        "verifyPaper",
        # A media server asks by the secret in its body whether a viewer may.
        "mayByMediaMtx",
    }
    asked = 0
    async with post.anonymous() as client:
        for path, methods in post.app.openapi()["paths"].items():
            for method, operation in methods.items():
                if operation["operationId"] in open_to_all:
                    continue
                url = path.removeprefix("/api/v1/")
                for name in ("sha256", "terminal_id", "vehicle_id", "fence_id", "username"):
                    url = url.replace(f"{{{name}}}", "0" * 64 if name == "sha256" else "HT-05")
                url = re.sub(r"\{\w+\}", incident_body()["id"], url)
                answer = await client.request(method, url, params={"lat_deg": 1, "lon_deg": 1})
                assert answer.status_code == 401, (method, path, answer.text)
                if method != "head":  # which has no body
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
    assert opened.status_code == (201 if role in INCIDENT_OPEN.roles else 403)
    audit = await client.get("audit")
    assert audit.status_code == (200 if role in AUDIT_READ.roles else 403)
    roster = await client.get("roster")
    assert roster.status_code == (200 if role in ROSTER_VIEW.roles | ROSTER_OWN.roles else 403)


async def test_a_guest_of_no_incident_sees_nothing(post: Post) -> None:
    await post.open_incident()
    async with post.anonymous() as client:
        client.headers["Authorization"] = f"Bearer {post.add_guest()}"
        assert (await client.get("session")).status_code == 200
        assert (await client.get("incidents")).json() == []
        assert (await client.get("tasks")).status_code == 403


def test_administrative_roles_are_apart() -> None:
    declared = {p for feature in FEATURES for p in feature.permissions}
    acting = {p for p in declared if not p.name.endswith((".view", ".own"))}
    acting -= {AUDIT_READ, VIEW}
    may = {role: {p.name for p in acting if role in p.roles} for role in Role}
    # To take a package out is to read it; only the taking goes on record.
    assert may[Role.AUDITOR] == {"incident.package", "live"}
    # Administrators keep accounts and registers; they neither command nor read the trail.
    administration = {USER_ADMIN, ACCOUNT_UNLOCK}
    assert may[Role.ADMIN] == {p.name for p in administration} | {
        "danger_zone.write",
        "inspection.setup",
        "law.sources",
        "law.write",
        "live",
        "register.write",
        "roster.write",
    }
    assert Role.ADMIN not in AUDIT_READ.roles


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaa", "xx-duty-xxxx1234", "long-enough-9 "]
)
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
