"""What must hold in the world before the night on which a runbook is needed: which checks a library calls for.

    documents, configuration, policy  →  checks, as data  →  (`hosts/doctor.py` asks)  →  what was told of each

Nothing here asks anything: no clock, no network, no file.
"""
