"""Runbook Engine: runbooks as code that execute.

Nothing is imported here: `runbook --help` must start as fast as click does.
"""

__version__ = "0.1.0"
