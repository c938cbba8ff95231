"""A command of ours as another OS user: `python as_user.py USER [WORDS…]`, started by root.

The interpreter and the packages may lie in a folder that this user may not read, so everything is imported first, and
the user is changed then, for good, in a process of its own.
"""

from __future__ import annotations

import ast
import contextlib
import encodings
import os
import pkgutil
import pwd
import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

UNUSED = ("kubernetes", "prometheus_api_client", "promql_parser", "requests", "ruamel")


def imported() -> None:
    """Import every module of the engine, and what they import only when they need it, but for SDKs not used here."""
    spec = find_spec("runbook")
    assert spec is not None
    root = Path(str(spec.origin)).parent
    names = set()
    for path in root.rglob("*.py"):
        names.add(".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__"))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
                names.update(f"{node.module}.{alias.name}" for alias in node.names)
    names.update(f"encodings.{module.name}" for module in pkgutil.iter_modules(encodings.__path__))
    for name in sorted(name for name in names if not name.startswith(UNUSED)):
        with contextlib.suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import_module(name)


def become(name: str) -> None:
    """Be this user from now on, with a narrow umask, as people have."""
    user = pwd.getpwnam(name)
    group = Path.cwd().stat().st_gid  # the project's folder names the group that shares its store
    os.setgroups([group])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.umask(0o077)
    os.environ["USER"] = os.environ["LOGNAME"] = "root"  # what an environment says is nobody's identity


if __name__ == "__main__":
    imported()
    become(sys.argv[1])
    from runbook.cli import main

    main(sys.argv[2:])
