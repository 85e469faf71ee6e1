"""Streams in other sizes or codecs: made once per worker, while somebody watches them.

A rendition is a stream of the hub like any other. Its task takes the camera's packets as a viewer
of its own, so that a machine that can't keep up skips to key frames as slow lines do.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Literal

import structlog
from starlette.concurrency import run_in_threadpool

from field_api.links.video.hub import StreamInfo, VideoHub, VideoSource, Viewer
from field_api.links.video.transcoding import LOW, PLAYABLE, Made, Profile, Transcoder

__all__ = ["Renditions", "Size"]

log = structlog.get_logger(__name__)

Size = Literal["full", "low"]
LINGER_S = 5.0
"""A rendition goes on this long without viewers: somebody who turns the page comes back."""


@dataclass(eq=False)
class _Running:
    task: asyncio.Task[None]
    viewers: int = 0
    ending: asyncio.TimerHandle | None = None


@dataclass(eq=False)
class Watched:
    """A viewer and where it watches."""

    viewer: Viewer
    stream_id: str
    profile: Profile | None
    """None for the camera's own packets."""


@dataclass
class Renditions:
    """Between players and the hub. Lives on the event loop."""

    hub: VideoHub
    most: int
    _running: dict[str, _Running] = field(default_factory=dict[str, _Running])

    def join(self, stream_id: str, size: Size, *, browser: bool = True) -> Watched:
        """Add a viewer; a `browser` is given H.264 whatever the camera sends.

        Where no more can be made the camera's own packets are given.
        """
        profile = self._profile(stream_id, size, browser)
        if profile is not None and not self._begin(stream_id, profile):
            profile = None
        key = stream_id if profile is None else _key(stream_id, profile)
        return Watched(self.hub.join(key), stream_id, profile)

    def leave(self, watched: Watched) -> None:
        """Remove a viewer; what nobody watches any more ends a little later."""
        if watched.profile is None:
            self.hub.leave(watched.stream_id, watched.viewer)
            return
        key = _key(watched.stream_id, watched.profile)
        self.hub.leave(key, watched.viewer)
        running = self._running.get(key)
        if running is None:
            return
        running.viewers -= 1
        if running.viewers == 0:
            loop = asyncio.get_running_loop()
            running.ending = loop.call_later(LINGER_S, self._end, key, running)

    def made(self) -> list[str]:
        """The renditions that are made now."""
        return sorted(self._running)

    def close(self) -> None:
        """End them all."""
        for running in self._running.values():
            running.task.cancel()

    def _profile(self, stream_id: str, size: Size, browser: bool) -> Profile | None:
        info = self.hub.info(stream_id)
        if size == "low":
            return None if info is not None and info.width <= LOW.width_px and info.is_h264 else LOW
        return PLAYABLE if browser and info is not None and not info.is_h264 else None

    def _begin(self, stream_id: str, profile: Profile) -> bool:
        key = _key(stream_id, profile)
        running = self._running.get(key)
        if running is None:
            if len(self._running) >= self.most:
                log.warning("too_many_transcodes", stream=stream_id, most=self.most)
                return False
            task = asyncio.create_task(self._make(stream_id, profile))
            running = self._running[key] = _Running(task)
        if running.ending is not None:
            running.ending.cancel()
            running.ending = None
        running.viewers += 1
        return True

    def _end(self, key: str, running: _Running) -> None:
        if self._running.get(key) is running:
            del self._running[key]
            running.task.cancel()

    async def _make(self, stream_id: str, profile: Profile) -> None:
        camera = self.hub.join(stream_id, counted=False)
        transcoder: Transcoder | None = None
        published: tuple[StreamInfo, VideoSource] | None = None
        try:
            while True:
                await camera.wake.wait()
                camera.wake.clear()
                if camera.info is not None:
                    transcoder = Transcoder(profile, is_h264=camera.info.is_h264)
                    camera.info = None
                    self._unpublish(published)
                    published = None
                while transcoder is not None and (packet := camera.queue.take()) is not None:
                    for made in await run_in_threadpool(transcoder.take, packet):
                        published = self._published(stream_id, profile, made, published)
                        self.hub.put(published[1], made.packet)
        finally:
            self.hub.leave(stream_id, camera)
            self._unpublish(published)

    def _published(
        self,
        stream_id: str,
        profile: Profile,
        made: Made,
        before: tuple[StreamInfo, VideoSource] | None,
    ) -> tuple[StreamInfo, VideoSource]:
        info = StreamInfo(
            stream_id=stream_id, codec=made.codec, width=made.width_px, height=made.height_px
        )
        if before is not None and before[0] == info:
            return before
        return info, self.hub.publish(info, rendition=f"~{profile.name}")

    def _unpublish(self, published: tuple[StreamInfo, VideoSource] | None) -> None:
        if published is not None:
            self.hub.end(published[1])


def _key(stream_id: str, profile: Profile) -> str:
    return f"{stream_id}~{profile.name}"
