"""Documents that the engine writes: of commands typed by hand, of Markdown, of what was done in a run.

Texts in, texts out: nothing here opens a file, asks anybody or runs anything.
"""
