"""Other people's runbooks as drafts of ours: Markdown, CACAO 2.0, Rundeck jobs.

Texts in, drafts out. Nothing is dropped: what was not understood stands in the draft, and is listed (`Left`).
"""
