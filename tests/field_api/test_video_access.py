"""Who watches which picture: by role, area and incident."""

from typing import Any

from field_api.contract.ids import new_id
from field_api.contract.messages import SortieState
from field_api.core.access import Viewer
from field_api.core.roles import Role
from field_api.features.roster.tables import Vehicle
from field_api.links.video.access import may_watch
from tests.field_api.post import SMOKE, T0_MS, Post
from tests.field_api.test_flight_record import authorised, tell


def watches(post: Post, viewer: Viewer, stream_id: str, *, published: bool = True) -> bool:
    with post.services.store.read() as session:
        return may_watch(session, viewer, stream_id, published=published)


def stream_of(post: Post, sortie: dict[str, Any]) -> str:
    with post.services.store.read() as session:
        vehicle = session.get(Vehicle, sortie["vehicle_id"])
    assert vehicle is not None
    assert vehicle.stream_id is not None
    return vehicle.stream_id


async def test_a_handheld_watches_what_flies_for_the_incident_it_works_in(post: Post) -> None:
    sortie = await authorised(post)
    stream = stream_of(post, sortie)
    holder = Viewer(Role.INSPECTOR, terminal_id="HT-05")
    other = Viewer(Role.REPORTER, terminal_id="HT-11")
    assert not watches(post, holder, stream)
    commander = await post.sign_in("commander")
    incident = (await commander.get("incidents")).json()[0]["id"]
    place = {"lat_deg": SMOKE[0], "lon_deg": SMOKE[1]}
    body = {
        "id": new_id(),
        "incident_id": incident,
        "title": "核实",
        "terminal_id": "HT-05",
        **place,
    }
    task = (await commander.post("tasks", json=body)).json()
    # Its aircraft is on the ground: there is nothing to see that is its business.
    assert not watches(post, holder, stream)
    tell(post, sortie, SortieState.FLYING, T0_MS)
    assert watches(post, holder, stream)
    assert not watches(post, other, stream)
    assert not watches(post, holder, "XS-U4-cam")
    guest = Viewer(Role.GUEST, incident_id=incident)
    assert watches(post, guest, stream)
    assert not watches(post, Viewer(Role.GUEST, incident_id=new_id()), stream)
    handheld = await post.sign_in("ht-05")
    refused = {"id": new_id(), "to": "refused", "t_ms": T0_MS, "text": "车坏了"}
    answer = await handheld.post(f"tasks/{task['id']}/transitions", json=refused)
    assert answer.status_code == 200, answer.text
    assert not watches(post, holder, stream)
    assert watches(post, guest, stream)
    tell(post, sortie, SortieState.RETURNED, T0_MS + 1000)
    assert not watches(post, guest, stream)


async def test_staff_watch_their_areas(post: Post) -> None:
    with post.services.store.read() as session:
        vehicle = session.get(Vehicle, "XS-U1")
    assert vehicle is not None
    stream, area = str(vehicle.stream_id), vehicle.area
    assert watches(post, Viewer(Role.COMMANDER), stream)
    assert watches(post, Viewer(Role.PILOT, (area or "530112",)), stream)
    if area:
        assert not watches(post, Viewer(Role.PILOT, ("999999",)), stream)
    # What comes from no aircraft and no handheld is for those whose area is the district.
    assert watches(post, Viewer(Role.COMMANDER), "tower-cam")
    assert not watches(post, Viewer(Role.COMMANDER), "tower-cam", published=False)
    assert not watches(post, Viewer(Role.COMMANDER, ("530112001",)), "tower-cam")
    # A handheld's own camera is watched where it works.
    assert watches(post, Viewer(Role.DUTY_OFFICER), "HT-05-cam")
    assert not watches(post, Viewer(Role.DUTY_OFFICER), "HT-05-cam", published=False)


def test_every_role_is_meant(post: Post) -> None:
    """Nobody watches because nobody thought of them."""
    watching = {role for role in Role if watches(post, Viewer(role), "tower-cam")}
    assert watching == {
        Role.COMMANDER,
        Role.DUTY_OFFICER,
        Role.PILOT,
        Role.AUDITOR,
        Role.ADMIN,
    }
