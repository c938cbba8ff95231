"""The measures of incidents and runs, drawn: text, JSON, CSV, OpenMetrics, SVG, and a page."""
