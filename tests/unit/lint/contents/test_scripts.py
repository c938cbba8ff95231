"""Commands that are taken apart."""

from __future__ import annotations

import pytest

from runbook.lint.contents.scripts import calls, calls_of, code


@pytest.mark.parametrize(
    ("argv", "program", "offset"),
    [
        ("sudo -n -u app timeout -k 5 10 tail -f x", "tail", 8),
        ("env -i A=b C=d nice -n 5 df -h", "df", 7),
        ("A=b df", "df", 1),
        ("xargs -n 1 rm", "rm", 3),
        ("flock -w 5 /tmp/lock /usr/bin/df", "df", 4),
        ("nohup stdbuf -oL command df", "df", 4),
        ("df -h", "df", 0),
    ],
)
def test_what_only_passes_a_command_on_is_left_out(argv, program, offset):
    """And the place of what is run is kept."""
    [call] = calls(tuple(argv.split()))
    assert (call.program, call.offset) == (program, offset)
    assert call.bounded is ("timeout" in argv)


@pytest.mark.parametrize(
    ("argv", "programs"),
    [
        (["kubectl", "exec", "a", "--", "sh", "-c", "df | sort; top"], ["kubectl", "sh", "df", "sort", "top"]),
        (["docker", "exec", "-u", "app", "a", "df"], ["docker", "df"]),
        (["su", "-", "app", "-c", "df"], ["su", "df"]),
        (["bash", "-euo", "pipefail", "-c", "df"], ["bash", "df"]),
        (["bash", "-o", "pipefail", "-c", "df"], ["bash", "df"]),
        (["sh", "script.sh", "-c", "df"], ["sh"]),
        (["kubectl", "get", "--", "df"], ["kubectl"]),
        (["sudo"], ["sudo"]),
        (["env", "A=b"], ["env"]),
        ([""], []),
        (["timeout", "5"], ["timeout"]),
    ],
)
def test_what_runs_within_is_found_too(argv, programs):
    """Containers and shells; a wrapper without a command is one itself."""
    assert [call.program for call in calls(tuple(argv))] == programs


def test_a_script_is_cut_into_its_commands():
    """Comments, redirections and here-documents are none; what is said of each is where it stands."""
    text = """\
    set -e   # it's needed
    cat <<'END' > /tmp/a 2>&1
    rm -rf /
    END
    for host in a b; do
      ssh "$host" uptime || true
    done
    tail -f /tmp/a &
    df -P -- "$MOUNT" \\
      | awk 'NR == 2 { print $5 }'
    if ! grep -q x f; then echo no; fi
    """
    found = calls_of(text)
    assert [call.program for call in found] == ["set", "cat", "ssh", "true", "tail", "df", "awk", "grep", "echo"]
    assert [call.program for call in found if call.looped] == ["ssh", "true"]
    assert [call.program for call in found if call.feeds] == ["df"]
    assert [call.program for call in found if call.behind] == ["tail"]


@pytest.mark.parametrize("text", ["echo 'never closed", 'echo "', "a" * 20_000, "", "\n\n", "((", ";;"])
def test_what_cannot_be_read_has_no_calls(text):
    """A quote that is open, a program of its own size."""
    assert calls_of(text) == ()


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        ("sh -c x y", (2, "x")),
        ("bash -x -c x", (3, "x")),
        ("bash -lc x", (2, "x")),
        ("sh -c", None),
        ("bash file -c x", None),
        ("su app --command x", (3, "x")),
        ("grep -c x", None),
    ],
)
def test_the_word_that_a_shell_reads_as_code(argv, found):
    """The one behind its -c."""
    [call, *_] = calls(tuple(argv.split()))
    assert code(call) == found


@pytest.mark.parametrize(
    ("argv", "option", "there"),
    [
        ("tail -f a", "-f", True),
        ("tail -nf5 a", "-f", True),
        ("tail -5f a", "-f", True),
        ("tail --follow=name a", "--follow", True),
        ("kubectl logs --follow=false a", "--follow", False),
        ("tail -f.log", "-f", False),
        ("tail --fast a", "-f", False),
        ("tail a-f", "-f", False),
    ],
)
def test_options_are_found_alone_joined_and_with_a_value(argv, option, there):
    """And not within words."""
    [call] = calls(tuple(argv.split()))
    assert call.has(option) is there
