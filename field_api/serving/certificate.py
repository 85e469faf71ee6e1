"""The certificate that is served with; a renewed one is taken without a restart."""

import ssl
from pathlib import Path

import structlog

__all__ = ["ServedCertificate"]

log = structlog.get_logger(__name__)


class ServedCertificate:
    """A certificate's files, and whether they changed since they were loaded."""

    def __init__(self, file: Path, key: Path) -> None:
        self.file = file
        self.key = key
        self._loaded = self._state()

    def _state(self) -> tuple[int, ...]:
        try:
            return tuple(part.stat().st_mtime_ns for part in (self.file, self.key))
        except OSError:
            return ()

    def load(self, context: ssl.SSLContext) -> None:
        """Put the certificate into a TLS context; connections made from now on get it.

        Raises:
            OSError: a file can't be read, is no PEM, or they don't belong together.
            ValueError: the key has a password.
        """

        def no_password() -> str:
            raise ValueError("the key has a password")

        context.load_cert_chain(self.file, self.key, no_password)

    def take_renewed(self, context: ssl.SSLContext) -> None:
        """Load the files again where they changed; what can't be used is said and not taken."""
        state = self._state()
        if not state or state == self._loaded:
            return
        self._loaded = state
        try:
            # Tried apart: half a pair in the live context would end every new connection.
            self.load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
            self.load(context)
        except (OSError, ValueError) as error:
            log.error("certificate_not_taken", file=str(self.file), error=str(error))
        else:
            log.info("certificate_renewed", file=str(self.file))
