"""Fetches an RTSP address with GStreamer, by the system's Python; prints how many pictures came.

Arguments: address, pictures to wait for. Packages: python3-gi, gstreamer1.0-plugins-good.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402


def main() -> None:
    url, wanted = sys.argv[1], int(sys.argv[2])
    Gst.init(None)
    pipeline = Gst.parse_launch(
        f'rtspsrc location="{url}" protocols=tcp latency=0 ! rtph264depay '
        f"! video/x-h264,stream-format=byte-stream,alignment=au ! fakesink num-buffers={wanted} "
        "signal-handoffs=true name=sink"
    )
    came = []
    pipeline.get_by_name("sink").connect("handoff", lambda *_: came.append(1))
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(
        30 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR
    )
    if message is not None and message.type == Gst.MessageType.ERROR:
        print(message.parse_error(), file=sys.stderr)
    pipeline.set_state(Gst.State.NULL)
    print(len(came))


if __name__ == "__main__":
    main()
