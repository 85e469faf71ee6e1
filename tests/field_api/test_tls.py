"""The post's own certificate authority: good for the post alone, renewed while it serves."""

import asyncio
import datetime as dt
import re
import socket
import ssl
import stat
from collections.abc import Generator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from field_api.contract.link import LinkClient
from field_api.serving.authority import TlsFiles, fingerprint, renew
from field_api.serving.certificate import ServedCertificate
from field_api.settings import Settings
from tests.field_api.command_post import in_process
from tests.field_api.post import asgi_post
from tests.field_api.served import ServedPost, served
from tests.field_api.test_inbox import ignore


def init(data_dir: Path, *more: str) -> TlsFiles:
    made = in_process("tls", "init", "--name", "post.example", "--data-dir", data_dir, *more)
    assert made.exit_code == 0, made.output
    return TlsFiles(Settings(data_dir=data_dir).tls_dir)


def certificate(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[ServedPost, TlsFiles]]:
    """A server that speaks TLS with a certificate of its own authority."""
    data_dir = tmp_path_factory.mktemp("tls") / "data"
    files = init(data_dir)
    with served(data_dir) as post:
        yield post, files


def trusting(files: TlsFiles) -> httpx.Client:
    """A client that trusts the authority, and nothing else."""
    return httpx.Client(verify=ssl.create_default_context(cafile=files.authority), trust_env=False)


def test_who_trusts_the_authority_comes_in_and_nobody_else(
    running: tuple[ServedPost, TlsFiles],
) -> None:
    post, files = running
    url = f"https://127.0.0.1:{post.port}"
    assert url in post.said[0]
    with trusting(files) as client:
        answer = client.get(f"{url}/api/v1/health")
    assert answer.status_code == 200
    assert "strict-transport-security" in answer.headers
    with httpx.Client(trust_env=False) as stranger, pytest.raises(httpx.ConnectError):
        stranger.get(f"{url}/api/v1/health")


async def test_a_node_trusts_the_authority_by_its_environment(
    running: tuple[ServedPost, TlsFiles], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    post, files = running
    enrolled = in_process("admin", "enrol", "vision-1", "vision", "--data-dir", files.folder.parent)
    token = enrolled.stdout.strip()
    monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    url = f"wss://127.0.0.1:{post.port}/api/v1/link"
    client = LinkClient(url, "vision-1", "vision", token, tmp_path / "outbox", "1", ignore)
    connecting = asyncio.create_task(client.run())
    async with asyncio.timeout(60):
        await client.wait_connected()
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    client.close()


def test_handhelds_get_the_authority_and_what_to_compare(
    running: tuple[ServedPost, TlsFiles],
) -> None:
    post, files = running
    found = fingerprint(certificate(files.authority))
    shown = in_process("tls", "show", "--data-dir", files.folder.parent).output
    assert found in shown
    with trusting(files) as client:
        page = client.get(f"https://127.0.0.1:{post.port}/install-ca")
        (link,) = set(re.findall(r'href="([^"]+)"', page.text))
        file = client.get(f"https://127.0.0.1:{post.port}{link}")
    assert page.text.count(found) == 2
    for word in ("Android", "HarmonyOS", "Windows", "安卓", "鸿蒙", "指纹"):
        assert word in page.text
    assert file.content == files.authority.read_bytes()
    assert b"PRIVATE" not in file.content
    assert file.headers["content-type"].startswith("application/x-x509-ca-cert")


async def test_a_renewed_certificate_is_taken_while_serving(
    running: tuple[ServedPost, TlsFiles],
) -> None:
    post, files = running
    context = ssl.create_default_context(cafile=files.authority)

    async def serial() -> int:
        _, writer = await asyncio.open_connection("127.0.0.1", post.port, ssl=context)
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return x509.load_der_x509_certificate(shown).serial_number

    before = await serial()
    assert before == certificate(files.server).serial_number
    data_dir = files.folder.parent
    assert "long enough" in in_process("tls", "renew", "--data-dir", data_dir).output
    assert in_process("tls", "renew", "--force", "--data-dir", data_dir).exit_code == 0
    wanted = certificate(files.server).serial_number
    assert wanted != before
    async with asyncio.timeout(120):
        while await serial() != wanted:  # noqa: ASYNC110 - another process is asked
            await asyncio.sleep(0.2)


def test_the_end_of_the_certificate_is_told(running: tuple[ServedPost, TlsFiles]) -> None:
    post, files = running
    with trusting(files) as client:
        text = client.get(f"https://127.0.0.1:{post.port}/metrics").text
    (value,) = re.findall(r"^xunshan_certificate_ends_seconds (.+)$", text, re.MULTILINE)
    assert float(value) == certificate(files.server).not_valid_after_utc.timestamp()


def test_a_start_renews_what_ends_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = init(tmp_path / "data")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=100)
    before = certificate(files.server).serial_number
    assert renew(files, later - dt.timedelta(days=50)) is None
    assert certificate(files.server).serial_number == before
    assert renew(files, later) == certificate(files.server).not_valid_after_utc
    assert certificate(files.server).not_valid_after_utc > later + dt.timedelta(days=80)
    monkeypatch.setattr("field_api.serving.authority.RENEW_DAYS", 10_000)
    before = certificate(files.server).serial_number
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        started = in_process("serve", "--port", taken, "--data-dir", tmp_path / "data")
    assert "Can't listen" in started.output
    assert certificate(files.server).serial_number != before


