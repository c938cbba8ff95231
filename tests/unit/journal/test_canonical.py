import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runbook.journal.canonical import LARGEST, canonical

texts = st.text(st.characters(exclude_categories=("Cs",)))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-1e-4, 1e-4)
    | texts
)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner))


@settings(deadline=None)
@given(values)
@example({"\U0001f600": 1, "\ufb33": 2, "€": 3})
@example([1e16, 12.0, -0.0, 1e21, 1e-6, 1e-7, 0.1, 5e-324, 1.7976931348623157e308, 333333333.33333329])
@example("".join(map(chr, range(0x100))) + "\u2028\u2029/\x7f")
def test_bytes_are_those_of_the_reference(value):
    """The fast way and the slow way write what the reference implementation of RFC 8785 writes."""
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {"\udfff": 1}])
def test_what_cannot_be_said_is_an_error(value):
    """Nothing is written in a way that would be read as something else."""
    with pytest.raises(ValueError, match=r".+"):
        canonical([value])


def test_the_fast_way_does_not_import_the_reference(run_python):
    """Start-up does not pay for a package that ordinary records do not need."""
    assert (
        run_python(
            "import sys; from runbook.journal.canonical import canonical; "
            "canonical({'at': '2026', 'n': [1, 2.5, None]}); print('rfc8785' in sys.modules)"
        )
        == "False"
    )
