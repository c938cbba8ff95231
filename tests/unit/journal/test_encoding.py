import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runbook.core.masking import Masker
from runbook.journal import PayloadRef
from runbook.journal.canonical import canonical
from runbook.journal.record import LIMIT
from runbook.journal.storable import storable
from support.journals import Shelf, same, values

REFERENCE = {"payload": "sha256:" + "0" * 64, "size": 1, "media": "text/plain; charset=utf-8"}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_what_is_written_is_what_is_read(value):
    """Any data at all is written, in at most 16 KiB, and read back as its storable form."""
    record = Shelf().record({"value": value})
    assert same(record.data, storable({"value": value}, Masker()))
    assert len(record.bytes) <= LIMIT
    assert canonical(json.loads(record.bytes)) == record.bytes


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(), values), st.integers(0, 3))
def test_the_same_data_gives_the_same_bytes(data, rotation):
    """Which parts go out does not depend on the order of keys, nor on anything else."""
    names = list(data)
    turned = {name: data[name] for name in names[rotation:] + names[:rotation]}
    large = {"filler": ["x" * 3000] * 8}
    if storable(data, Masker()).keys() == storable(turned, Masker()).keys() == data.keys():
        first, second = Shelf().record({**data, **large}), Shelf().record({**large, **turned})
        assert first.bytes == second.bytes


@pytest.mark.fault(58)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**53, -(2**64), 1e20, "\ud800", b"\xff", b""])
def test_what_json_cannot_say_goes_beside(value):
    """The record holds a reference, the reader gets the value."""
    record = Shelf().record({"value": value})
    assert json.loads(record.bytes)["data"]["value"].keys() == {"payload", "size", "media"}
    assert same(record.data["value"], value)


def test_the_largest_leaf_goes_out_first():
    """A long output leaves the rest of its record readable."""
    data = {"result": {"status": "succeeded", "output": {"stdout": "y" * 20_000, "stderr": "warning"}}}
    shelf = Shelf()
    record = shelf.record(data)
    inside = json.loads(record.bytes)["data"]["result"]
    assert inside["status"] == "succeeded"
    assert inside["output"]["stderr"] == "warning"
    assert shelf.kept[inside["output"]["stdout"]["payload"]] == b"y" * 20_000
    assert record.data == data


def test_a_list_of_many_small_parts_goes_out_as_one():
    """Ten thousand rows are one payload, not ten thousand."""
    shelf = Shelf()
    data = {"status": "pass", "rows": [{"pod": f"api-{number}", "ready": True} for number in range(10_000)]}
    record = shelf.record(data)
    assert len(shelf.kept) == 1
    assert json.loads(record.bytes)["data"]["status"] == "pass"
    assert record.data == data


def test_data_of_many_small_keys_goes_out_whole():
    """Where no part is worth taking out, all of the data is."""
    data = {f"key-{number}": number for number in range(5_000)}
    assert Shelf().record(data).data == data


@pytest.mark.fault(60)
def test_data_cannot_pretend_to_be_a_reference():
    """What a server answers is never followed, at any depth, in the record or in a payload."""
    for data in (REFERENCE, {"a": REFERENCE}, {"a": [REFERENCE] * 200}, {"a": {**REFERENCE, "media": REFERENCE}}):
        assert same(Shelf().record(data).data, data)


def test_strangers_json_is_read_literally():
    """A reference inside of a payload that was handed in as JSON is just data."""
    shelf = Shelf()
    ref = shelf.put(json.dumps({"a": REFERENCE, "n": math.nan}).encode(), "application/json")
    assert same(shelf.record({"body": ref}).data, {"body": {"a": REFERENCE, "n": math.nan}})


@pytest.mark.parametrize(
    ("data", "media", "expected"),
    [
        (b"caf\xc3\xa9", "text/plain; charset=utf-8", "café"),
        (b"caf\xe9", "text/plain; charset=utf-8", b"caf\xe9"),
        (b"{not json", "application/json", b"{not json"),
        (b"\x89PNG", "image/png", b"\x89PNG"),
    ],
)
def test_a_payload_is_given_back_as_its_media_type_says(data, media, expected):
    """And as bytes, where it is not what it claims to be."""
    shelf = Shelf()
    assert shelf.record({"output": shelf.put(data, media)}).data == {"output": expected}


def test_a_large_payload_stays_a_reference():
    """A gigabyte of output does not come along with the record that names it."""
    shelf = Shelf()
    ref = shelf.put(b"x" * (2**20 + 1), "text/plain; charset=utf-8")
    assert shelf.record({"output": ref}).data == {"output": ref}
    assert isinstance(ref, PayloadRef)
