"""What a schema cannot say of a document, a family of rules to each module.

A rule is a function from a `Checked` document to findings, listed in `document/checks.py`. It may rely on the
schema only as far as the model could be built: a kind or a signal that does not exist is another's finding.
"""
