"""`python -m runbook`: the command, where the interpreter is named and no script is on the PATH."""

from __future__ import annotations

from runbook.cli.main import main

if __name__ == "__main__":
    main()
