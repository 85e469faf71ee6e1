"""What registers found wrong in the core."""

import pytest
from sqlmodel import Session, col, select

from field_api.contract.scenario import load_scenario
from field_api.core.change import Change
from field_api.core.history import RecordHistory
from field_api.core.registers.cells import CellError, convert_cell
from field_api.core.registers.columns import Column, ColumnKind
from field_api.features.roster.scenario import seed_roster
from field_api.features.roster.tables import Team
from tests.field_api.post import OPERATOR, Post, incident_body


async def test_an_unknown_area_is_refused_and_no_server_error(post: Post) -> None:
    """The value called `code` met the parameter of that name in `refuse`."""
    answer = await (await post.sign_in("duty")).post("incidents", json=incident_body(area="999999"))
    assert answer.status_code == 422
    assert answer.json()["detail"]["code"] == "unknown_area"
    assert "999999" in answer.json()["detail"]["text_zh"]


def _versions(session: Session) -> list[tuple[int, str]]:
    query = select(RecordHistory).where(
        RecordHistory.topic == "register.teams", RecordHistory.record_id == "T3"
    )
    return [
        (line.version, line.op) for line in session.exec(query.order_by(col(RecordHistory.version)))
    ]


async def test_a_record_made_again_goes_on_from_its_tombstone(post: Post) -> None:
    """It began at version 1 again: its history had that version, and clients a newer one."""
    store = post.services.store
    scenario = load_scenario(post.services.settings.data_dir / "scenario.json")
    without = scenario.model_copy(update={"teams": []})
    for wanted in (without, scenario):
        with store.change(OPERATOR) as change:
            seed_roster(change, wanted)
    with store.read() as session:
        assert session.get_one(Team, "T3").version == 3
        assert _versions(session) == [(1, "put"), (2, "remove"), (3, "put")]


async def test_a_flush_looks_at_what_is_dirty_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`Session.dirty` is a list made anew: asked once per row, a file of 50,000 took hours."""
    looks = 0
    dirty = Session.dirty

    def counted(session: Session) -> object:
        nonlocal looks
        looks += 1
        return dirty.__get__(session)

    monkeypatch.setattr(Session, "dirty", property(counted))
    with post.services.store.change(OPERATOR) as change:
        assert isinstance(change, Change)
        for number in range(200):
            change.create(Team(id=f"N{number}", name="x", name_en="x", people=1, station=""))
        change.record("roster.seeded", "x", id="x", title="x")
    assert 0 < looks < 20


@pytest.mark.parametrize("text", ["a\ufffe", "\uffff"])
def test_no_characters_that_a_workbook_can_not_hold(text: str) -> None:
    with pytest.raises(CellError):
        convert_cell(Column("x", ColumnKind.TEXT, "标题", "title"), text)
