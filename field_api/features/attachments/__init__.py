"""Files that belong to records: pictures, voice, signatures."""

from field_api.core.feature import Feature, Timer
from field_api.features.attachments.permissions import MEDIA_OWN, MEDIA_VIEW, MEDIA_WRITE
from field_api.features.attachments.room import MediaRoom
from field_api.features.attachments.routes import router
from field_api.features.attachments.upload_routes import router as uploads
from field_api.features.attachments.uploads import UploadDesk

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="attachments",
    about="Files by hash, and resumable uploads",
    routers=(router, uploads),
    permissions=(MEDIA_VIEW, MEDIA_OWN, MEDIA_WRITE),
    timers=(
        Timer("unfinished uploads", 600.0, lambda ctx: ctx.part(UploadDesk).tidy()),
        Timer("room of files", 60.0, lambda ctx: ctx.part(MediaRoom).count()),
    ),
    parts=(UploadDesk, MediaRoom),
)
