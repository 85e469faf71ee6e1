"""What is published: the name, codec and size of a stream."""

from pydantic import Field

from field_api.contract.messages import StreamId
from field_api.core.wire import Body

__all__ = ["StreamInfo"]


class StreamInfo(Body):
    """First message of `publish` and of `play`."""

    stream_id: StreamId
    codec: str = Field(pattern=r"^(avc1\.[0-9A-Fa-f]{6}|hvc1\.[0-9A-Za-z.]{1,40})$")
    """Name by RFC 6381: H.264, or H.265, which browsers are shown as H.264."""
    width: int = Field(ge=16, le=8192)
    height: int = Field(ge=16, le=8192)

    @property
    def is_h264(self) -> bool:
        """Whether browsers can play it as it comes."""
        return self.codec.startswith("avc1.")
