"""Who drives a procedure: `local` (threads, the real world), `rehearsal` (a scenario and a virtual clock).

Every host is the same loop, `driver.py`, with another clock and other hands.
"""
