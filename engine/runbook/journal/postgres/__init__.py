"""A store in a PostgreSQL database, in a schema of its own: any number of machines.

`line.py` is the connection and what becomes of a commit whose answer was lost, `tables.py` the schema and its
migrations, `claims.py` who runs which stream, `listening.py` how others' commits are noticed, `store.py` the port.
"""

from __future__ import annotations
