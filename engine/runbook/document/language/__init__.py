"""The expression language: Jinja2's grammar, an allow-list of nodes, our own evaluation.

    text ── shortcut ─┐
                      ├→ tree ── compiler ─→ a closure over the scope
    text ── jinja ────┘            └ values, filters: what the operations mean

Jinja's parser is borrowed, its runtime is not: no sandbox to escape from, no Python attributes, three-valued
logic. The rest of the engine uses `document.expressions` and `document.templates`, not these modules.
"""
