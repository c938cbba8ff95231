"""Who may do what, and within which limits: pure functions over the Policy document and the facts handed in.

Nothing here reads a clock, a file or the journal; `identity.py` alone asks the operating system who we are. A
question is answered with None for yes, or with the sentence that says why not.
"""
