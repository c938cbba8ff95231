"""What is run on the other side: small scripts for /bin/sh, which say on stderr where they are.

Each line of theirs begins with a word that was made up for this one call, so nothing else can be taken for it:

    WORD started GROUP BORN     the command is about to be started, as a process of this group
    WORD exit CODE              it ended by itself; what follows is of what it left running
    WORD refused WHY            it was not started: `again`, `state`, `folder`

So an exit code of the command is told from one of ssh, and a connection that broke from a command that failed.

A change also leaves a folder `/tmp/runbook-KEY`, made before the command is started: whoever makes it first decides.
The command is started by who made it, so never twice; `settle` makes it too where it is missing, so a start that was
cut off on its way cannot happen any more. It holds what became of the command (`group`, `exit`, `never`), and is left
where it is, because who has read it may die before that is written down; what is older than a week is swept by the
next change. Not in XDG_RUNTIME_DIR, which is emptied when a user's last session ends, be it by a broken connection.

sshd makes each session a session leader, and `exec` keeps its pid: so GROUP is `$$`. BORN tells it from a later one.
"""

from __future__ import annotations

import shlex
from typing import Final

_BORN: Final = (
    'born() { if [ -r "/proc/$1/stat" ]; then sed "s/.*) //" "/proc/$1/stat" | cut -d" " -f20; '
    'else ps -o lstart= -p "$1" 2>/dev/null | tr -s " " "_"; fi; }; '
)
_LIVES: Final = (  # a zombie is dead, and waits for an init that may never come to it in a container
    "lives() { if command -v ps >/dev/null 2>&1; then ps -A -o pgid= -o stat= | "
    "awk -v g=\"$1\" '$1 == g && $2 !~ /^Z/ { f = 1 } END { exit !f }'; "
    'else kill -s 0 -- "-$1" 2>/dev/null; fi; }; '
)
_BOOT: Final = (
    "boot() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || "
    "sysctl -n kern.boottime 2>/dev/null | tr -s ' ' '_'; }; "
)
_ENTER: Final = 'if [ -n "$1" ]; then cd -- "$1" 2>/dev/null || { echo "$w refused folder" >&2; exit 0; }; fi; shift; '
_START: Final = 'echo "$w started $$ $b" >&2; "$@"; c=$?; '

# WORD FOLDER ARGV…
READ: Final = f'{_BORN}w=$1; shift; b=$(born $$); {_ENTER}{_START}echo "$w exit $c" >&2; exit "$c"'

# WORD KEY FOLDER ARGV…
CHANGE: Final = (
    f"{_BORN}w=$1; d=/tmp/runbook-$2; shift 2; b=$(born $$); {_ENTER}"
    'm=$(umask); umask 077; if ! mkdir "$d" 2>/dev/null; then if [ -e "$d" ]; then echo "$w refused again" >&2; '
    'else echo "$w refused state" >&2; fi; exit 0; fi; '
    'find /tmp -maxdepth 1 -name "runbook-*" -user "$(id -u)" -mtime +7 -exec rm -rf {} + 2>/dev/null; '
    'echo "$$ $b" >"$d/group"; umask "$m"; '
    f'{_START}echo "$c" >"$d/exit"; echo "$w exit $c" >&2; exit "$c"'
)

# PROGRAM FOLDER: three lines, of which the last is empty where there is no such program
LOOK: Final = (
    f"{_BOOT}boot; date +%s; uname -sn; "
    'if [ -n "$2" ]; then cd -- "$2" 2>/dev/null || { echo "!folder"; exit 0; }; fi; '
    'if [ -n "$1" ]; then command -v -- "$1"; fi; exit 0'
)

# KEY BOOT SINCE: one word, and what belongs to it
SETTLE: Final = (
    f"{_BORN}{_LIVES}{_BOOT}umask 077; d=/tmp/runbook-$1; "
    'if [ ! -e "$d" ]; then n=$(date +%s); '
    'if [ -z "$2" ] || [ "$(boot)" != "$2" ]; then echo rebooted; '
    'elif [ "$((n - $3))" -gt 432000 ]; then echo old; '
    'elif mkdir "$d" 2>/dev/null; then : >"$d/never"; echo never; else echo unclear; fi; '
    'elif [ ! -O "$d" ]; then echo unclear; '
    'elif [ -e "$d/never" ]; then echo never; '
    'elif [ -s "$d/exit" ]; then echo "exit $(cat "$d/exit")"; '
    'elif [ -s "$d/group" ]; then read -r g b <"$d/group"; '
    'if ! lives "$g"; then echo gone; elif [ "$(born "$g")" = "$b" ]; then echo "running $g"; else echo "left $g"; fi; '
    "else echo unclear; fi"
)

# `kill -s NAME -- -GROUP` is the one form that every shell reads the same: dash takes no `--` after `-NAME`.
# GROUP BORN SECONDS: `ended`, `gone` where it was not there any more, or `alive`
END: Final = (
    f'{_BORN}{_LIVES}g=$1; [ "$(born "$g")" = "$2" ] || {{ echo gone; exit 0; }}; kill -s TERM -- "-$g" 2>/dev/null; '
    'n=$3; while [ "$n" -gt 0 ] && lives "$g"; do sleep 1; n=$((n - 1)); done; '
    'if lives "$g"; then kill -s KILL -- "-$g"; sleep 1; fi; '
    'if lives "$g"; then echo alive; else echo ended; fi'
)


def command(script: str, *arguments: str) -> str:
    """What the user's login shell is given: one script with arguments, each quoted whole."""
    return shlex.join(["exec", "/bin/sh", "-c", script, "runbook", *arguments])
