"""Exit with 0 while the command post of this container answers."""

import os
import ssl
import sys
import urllib.request
from pathlib import Path

PORT = os.environ.get("XUNSHAN_PORT", "8600")
OWN = Path(os.environ.get("XUNSHAN_DATA_DIR", "/var/lib/xunshan")) / "tls" / "server.pem"
TLS = bool(os.environ.get("XUNSHAN_TLS_CERT_FILE")) or OWN.exists()


def main() -> int:
    """Ask the post over loopback."""
    # The certificate bears the name that people type, not 127.0.0.1; nobody stands between.
    unnamed = ssl.create_default_context()
    unnamed.check_hostname = False
    unnamed.verify_mode = ssl.CERT_NONE
    url = f"{'https' if TLS else 'http'}://127.0.0.1:{PORT}/api/v1/health"
    try:
        with urllib.request.urlopen(url, timeout=8, context=unnamed if TLS else None) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(f"{url}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
