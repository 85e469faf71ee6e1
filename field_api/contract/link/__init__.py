"""The field link: nodes on bad networks, signed in at the command post.

`LinkClient` is what a node uses. `LinkNode` and `LinkServer` are the two ends without sockets,
`NodeJournal` is the node's memory on disk.
"""

from field_api.contract.link.backoff import Backoff
from field_api.contract.link.client import LinkClient
from field_api.contract.link.events import (
    Acknowledged,
    ClockMeasured,
    CommandReceived,
    CommandRefused,
    Durable,
    Latest,
    LinkError,
    NodeEvent,
    Refused,
    Rejected,
    ServerEvent,
    SignedIn,
    SignInRequested,
    Welcomed,
    WishReceived,
)
from field_api.contract.link.frames import CONTRACT_VERSION, MAX_FRAME_BYTES, HelloFrame
from field_api.contract.link.journal import (
    JournalError,
    MessageTooLargeError,
    NodeJournal,
    RejectedRecord,
)
from field_api.contract.link.node import LinkNode, LinkTimings, NodeIdentity
from field_api.contract.link.reconnect import Reconnecting
from field_api.contract.link.server import LinkServer, NotSignedInError
from field_api.contract.messages import DurableBody, LatestBody

__all__ = [
    "CONTRACT_VERSION",
    "MAX_FRAME_BYTES",
    "Acknowledged",
    "Backoff",
    "ClockMeasured",
    "CommandReceived",
    "CommandRefused",
    "Durable",
    "DurableBody",
    "HelloFrame",
    "JournalError",
    "Latest",
    "LatestBody",
    "LinkClient",
    "LinkError",
    "LinkNode",
    "LinkServer",
    "LinkTimings",
    "MessageTooLargeError",
    "NodeEvent",
    "NodeIdentity",
    "NodeJournal",
    "NotSignedInError",
    "Reconnecting",
    "Refused",
    "Rejected",
    "RejectedRecord",
    "ServerEvent",
    "SignInRequested",
    "SignedIn",
    "Welcomed",
    "WishReceived",
]
