"""Output is kept whole up to a size, then by its ends, masked in whatever chunks it came."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.clients.outputs import Kept
from runbook.core.masking import Masker

SECRET = b"correct-horse-battery"


def chunks(data: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(at)]


@given(data=st.binary(max_size=100), cuts=st.lists(st.integers(0, 100), max_size=8))
def test_what_fits_is_kept_whole(data: bytes, cuts: list[int]) -> None:
    """Byte for byte, however it arrived."""
    kept = Kept(100, None)
    for chunk in chunks(data, cuts):
        kept.add(chunk)
    assert (kept.close(), kept.truncated, kept.total) == (data, False, len(data))


@pytest.mark.fault(57)
@given(data=st.binary(min_size=101, max_size=2000), cuts=st.lists(st.integers(0, 2000), max_size=8))
def test_what_does_not_fit_keeps_both_ends(data: bytes, cuts: list[int]) -> None:
    """What stands before and after the note is the beginning and the end, and the note counts the rest."""
    kept = Kept(100, None)
    for chunk in chunks(data, cuts):
        kept.add(chunk)
    text = kept.close()
    head, _, rest = text.rpartition(b"\n[... ")
    count, _, tail = rest.partition(b" bytes left out ...]\n")
    assert kept.truncated and kept.total == len(data)
    assert data.startswith(head) and data.endswith(tail)
    assert int(count) in (len(data) - len(head) - len(tail), len(data) - len(head) - len(tail) - 1)


@pytest.mark.fault(61)
@given(before=st.integers(0, 200), after=st.integers(0, 200), cuts=st.lists(st.integers(0, 500), max_size=8))
def test_a_secret_leaves_no_part_of_itself(before: int, after: int, cuts: list[int]) -> None:
    """Not over chunks, not at the cut between what is kept and what is not."""
    kept = Kept(100, Masker([SECRET.decode()]).stream())
    for chunk in chunks(b"." * before + SECRET + b"." * after, cuts):
        kept.add(chunk)
    text = re.sub(rb"\n\[\.\.\. \d+ bytes left out \.\.\.\]\n", b"", kept.close())
    assert not any(SECRET[at : at + 3] in text for at in range(len(SECRET) - 2))
