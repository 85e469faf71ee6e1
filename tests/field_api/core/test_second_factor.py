"""TOTP: RFC 6238's own figures, clocks that differ, and no code twice."""

from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.features.accounts import second_factor as totp

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_figures_of_rfc_6238(seconds: int, code: str) -> None:
    step = totp.verify(RFC_SECRET, code, seconds * 1000, last_step=None)
    assert step == seconds // 30


def test_a_code_works_once() -> None:
    step = totp.verify(RFC_SECRET, "287082", 59_000, last_step=None)
    assert step == 1
    assert totp.verify(RFC_SECRET, "287082", 59_000, last_step=step) is None
    assert totp.verify(RFC_SECRET, "287082", 61_000, last_step=step) is None


@pytest.mark.parametrize(
    ("late_ms", "window", "good"),
    [(30_000, 1, True), (30_000, 0, False), (61_000, 1, False), (-30_000, 1, True)],
)
def test_clocks_may_differ_by_the_window(late_ms: int, window: int, good: bool) -> None:
    step = totp.verify(RFC_SECRET, "287082", 45_000 + late_ms, last_step=None, window_steps=window)
    assert (step is not None) is good


@pytest.mark.parametrize("code", ["287 082", " 287082\n", "２８７０８２"])
def test_codes_as_people_type_them(code: str) -> None:
    assert totp.verify(RFC_SECRET, code, 59_000, last_step=None) == 1


@given(st.text(max_size=60), st.integers(0, 2**45))
def test_hostile_codes_are_only_wrong(code: str, now_ms: int) -> None:
    step = totp.verify(RFC_SECRET, code, now_ms, last_step=None)
    assert step is None or abs(step - now_ms // 30_000) <= 1


def test_secrets_are_fresh_and_checked() -> None:
    assert len({totp.new_secret() for _ in range(20)}) == 20
    assert len(totp.new_secret()) == 32
    for secret in ("", "A" * 16, "a" * 32, "1" * 32, "A" * 32 + "\n"):
        with pytest.raises(ValueError, match="base 32"):
            totp.verify(secret, "000000", 0, last_step=None)
    with pytest.raises(ValueError, match="negative"):
        totp.verify(RFC_SECRET, "000000", 0, last_step=None, window_steps=-1)


def test_the_address_for_the_program() -> None:
    uri = urlsplit(totp.otpauth_uri(RFC_SECRET, "王 commander&x=1"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Xunshan:王 commander&x=1"
    assert parse_qs(uri.query) == {"secret": [RFC_SECRET], "issuer": ["Xunshan"]}
    with pytest.raises(ValueError, match="username"):
        totp.otpauth_uri(RFC_SECRET, " ")


def test_the_qr_code_is_one_svg_element() -> None:
    svg = totp.qr_svg(totp.otpauth_uri(RFC_SECRET, "admin"))
    assert ElementTree.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert "<?xml" not in svg
    with pytest.raises(ValueError, match=r"."):
        totp.qr_svg("x" * 5000)
