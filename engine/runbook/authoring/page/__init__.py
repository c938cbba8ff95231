"""Runbooks as pages for people: what stands on a page is decided once, and then drawn as Markdown, HTML or a flow.

Documents in, texts out: nothing here opens a file, reads a clock or knows a policy, so that a page that is checked in
can be compared with the one that would be written today.
"""
