"""The hand-written part of each document's JSON Schema; kinds of steps are put in by `document/schema.py`.

Each module gives `frame()`: a JSON Schema 2020-12 with a description and examples on every key, since that is
what an editor shows. Objects are closed; branches are `if`/`then`, never `oneOf`, whose errors blame the whole.
"""
