"""The pure heart: what a run does, decided from records and nothing else.

Knows no clock, no file, no server and no kind. Time is the `at` of records; everything else is an argument.
Start reading at `procedure.py` (the runbook, interpreted) and `machine.py` (what drives it).
"""
