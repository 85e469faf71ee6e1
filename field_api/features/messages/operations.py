"""Saying something in a channel, and saying how far one has read."""

from dataclasses import dataclass

from sqlmodel import func, select

from field_api.core.blobs.tables import attach
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.incidents.tables import Incident, IncidentState
from field_api.features.messages.messages import ReadMessages, SendMessage
from field_api.features.messages.permissions import MESSAGE_SEND, MESSAGE_VIEW
from field_api.features.messages.tables import Message, MessageMark, mark_id
from field_api.features.tasks.tables import Task

__all__ = ["READ", "SEND"]


@dataclass(frozen=True)
class _Channel:
    incident: Incident
    task: Task | None

    @property
    def terminal_id(self) -> str | None:
        return self.task.terminal_id if self.task is not None else None


def _channel(call: Call[SendMessage] | Call[ReadMessages]) -> _Channel:
    """Return the channel that a body names, if this person takes part in it.

    Raises:
        ApiError: 403 for an incident's channel without the right to read it, 404, or 422 where the
            task belongs to another incident.
    """
    change, body = call.change, call.body
    if body.task_id is None:
        if not call.who.may(MESSAGE_VIEW):
            raise refuse(403, "message_needs_task", field="task_id")
        return _Channel(change.get(Incident, body.incident_id, field="incident_id"), None)
    task = change.get(Task, body.task_id, field="task_id")
    if task.incident_id != body.incident_id:
        raise refuse(422, "task_of_another_incident", field="task_id")
    # Who holds the task takes part in it, wherever its incident lies.
    return _Channel(change.session.get_one(Incident, task.incident_id), task)


def _send(call: Call[SendMessage]) -> Message:
    """Say something; repeating the body is safe. What was said before the end may come after it."""
    change, body = call.change, call.body
    known = change.known(Message, body, body.id)
    if known is not None:
        return known
    if (body.lat_deg is None) != (body.lon_deg is None):
        raise refuse(422, "place_needs_both", field="lat_deg")
    if not (body.text or body.media or body.voice or body.lat_deg is not None):
        raise refuse(422, "message_empty", field="text")
    channel = _channel(call)
    incident = channel.incident
    if incident.state is not IncidentState.OPEN and body.t_ms > (incident.closed_ms or 0):
        raise refuse(409, "incident_closed")
    row = change.create(
        Message(
            **body.model_dump(exclude={"t_ms"}),
            area=incident.area,
            terminal_id=channel.terminal_id,
            said_ms=min(body.t_ms, change.t_ms),
            # No two at one time: of each a mark then says whether it was read.
            received_ms=max(change.t_ms, _newest_ms(change, incident.id) + 1),
            author_id=call.who.user_id,
            author=call.who.actor.name,
            author_terminal_id=call.who.viewer.terminal_id,
            request_sha256=digest(body),
        )
    )
    for sha256 in body.media:
        attach(change, sha256, "message", row.id, role="photo", t_ms=body.t_ms)
    if body.voice is not None:
        attach(change, body.voice, "message", row.id, role="voice", t_ms=body.t_ms)
    change.record(
        "message.sent",
        row.id,
        incident_id=incident.id,
        refs={"t_ms": str(body.t_ms), **({"task_id": row.task_id} if row.task_id else {})},
        text="message.sent_of_task" if channel.task else "message.sent",
        task=channel.task.title if channel.task else "",
        what=_said(row),
    )
    return row


def _newest_ms(change: Change, incident_id: str) -> int:
    """Return when the newest message of an incident came in, 0 before the first."""
    newest = select(func.max(Message.received_ms)).where(Message.incident_id == incident_id)
    return change.session.exec(newest).one() or 0


def _said(row: Message) -> Both:
    """Return a message in a line: its text, else what it is."""
    if row.text:
        return Both(row.text[:200], row.text[:200])
    kind = "voice" if row.voice else "picture" if row.media else "place"
    return both(f"words.message.{kind}")


def _read(call: Call[ReadMessages]) -> MessageMark:
    """Say how far one has read; a mark never goes back."""
    change, body = call.change, call.body
    channel = _channel(call)
    ident = mark_id(body.incident_id, body.task_id, call.who.user_id)
    row = change.session.get(MessageMark, ident)
    read_to_ms = min(body.read_to_ms, _newest_ms(change, body.incident_id))
    if row is not None and row.read_to_ms >= read_to_ms:
        change.repeated = True
        return row
    if row is None:
        row = change.create(
            MessageMark(
                id=ident,
                area=channel.incident.area,
                incident_id=channel.incident.id,
                task_id=body.task_id,
                terminal_id=channel.terminal_id,
                user_id=call.who.user_id,
                name=call.who.actor.name,
                read_to_ms=0,
                read_ms=0,
            )
        )
    else:
        change.put(row)
    row.read_to_ms, row.read_ms = read_to_ms, min(body.t_ms, change.t_ms)
    change.record("message.read", row.id, area=row.area, by=row.name, title=channel.incident.title)
    return row


SEND = Operation("message.send", MESSAGE_SEND, SendMessage, _send, makes=Message)
READ = Operation("message.read", MESSAGE_SEND, ReadMessages, _read)
