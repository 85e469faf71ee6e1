"""Files of parameters: what ground stations write is read, what is wrong is told by its line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mission_plans.formats.parameter_file import (
    ParameterFileError,
    as_float32,
    read_parameters,
    write_parameters,
)

names = st.from_regex(r"[A-Z][A-Z0-9_]{0,15}", fullmatch=True)
values = st.floats(width=32, allow_nan=False, allow_infinity=False)


@example({"A": 3.4025001647762064e38}, "")
@given(st.dictionaries(names, values, max_size=40), st.text(max_size=40))
def test_what_was_written_is_read_again_exactly(kept: dict[str, float], title: str) -> None:
    assert read_parameters(write_parameters(kept, title)) == {
        name: as_float32(value) for name, value in kept.items()
    }


def test_files_of_other_programs_are_read() -> None:
    mavproxy = b"FRAME_TYPE\t0\nFS_THR_ENABLE   1\n# a comment\n\nATC_RAT_YAW_I 0.02 # why\n"
    assert read_parameters(mavproxy) == {
        "FRAME_TYPE": 0.0,
        "FS_THR_ENABLE": 1.0,
        "ATC_RAT_YAW_I": as_float32(0.02),
    }
    planner = "\ufeff#NOTE: 2026\r\nACRO_BAL_PITCH,1\r\nRTL_ALT,-1.5e3\r\n".encode()
    assert read_parameters(planner) == {"ACRO_BAL_PITCH": 1.0, "RTL_ALT": -1_500.0}
    qgc = b"# Vehicle-Id Component-Id Name Value Type\n1\t1\tBATT_MONITOR\t4\t2\n"
    assert read_parameters(qgc) == {"BATT_MONITOR": 4.0}
    assert read_parameters(b"BRD_SERIAL_NUM 7 @READONLY") == {"BRD_SERIAL_NUM": 7.0}
    assert read_parameters(b"") == {}
    assert read_parameters(b"A 1\nA 1.0\n") == {"A": 1.0}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"A 1\nB\n", "line 2: a name and a value"),
        (b"A 1\nB one\n", "line 2: 'one' is no number"),
        (b"A nan\n", "line 1: 'nan' is no number"),
        (b"A 1e99\n", "line 1: 1e\\+99 is too large"),
        (b"A 1\n\n1B 2\n", "line 3: '1B' is no parameter name"),
        (b"A_NAME_OF_17_CHARS 2\n", "line 1: 'A_NAME_OF_17_CHARS' is no parameter name"),
        (b"A 1\nA 2\n", "line 2: A stands in line 1 with another value"),
        (b"A 1\n\xff\xfe 2\n", "line 2: this is no UTF-8"),
        ("A ٣\n".encode(), "line 1: .* is no number"),
        (b"A 1 2 3\n", "line 1: a name and a value"),
        (b"x" * 2_000_001, "at most"),
        (b"\n".join(b"P%d 1" % i for i in range(10_001)), "line 10001: more than"),
    ],
)
def test_a_bad_line_is_named(data: bytes, says: str) -> None:
    with pytest.raises(ParameterFileError, match=says):
        read_parameters(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read = read_parameters(data)
    except ParameterFileError:
        return
    assert read_parameters(write_parameters(read)) == read


@pytest.mark.parametrize("kept", [{"": 1.0}, {"A B": 1.0}, {"A": float("inf")}, {"A\n": 1.0}])
def test_what_no_vehicle_can_have_is_not_written(kept: dict[str, float]) -> None:
    with pytest.raises(ParameterFileError):
        write_parameters(kept)
