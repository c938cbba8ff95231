"""What an editor is told while somebody types: where the cursor stands, what may stand there, what it means.

Text in, values out: `cursor` finds the place in a text that may be broken at that moment, `shape` what the schema says
of it, `offers` completions, `hints` hovers and ways to definitions. Nothing here knows the protocol or a file.
"""

from __future__ import annotations
