"""The mission protocol in one place: upload, download, clear, compare, and all of it together.

https://mavlink.io/en/services/mission.html. `mission_type` says what is carried: 0 a mission,
1 a fence, 2 rally points; each is transferred independently of the others.
"""

from fleet.protocol.mission_clear import MissionClear
from fleet.protocol.mission_compare import first_difference
from fleet.protocol.mission_download import MissionDownload
from fleet.protocol.mission_upload import MissionUpload
from fleet.protocol.mission_write import MissionWrite
from fleet.protocol.transfer import Transfer, TransferDone, TransferEvent, TransferFailed

__all__ = [
    "MissionClear",
    "MissionDownload",
    "MissionUpload",
    "MissionWrite",
    "Transfer",
    "TransferDone",
    "TransferEvent",
    "TransferFailed",
    "first_difference",
]
