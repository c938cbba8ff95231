"""Incidents: what happened to users, as a stream of records, and everything that can be computed from it.

Nothing here knows a file, a clock or a network; records are read and written through the journal.
"""
