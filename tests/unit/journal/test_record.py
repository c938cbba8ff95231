import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.errors import StoreError
from runbook.journal.record import decode, genesis, seconds, stamp
from support.journals import Shelf, begun, in_memory


def test_the_format_is_the_documented_one():
    """Exactly these fields, as RFC 8785 bytes, hashed as they are stored."""
    (record,) = begun(in_memory()).read("run/1")
    assert record.bytes == (
        b'{"actor":{"id":"ana","kind":"person","subject":null,"via":"os"},"at":"2026-09-21T14:13:20.000000Z",'
        b'"data":{"runbook":"cache"},"epoch":1,"key":null,"prev":"' + genesis("run/1").encode() + b'","seq":0,'
        b'"stream":"run/1","type":"run.started","v":1}'
    )
    assert record.hash == hashlib.sha256(record.bytes).hexdigest()
    assert record.prev == hashlib.sha256(b"runbook-journal/v1\nrun/1").hexdigest()


@settings(deadline=None)
@given(st.integers(-(10**15), 10**16))
def test_times_survive(microseconds):
    """A stamp read back gives the same stamp, before 1970 and after 2038 too."""
    at = stamp(microseconds / 1_000_000)
    assert stamp(seconds(at)) == at
    assert len(at) == 27


@settings(deadline=None)
@given(st.integers(0, 4 * 10**15), st.integers(1, 10**6))  # until 2096 a float tells one microsecond from the next
def test_stamps_sort_as_text(microseconds, more):
    """Comparing two stamps needs no parsing."""
    assert stamp(microseconds / 1_000_000) < stamp((microseconds + more) / 1_000_000)


@pytest.mark.fault(89)
def test_a_record_of_a_newer_format_is_refused():
    """What this version does not know it does not guess at."""
    raw = json.dumps({**json.loads(Shelf().record({}).bytes), "v": 2}).encode()
    with pytest.raises(StoreError, match=r"format 2.*reads format 1"):
        decode(raw, None, {}.__getitem__)


@pytest.mark.fault(84)
@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"1", b"\xff", b'{"v":1}'])
def test_bytes_that_are_no_record_are_an_error(raw):
    """One kind of error, whatever the bytes."""
    with pytest.raises(ValueError, match="no record"):
        decode(raw, None, {}.__getitem__)
