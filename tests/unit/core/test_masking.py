import base64
import html
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.core.masking import MASK, Masker

secrets = st.text(st.characters(exclude_characters="*", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=6)
plain = st.text(st.characters(exclude_characters="*", exclude_categories=("Cs",)), max_size=20)

ENCODINGS = {
    "raw": lambda secret: secret,
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json, unicode": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "url": lambda secret: quote(secret, safe=""),
    "url, slashes": quote,
    "form": quote_plus,
    "url, lower case": lambda secret: "".join(f"%{byte:02x}" if byte > 127 else chr(byte) for byte in secret.encode()),
    "shell": lambda secret: shlex.quote(secret).strip("'"),
    "html": html.escape,
}


@pytest.mark.fault(61)
@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None)
@given(secret=secrets, before=plain, after=plain)
def test_no_form_of_a_secret_is_left(encoding, secret, before, after):
    """Whatever stands around it, an encoded secret is not in the output."""
    if encoding == "url, lower case" and not secret.isalnum():
        return
    encoded = ENCODINGS[encoding](secret)
    masked = Masker([secret]).text(before + encoded + after)
    assert encoded not in masked
    assert MASK in masked


@pytest.mark.fault(61)
@settings(deadline=None)
@given(secret=secrets, before=st.binary(max_size=10), after=st.binary(max_size=10))
def test_base64_of_something_with_the_secret_in_it_gives_nothing_away(secret, before, after):
    """At any alignment, and in both alphabets, the characters that only the secret decides are gone."""
    size = len(secret.encode())
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        whole = encode(before + secret.encode() + after)
        decided = whole[(len(before) * 8 + 5) // 6 : (len(before) + size) * 8 // 6]
        assert decided not in Masker([secret]).bytes(whole)


@pytest.mark.fault(61)
@settings(deadline=None)
@given(data=st.data(), secret=secrets)
def test_chunks_do_not_matter(data, secret):
    """Any cutting of an output into chunks gives what masking the whole gives."""
    pieces = data.draw(st.lists(plain | st.just(secret) | st.just(secret[:3]) | st.just(secret[3:])))
    whole = "".join(pieces).encode()
    masker = Masker([secret, "another-secret", "1234"])
    stream, at, shown = masker.stream(), 0, b""
    while at < len(whole):
        size = data.draw(st.integers(1, 9))
        shown += stream.feed(whole[at : at + size])
        at += size
    shown += stream.close()
    assert shown == masker.bytes(whole)
    assert secret.encode() not in shown


def test_what_cannot_become_a_secret_is_shown_at_once():
    """A live view does not wait for bytes that are already decided."""
    stream = Masker(["s3cr3t-token"]).stream()
    assert stream.feed(b"connecting\n") == b"connecting\n"
    assert stream.feed(b"token=s3cr") == b"token="
    assert stream.feed(b"am\n") == b"s3cram\n"


@pytest.mark.fault(29, 61)
def test_each_line_of_a_key_is_a_secret():
    """One line of a PEM key, printed alone, is masked; its frame, which every key has, is not."""
    masker = Masker(["-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"])
    assert masker.text("saw kqhkiG9w0BAQEF here") == "saw *** here"
    assert masker.text("-----BEGIN KEY-----") == "-----BEGIN KEY-----"


def test_leaves_of_a_structured_secret_are_secrets():
    """A password inside a JSON secret is masked where it stands alone, and so is a long number."""
    masker = Masker(['{"user": "ops", "password": "hunter2hunter2", "pin": [12345678]}'])
    assert masker.text("login hunter2hunter2") == "login ***"
    assert masker.value({"pin": 12345678, "n": 5}) == {"pin": MASK, "n": 5}


def test_secrets_that_overlap_leave_no_rest():
    """Where one secret begins inside another, both are covered."""
    assert Masker(["abcdefgh", "efghijkl"]).text("-abcdefghijkl-") == "-***-"


@pytest.mark.fault(29, 61)
@pytest.mark.parametrize("short", ["1234", "abc", "  x  "])
def test_a_short_secret_is_masked_only_as_a_whole(short):
    """It would tear holes into ordinary text; the warning says so."""
    masker = Masker()
    assert "fewer than 6" in str(masker.add(short))
    value = short.strip()
    assert masker.text(value) == MASK
    assert masker.text(f"{value}\n") == MASK
    assert masker.text(f"a{value}b") == f"a{value}b"
    stream = masker.stream()
    assert stream.feed(value.encode()) + stream.close() == MASK.encode()


@pytest.mark.fault(29)
def test_an_empty_secret_masks_nothing():
    """An empty environment variable must not turn every text into asterisks."""
    masker = Masker()
    assert "empty" in str(masker.add(" \n"))
    assert masker.value(["", "text", b"", None, True, 1.5]) == ["", "text", b"", None, True, 1.5]
