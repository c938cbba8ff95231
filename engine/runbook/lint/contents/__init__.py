"""What the steps of a document contain, read for the rules that judge it: commands, PromQL, credentials, thresholds.

Nothing here finds anything; it says what a text is made of, and where it cannot tell, it says so.
"""
