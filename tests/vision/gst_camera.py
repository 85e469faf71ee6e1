"""A camera made of GStreamer's RTSP server: a program of others, with Digest passwords.

Runs under the system's Python (packages python3-gi, gir1.2-gst-rtsp-server-1.0,
gstreamer1.0-plugins-base, -good and -ugly). Arguments: user and password, none for a camera
that lets everybody in; `udp` for one that sends no packets by TCP. It prints its port, then
serves `/camera` until killed.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PIPELINE = (
    "( videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=25/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 "
    "! rtph264pay name=pay0 pt=96 )"
)


def main() -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(PIPELINE)
    factory.set_shared(True)
    if "udp" in sys.argv:
        factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP)
    if len(sys.argv) > 2:
        auth = GstRtspServer.RTSPAuth.new()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(sys.argv[1], sys.argv[2], named("watcher"))
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions.new()
        role = Gst.Structure.new_empty("watcher")
        role.set_value("media.factory.access", True)
        role.set_value("media.factory.construct", True)
        permissions.add_role_from_structure(role)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory("/camera", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def named(role: str) -> "GstRtspServer.RTSPToken":
    token = GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", role)
    return token


if __name__ == "__main__":
    main()
