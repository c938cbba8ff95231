import pytest

from runbook.core.ids import ulid


def test_ids_sort_by_time():
    """Whatever the random bytes say, a later millisecond gives a greater id."""
    assert ulid(1000.001, b"\xff" * 10) < ulid(1000.002, b"\x00" * 10)


def test_known_id():
    """The time part is that of the ULID specification's example, 2016-07-30T23:54:10.259Z."""
    assert ulid(1469922850.259, bytes(10)) == "01arz3ndek" + "0" * 16


@pytest.mark.fault(88)
@pytest.mark.parametrize("at", [-1.0, 0.0, 4102444800.0, 1e18])
def test_any_clock_gives_an_id(at):
    """A clock before 1970 or far off gives 26 characters of the alphabet, not an error."""
    made = ulid(at, b"0123456789")
    assert len(made) == 26
    assert set(made) <= set("0123456789abcdefghjkmnpqrstvwxyz")


def test_too_little_randomness_is_an_error():
    """An id that could repeat is not made."""
    with pytest.raises(ValueError, match="10 random bytes"):
        ulid(0.0, b"short")
