"""YAML bytes to typed documents, and back to the place in the file that a message is about.

Takes bytes and tables, never paths; knows no kind, no clock and no server.
"""
