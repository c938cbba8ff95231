"""A flow as a Mermaid graph, as GitHub and GitLab draw it in Markdown."""

from __future__ import annotations

from runbook.authoring.page.flow import Flow, Node

_ENTITIES = {
    "#": "#35;",
    '"': "#quot;",
    "<": "#lt;",
    ">": "#gt;",
    "`": "#96;",
    "&": "#amp;",
    "\\": "#92;",
    "|": "#124;",
}
_STYLES = {
    "start": "fill:#fff4e5,stroke:#b45309,color:#1f2328",
    "look": "fill:#eef4ff,stroke:#3b6fb6,color:#1f2328",
    "option": "fill:#ffffff,stroke:#57606a,color:#1f2328",
    "over": "fill:#ffffff,stroke:#57606a,color:#1f2328,stroke-dasharray:4 3",
    "verify": "fill:#eefaf1,stroke:#2f7d4f,color:#1f2328",
    "good": "fill:#2f7d4f,stroke:#2f7d4f,color:#ffffff",
    "bad": "fill:#fdecec,stroke:#b42318,color:#1f2328",
}


def mermaid(flow: Flow) -> str:
    """The graph, ending in a line end."""
    nodes = (*flow.main, *flow.side)
    lines = ["flowchart TD"]
    lines += [f"  {node.id}{_box(node)}:::{node.role}" for node in nodes]
    for edge in flow.edges:
        lines.append(f"  {edge.start} -->{f'|{_text(edge.label)}|' if edge.label else ''} {edge.end}")
    used = dict.fromkeys(node.role for node in nodes)
    lines += [f"  classDef {role} {_STYLES[role]}" for role in used]
    return "\n".join(lines) + "\n"


def _box(node: Node) -> str:
    gate = [f"gate: {node.gate}"] if node.gate else []
    words = "<br/>".join(_text(line) for line in (node.title, *node.lines, *gate))
    return f'(["{words}"])' if node.role in ("start", "good", "bad") else f'["{words}"]'


def _text(text: str) -> str:
    """Words that no grammar sees: everything that Mermaid or HTML would read is an entity."""
    return "".join(_ENTITIES.get(character, character) for character in " ".join(text.split()))
