import base64
import html
import itertools
import json
import re
import shlex
import time
import tracemalloc
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.core.masking import MASK, Masker

secrets = st.text(st.characters(exclude_characters="*", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=6)
plain = st.text(st.characters(exclude_characters="*", exclude_categories=("Cs",)), max_size=20)

# keys as they lie in files: several lines, of which some are too short to be told from ordinary text
lines = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="*", exclude_categories=("C", "Z"))
)
keys = st.lists(lines, min_size=2, max_size=6).map("\n".join).filter(lambda key: len("".join(key.split())) >= 6)

ENCODINGS = {
    "raw": lambda secret: secret,
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json, unicode": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "url": lambda secret: quote(secret, safe=""),
    "url, slashes": quote,
    "form": quote_plus,
    "url, lower case": lambda secret: re.sub("%..", lambda m: m[0].lower(), quote(secret, safe="")),
    "shell": lambda secret: shlex.quote(secret).strip("'"),
    "html": html.escape,
    "xml": lambda secret: html.escape(secret).replace("&#x27;", "&apos;"),
    "go's html": lambda secret: html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    "hex": lambda secret: secret.encode().hex(),
    "hex, upper case": lambda secret: secret.encode().hex().upper(),
    "url, javascript": lambda secret: quote(secret, safe="!'()*"),
    "json in json": lambda secret: json.dumps(json.dumps(secret))[3:-3],
    "json, upper case": lambda secret: re.sub(
        r"\\u[0-9a-f]{4}", lambda m: "\\u" + m[0][2:].upper(), json.dumps(secret)[1:-1]
    ),
    "double quotes": lambda secret: re.sub(r'([\\"$`])', r"\\\1", secret),
    "python": lambda secret: repr(secret)[1:-1],
    "python, both quotes": lambda secret: repr(secret + "'\"")[1:-4],
    "python bytes": lambda secret: repr(secret.encode())[2:-1],
}


@pytest.mark.fault(61)
@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None, max_examples=30)
@given(secret=secrets, before=plain, after=plain)
def test_no_form_of_a_secret_is_left(encoding, secret, before, after):
    """Whatever stands around it, an encoded secret is not in the output."""
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


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("postgresql://app:s3cret-w0rd@db/x", "password s3cret-w0rd is wrong"),
        ("postgresql://app:s3cret%2Fw0rd@db/x?user=a@b", "s3cret/w0rd, that is s3cret%2Fw0rd"),
        ("postgresql://app:s3cret/w0rd@db/x", 'invalid port "s3cret/w0rd"'),
        ("https://t0ken-of-mine@git.example.com/a", "t0ken-of-mine is revoked"),
        ("Bearer t0ken-of-mine", '{"token": "t0ken-of-mine"}'),
        ("Basic YXBwOnMzY3JldC13MHJk", "s3cret-w0rd"),
    ],
)
def test_a_password_within_a_secret_is_a_secret(secret, said):
    """A server that complains of a password cites it without the URL or the header that it came in."""
    masked = Masker([secret]).text(said)
    assert MASK in masked
    assert not re.search("s3cret|w0rd|t0ken", masked)


def test_the_rest_of_a_url_is_no_secret():
    """A log in which no host and no user could be read would be read by nobody."""
    masker = Masker(["postgresql://application:s3cret-w0rd@database-1.example.com/orders", "Bearer of bad news"])
    told = "application at database-1.example.com cannot connect to orders; bad news"
    assert masker.text(told) == told


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


@pytest.mark.fault(29, 61)
@settings(deadline=None)
@given(key=keys, other=plain, cuts=st.lists(st.integers(1, 400)), encoding=st.sampled_from(sorted(ENCODINGS)))
def test_no_line_of_a_key_is_left_however_it_is_encoded_and_cut(key, other, cuts, encoding):
    """Of a secret of several lines neither the whole nor a line is in any place that output goes to."""
    masker = Masker([key])
    parts = [ENCODINGS[encoding](part) for part in (key, *key.split("\n")) if len(part) >= 6]
    data = other.join(("", *parts, "")).encode()
    stream, edges = masker.stream(), sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    shown = b"".join(stream.feed(data[start:end]) for start, end in itertools.pairwise(edges)) + stream.close()
    assert shown == masker.bytes(data)
    assert masker.text(data.decode()).encode() == shown
    flat = shown.replace(b"\n", b"").replace(b"\r", b"")
    assert not any(part.encode().replace(b"\n", b"") in flat for part in parts)


@pytest.mark.fault(61)
@pytest.mark.parametrize("width", [20, 64, 76])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_what_was_wrapped_is_found(width, end):
    """`base64` breaks its lines; what stands on either side of a break is masked with it, and the rest stays."""
    secret = "correct horse battery staple, and a stapler that is red" * 3
    whole = base64.b64encode(b"user=" + secret.encode() + b";port=1")
    wrapped = end.join(whole[at : at + width] for at in range(0, len(whole), width))
    masker = Masker([secret])
    shown = masker.bytes(b"one\n" + wrapped + b"\nend\n")
    assert shown.replace(end, b"") == (b"one\n" + whole[:7] + b"***" + whole[226:] + b"\nend\n").replace(end, b"")
    stream = masker.stream()
    assert b"".join(map(stream.feed, wrapped.splitlines(keepends=True))) + stream.close() == masker.bytes(wrapped)


@pytest.mark.fault(61)
def test_a_secret_that_is_no_utf8_is_found_as_the_bytes_it_came_from():
    """The environment gives bytes that are no text as lone surrogates; a command prints the bytes."""
    raw = b"p\xffssw\xfcrd"
    masker = Masker([raw.decode("utf-8", "surrogateescape")])
    assert masker.bytes(b"is " + raw + b" and " + base64.b64encode(raw)[:10]) == b"is *** and ***"


@pytest.mark.fault(61)
def test_digits_of_a_secret_with_a_point_are_no_number():
    """A secret that reads as a decimal is masked as a number as well."""
    assert Masker(["1234.5678"]).value([1234.5678, 12.5]) == [MASK, 12.5]


@pytest.mark.fault(57, 61)
def test_fifty_secrets_cost_hardly_more_than_one_and_no_memory():
    """A MiB passes in one search however many secrets there are; of it no more is held than a chunk or two."""
    made = [base64.b64encode(f"{number} is the number of this token".encode()).decode() for number in range(50)]
    chunk = b"".join(b"connected to host %d in %d ms\n" % (at, at * 7) for at in range(1500))[: 32 * 1024]

    def passed(secrets):
        stream = Masker(secrets).stream()
        stream.feed(chunk)
        begun = time.process_time()
        for _ in range(32):
            assert stream.feed(chunk)
        return time.process_time() - begun

    one, fifty = (min(passed(secrets) for _ in range(3)) for secrets in (made[:1], made))
    assert fifty < 5 * one + 0.05
    tracemalloc.start()
    passed(made)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_secret_learnt_late_is_masked_from_then_on():
    """A stream that is open when a secret is resolved masks it from its next bytes."""
    masker = Masker(["first-secret"])
    stream = masker.stream()
    assert stream.feed(b"second-secret\n") == b"second-secret\n"
    masker.add("second-secret")
    assert stream.feed(b"first-secret second-secret\n") == b"*** ***\n"
