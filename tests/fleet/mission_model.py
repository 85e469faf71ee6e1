"""How ArduCopter 4.5.7 takes and gives missions, as measured; storage of whole items only."""

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect

__all__ = ["ModelVehicle"]

ASK_AGAIN_S = 1.0
GIVE_UP_S = 8.0


class ModelVehicle:
    """Asks item by item, asks again every second, cancels after eight."""

    def __init__(self, mission_type: int = 0) -> None:
        self.items: list[Message] = []
        self._type = mission_type
        self._count: int | None = None
        """Of the upload under way."""
        self._next = 0
        self._asked_s = 0.0
        self._heard_s = 0.0

    def receive(self, message: Message, now_s: float) -> list[Message]:
        if getattr(message, "mission_type", self._type) != self._type:
            return []
        match message.get_type():
            case "MISSION_COUNT":
                del self.items[message.count :]
                if message.count == 0:
                    self._count = None
                    return [self._ack(dialect.MAV_MISSION_ACCEPTED)]
                self._count, self._next, self._heard_s = message.count, 0, now_s
                return self._ask(now_s)
            case "MISSION_ITEM_INT":
                return self._item(message, now_s)
            case "MISSION_CLEAR_ALL":
                self.items.clear()
                self._count = None
                return [self._ack(dialect.MAV_MISSION_ACCEPTED)]
            case "MISSION_REQUEST_LIST":
                if self._count is not None:
                    return [self._ack(dialect.MAV_MISSION_DENIED)]
                count = len(self.items)
                return [
                    dialect.MAVLink_mission_count_message(
                        GCS_SYSTEM, GCS_COMPONENT, count, self._type
                    )
                ]
            case "MISSION_REQUEST_INT":
                if message.seq >= len(self.items):
                    return [self._ack(dialect.MAV_MISSION_ERROR)]
                return [self._told(self.items[message.seq])]
            case _:
                return []

    def poll(self, now_s: float) -> list[Message]:
        if self._count is None:
            return []
        if now_s - self._heard_s >= GIVE_UP_S:
            self._count = None
            return [self._ack(dialect.MAV_MISSION_OPERATION_CANCELLED)]
        if now_s - self._asked_s >= ASK_AGAIN_S:
            return self._ask(now_s)
        return []

    def _item(self, message: Message, now_s: float) -> list[Message]:
        if self._count is None:
            return [self._ack(dialect.MAV_MISSION_ERROR)]
        if message.seq != self._next:
            return [self._ack(dialect.MAV_MISSION_INVALID_SEQUENCE)]
        self.items[self._next : self._next + 1] = [message]
        self._next += 1
        self._heard_s = now_s
        if self._next == self._count:
            self._count = None
            return [self._ack(dialect.MAV_MISSION_ACCEPTED)]
        return self._ask(now_s)

    def _ask(self, now_s: float) -> list[Message]:
        self._asked_s = now_s
        return [
            dialect.MAVLink_mission_request_message(
                GCS_SYSTEM, GCS_COMPONENT, self._next, self._type
            )
        ]

    def _ack(self, result: int) -> Message:
        return dialect.MAVLink_mission_ack_message(GCS_SYSTEM, GCS_COMPONENT, result, self._type)

    def _told(self, item: Message) -> Message:
        return dialect.MAVLink_mission_item_int_message(
            GCS_SYSTEM, GCS_COMPONENT, item.seq, item.frame, item.command, 0, item.autocontinue,
            item.param1, item.param2, item.param3, item.param4, item.x, item.y, item.z, self._type,
        )  # fmt: skip
