"""One style for documents: `tree` is what is formatted, `reading` makes it of a file, `printing` makes a file of it.

`document.formatted` is the door; it never gives a text that means something else.
"""
