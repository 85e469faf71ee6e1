"""The audited path and the hash chain."""

import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import select

from field_api.core.audit.chain import (
    GENESIS,
    Entry,
    Words,
    canonical,
    entry_hash,
    first_fault,
    words_hash,
)
from field_api.core.audit.tables import AuditEntry
from field_api.core.audit.trail import verify_chain
from field_api.core.change import UnauditedChangeError
from field_api.features.incidents.tables import Incident
from field_api.settings import Settings
from tests.field_api.post import OPERATOR, Post

FIELDS = ("t_ms", "action", "subject", "incident_id", "words_sha256")
WORDS = ("actor", "actor_name", "source", "text_zh", "text_en")
Link = tuple[Entry, str, str, tuple[str, Words] | None]


def chain(length: int) -> list[Link]:
    entries: list[Link] = []
    prev_hash = GENESIS
    for seq in range(1, length + 1):
        words = Words("duty", "值班员", "::1", "做", "did", {"a": "1"})
        salt = f"salt-{seq}"
        entry = Entry(seq, 1000 + seq, "x.done", "1", None, words_hash(salt, words))
        hashed = entry_hash(prev_hash, entry)
        entries.append((entry, prev_hash, hashed, (salt, words)))
        prev_hash = hashed
    return entries


@given(st.integers(0, 30))
def test_untouched_chain_is_whole(length: int) -> None:
    assert first_fault(chain(length), frozenset()) is None


@given(st.integers(1, 20), st.data())
def test_any_changed_field_is_found_where_it_is(length: int, data: st.DataObject) -> None:
    entries = chain(length)
    index = data.draw(st.integers(0, length - 1))
    field = data.draw(st.sampled_from(FIELDS))
    entry, prev_hash, hashed, words = entries[index]
    value = 7 if field == "t_ms" else "forged"
    entries[index] = (replace(entry, **{field: value}), prev_hash, hashed, words)
    fault = first_fault(entries, frozenset())
    assert fault is not None
    assert fault.seq == index + 1


@given(st.integers(1, 20), st.data())
def test_any_changed_word_is_found_where_it_is(length: int, data: st.DataObject) -> None:
    entries = chain(length)
    index = data.draw(st.integers(0, length - 1))
    entry, prev_hash, hashed, known = entries[index]
    assert known is not None
    salt, words = known
    forged = replace(words, **{data.draw(st.sampled_from(WORDS)): "forged"})
    entries[index] = (entry, prev_hash, hashed, (salt, forged))
    fault = first_fault(entries, frozenset())
    assert fault is not None
    assert fault.seq == index + 1


@given(st.integers(1, 20), st.data())
def test_erased_words_leave_the_chain_whole_and_lost_ones_do_not(
    length: int, data: st.DataObject
) -> None:
    entries = chain(length)
    index = data.draw(st.integers(0, length - 1))
    entries[index] = (*entries[index][:3], None)
    assert first_fault(entries, frozenset({index + 1})) is None
    fault = first_fault(entries, frozenset())
    assert fault is not None
    assert fault.seq == index + 1


@given(st.integers(2, 20), st.data())
def test_a_rewritten_entry_breaks_the_next(length: int, data: st.DataObject) -> None:
    entries = chain(length)
    index = data.draw(st.integers(0, length - 2))
    entry, prev_hash, _, words = entries[index]
    forged = replace(entry, subject="somebody")
    entries[index] = (forged, prev_hash, entry_hash(prev_hash, forged), words)
    fault = first_fault(entries, frozenset())
    assert fault is not None
    assert fault.seq == index + 2


@given(st.integers(2, 20), st.data())
def test_a_removed_entry_is_missed(length: int, data: st.DataObject) -> None:
    entries = chain(length)
    index = data.draw(st.integers(0, length - 2))
    del entries[index]
    fault = first_fault(entries, frozenset())
    assert fault is not None
    assert fault.seq == index + 1


def test_canonical_json_has_one_form() -> None:
    assert canonical({"b": "山", "a": 1}) == canonical({"a": 1, "b": "山"}) == '{"a":1,"b":"山"}'


async def test_the_database_refuses_changes_to_the_trail(post: Post, settings: Settings) -> None:
    await post.open_incident()
    with sqlite3.connect(settings.database_file) as raw:
        for statement in (
            "UPDATE auditentry SET subject='x'",
            "UPDATE auditwords SET actor='x'",
            "DELETE FROM auditentry",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(statement)


async def test_tampering_with_the_file_is_found(post: Post, settings: Settings) -> None:
    await post.open_incident()
    auditor = await post.sign_in("auditor")
    before = (await auditor.get("audit/verify")).json()
    assert before["intact"]
    with sqlite3.connect(settings.database_file) as raw:
        raw.execute("DROP TRIGGER auditwords_no_update")
        raw.execute("UPDATE auditwords SET text_en='nothing happened' WHERE seq=3")
    after = (await auditor.get("audit/verify")).json()
    assert (after["intact"], after["broken_seq"]) == (False, 3)


async def test_a_cut_tail_is_found_by_the_noted_head(post: Post, settings: Settings) -> None:
    await post.open_incident()
    with post.services.store.read() as session:
        head = verify_chain(session).head
        assert verify_chain(session, head).intact
    with sqlite3.connect(settings.database_file) as raw:
        raw.execute("DROP TRIGGER auditentry_no_delete")
        raw.execute("DELETE FROM auditentry WHERE seq=(SELECT max(seq) FROM auditentry)")
    with post.services.store.read() as session:
        assert verify_chain(session).intact
        assert not verify_chain(session, head).intact


async def test_a_change_that_says_nothing_is_refused(post: Post) -> None:
    incident = await post.open_incident()
    store = post.services.store
    with pytest.raises(UnauditedChangeError), store.change(OPERATOR) as change:
        change.session.get_one(Incident, incident).title = "changed in silence"
    with store.read() as session:
        assert session.get_one(Incident, incident).title == "西坡冒烟"


async def test_a_change_past_put_is_refused_though_it_says_something(post: Post) -> None:
    incident = await post.open_incident()
    store = post.services.store

    def past_put() -> None:
        with store.change(OPERATOR) as change:
            change.session.get_one(Incident, incident).title = "changed past put"
            change.record("node.connected", "1", node="1")

    with pytest.raises(UnauditedChangeError):
        past_put()


async def test_a_failed_change_leaves_no_trace(post: Post) -> None:
    incident = await post.open_incident()
    store = post.services.store
    with store.read() as session:
        before = len(session.exec(select(AuditEntry)).all())

    def doubled() -> None:
        with store.change(OPERATOR) as change:
            change.record("node.connected", "1", node="1")
            row = change.session.get_one(Incident, incident)
            change.session.expunge(row)
            change.session.add(Incident(**row.model_dump()))

    with pytest.raises(IntegrityError):
        doubled()
    with store.read() as session:
        assert len(session.exec(select(AuditEntry)).all()) == before


async def test_reading_can_not_write(post: Post) -> None:
    incident = await post.open_incident()
    with post.services.store.read() as session:
        session.get_one(Incident, incident).title = "written by a reader"
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.flush()


async def test_trail_pages_back(post: Post) -> None:
    await post.open_incident()
    auditor = await post.sign_in("auditor")
    newest = (await auditor.get("audit", params={"limit": 3})).json()
    older = (
        await auditor.get("audit", params={"limit": 3, "before_seq": newest[-1]["seq"]})
    ).json()
    assert [entry["seq"] for entry in newest + older] == sorted(
        (entry["seq"] for entry in newest + older), reverse=True
    )
    assert newest[0]["source"]
