"""Who may watch video."""

from field_api.core.roles import STAFF, Permission

__all__ = ["VIDEO_VIEW"]

VIDEO_VIEW = Permission.of("video.view", *STAFF)
