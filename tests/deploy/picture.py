"""The whole dashboard as one SVG, of what a Prometheus answers: there is no Grafana in Debian that could make a picture."""

import panels
import rule_file
from picture_panels import Box, escaped, graph, name_of, stat, table, timeline

COLUMN, LINE, GAP, POINTS = 45, 27, 4, 120
HEAD = 30
HUES = {"green": ("#1a7f37", "#3fb950"), "yellow": ("#9a6700", "#d29922"), "orange": ("#bc4c00", "#f0883e"), "red": ("#cf222e", "#f85149"),
        "blue": ("#0969da", "#58a6ff"), "purple": ("#8250df", "#bc8cff"), "text": ("#57606a", "#9da7b3")}
STYLE = """
  text { font: 11.5px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #57606a }
  .page { fill: #f6f8fa } .box { fill: #ffffff; stroke: #d0d7de }
  .title, .row, .head { font-weight: 600 } .title { fill: #1f2328 } .row { font-size: 13px; fill: #1f2328 }
  .value { font-size: 21px; font-weight: 600; fill: #1f2328 } .small-value { font-size: 13px; font-weight: 600; fill: #1f2328 }
  .tick { font-size: 10.5px } .grid { stroke: #8c959f; stroke-opacity: .25 } .line { fill: none; stroke-width: 1.6 }
  .area { fill-opacity: .3; stroke: none } .faint { fill-opacity: .28 }
"""
DARK = """
    text { fill: #9da7b3 } .page { fill: #0d1117 } .box { fill: #161b22; stroke: #30363d }
    .title, .row, .value, .small-value { fill: #e6edf3 }
"""


def colors(which):
    return "".join(f"  .line.{name} {{ stroke: {hues[which]} }} .fill.{name}, .area.{name}, .ink.{name} {{ fill: {hues[which]} }}\n"
                   for name, hues in HUES.items())


def asked(prometheus, target, when, seconds, there):
    """What the panel's query gives, over the time or at its end."""
    if rule_file.not_served(target["expr"], there):
        return []
    expression = panels.filled(target["expr"], span=f"{seconds}s")
    if target["instant"]:
        return prometheus.query(expression)
    return prometheus.query_range(expression, when - seconds, when, max(1, seconds / POINTS))


def fill(box, prometheus, when, seconds, there):
    """Draws the panel by its kind."""
    series = []
    for target in box.panel["targets"]:
        answer = asked(prometheus, target, when, seconds, there)
        series += answer if target["format"] == "table" else [(name_of(target["legendFormat"], labels), found) for labels, found in answer]
    kind = box.panel["type"]
    if kind == "stat":
        stat(box, series)
    elif kind == "table":
        table(box, series)
    elif kind == "timeseries":
        graph(box, series, when - seconds, when)
    else:
        timeline(box, series, when - seconds, when)


def draw(prometheus, when, seconds):
    """The dashboard over so many seconds before `when`."""
    there, parts, bottom = rule_file.served(), [], 0
    dashboard = panels.dashboard()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        left, top = place["x"] * COLUMN + GAP, place["y"] * LINE + GAP + HEAD
        width, height = place["w"] * COLUMN - GAP, place["h"] * LINE - GAP
        bottom = max(bottom, top + height)
        if panel["type"] == "row":
            parts.append(f'<text class="row" x="{left}" y="{top + 17}">{escaped(panel["title"])}</text>')
            continue
        box = Box(panel, left, top, width, height)
        fill(box, prometheus, when, seconds, there)
        parts += box.parts
    width, height = panels.COLUMNS * COLUMN + GAP, bottom + GAP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
            f'aria-label="The dashboard of hydra-clients over {seconds} seconds">\n<style>{STYLE}{colors(0)}'
            f'  @media (prefers-color-scheme: dark) {{{DARK}{colors(1)}  }}\n</style>\n<rect class="page" width="{width}" height="{height}"/>\n'
            f'<text class="row" x="{GAP + 2}" y="20">{escaped(dashboard["title"])}</text>\n' + "\n".join(parts) + "\n</svg>\n")