def test_keys_are_the_owners_alone_and_the_certificate_is_short(tmp_path: Path) -> None:
    files = init(tmp_path, "--address", "192.168.1.10", "--name", "post.lan")
    for secret in (files.authority_key, files.server):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    server = certificate(files.server)
    assert server.not_valid_after_utc - dt.datetime.now(dt.UTC) < dt.timedelta(days=91)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"post.example", "post.lan", "localhost"}
    assert "192.168.1.10" in {str(a) for a in names.get_values_for_type(x509.IPAddress)}


def test_the_authority_is_good_for_the_posts_names_alone(tmp_path: Path) -> None:
    """Who steals its key can't read a handheld's bank: OpenSSL refuses what it signs for others."""
    files = init(tmp_path)
    authority = certificate(files.authority)
    stolen = serialization.load_pem_private_key(files.authority_key.read_bytes(), None)
    assert isinstance(stolen, ec.EllipticCurvePrivateKey)
    now = dt.datetime.now(dt.UTC)
    outcomes: dict[str, str] = {}
    for name in ("post.example", "bank.example"):
        key = ec.generate_private_key(ec.SECP256R1())
        forged = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(stolen, hashes.SHA256())
        )
        pem = tmp_path / f"{name}.pem"
        pem.write_bytes(
            forged.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        outcomes[name] = handshake(pem, files.authority, name)
    assert outcomes["post.example"] == "trusted"
    assert "permitted subtree" in outcomes["bank.example"]


def handshake(pem: Path, authority: Path, name: str) -> str:
    """Let two ends meet in memory; return what the client thinks of the server."""
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(pem)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = theirs.wrap_bio(to_server, to_client, server_side=True)
    ours = ssl.create_default_context(cafile=authority)
    client = ours.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(10):
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        else:
            return "trusted"
        try:
            server.do_handshake()
        except ssl.SSLWantReadError:
            continue
    raise AssertionError("the handshake did not end")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--name", "10.0.0.1"], "no host name"),
        (["--name", "two words"], "no host name"),
        (["--name", "post.example", "--address", "10.0.0"], "no IP address"),
    ],
)
def test_wrong_names_are_explained_and_nothing_is_made(
    tmp_path: Path, arguments: list[str], says: str
) -> None:
    result = in_process("tls", "init", *arguments, "--data-dir", tmp_path)
    assert result.exit_code == 2
    assert says in result.output
    assert not (tmp_path / "tls").exists()


def test_an_authority_is_not_replaced_by_mistake(tmp_path: Path) -> None:
    files = init(tmp_path)
    before = files.authority.read_bytes()
    again = in_process("tls", "init", "--name", "other.example", "--data-dir", tmp_path)
    assert again.exit_code == 2
    assert "tls renew" in again.output
    assert files.authority.read_bytes() == before
    missing = in_process("tls", "renew", "--data-dir", tmp_path / "elsewhere")
    assert missing.exit_code == 2
    assert "tls init" in missing.output


def test_a_certificate_that_can_not_be_served_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a.crt").write_text("no certificate")
    (tmp_path / "a.key").write_text("no key")
    data = ("--data-dir", tmp_path / "data")
    both = in_process(
        "serve", "--tls-cert", tmp_path / "a.crt", "--tls-key", tmp_path / "a.key", *data
    )
    assert both.exit_code == 2
    assert "a.crt" in both.output
    alone = in_process("serve", "--tls-cert", tmp_path / "a.crt", *data)
    assert alone.exit_code == 2
    assert "tls_key_file" in alone.output


def test_what_can_not_be_used_is_not_taken_for_a_renewed_one(tmp_path: Path) -> None:
    files = init(tmp_path)
    served_with = ServedCertificate(files.server, files.server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served_with.load(context)
    good = files.server.read_bytes()
    files.server.write_text("half a fi")
    served_with.take_renewed(context)
    (tmp_path / "good.pem").write_bytes(good)
    assert handshake(tmp_path / "good.pem", files.authority, "post.example") == "trusted"


async def test_without_an_authority_the_page_says_so(settings: Settings) -> None:
    async with asgi_post(settings) as post:
        transport = httpx.ASGITransport(post.app)
        async with httpx.AsyncClient(base_url="http://post.test", transport=transport) as client:
            page = await client.get("/install-ca")
            assert page.status_code == 404
            assert "没有自己的证书颁发机构" in page.text
            assert "no certificate authority of its own" in page.text
            assert (await client.get("/install-ca/xunshan-ca.crt")).status_code == 404
