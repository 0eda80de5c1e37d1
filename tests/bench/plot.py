"""The plot of how cost grows, as an SVG that is readable on light and on dark."""

import math

WIDTH, HEIGHT = 860, 360
LEFT, RIGHT, TOP, BOTTOM = 62, 34, 54, 46
GAP = 96  # between the two panels
STYLE = """
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #57606a }
  .title { font-weight: 600; fill: #1f2328 }
  .grid { stroke: #8c959f; stroke-opacity: .3; stroke-width: 1 }
  .target { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 5 4 }
  .line { fill: none; stroke-width: 2.2; stroke-linejoin: round }
  .time { stroke: #0969da } .dot.time, .key.time { fill: #0969da }
  .ours { stroke: #1a7f37 } .dot.ours, .key.ours { fill: #1a7f37 }
  .hydra { stroke: #bc4c00 } .dot.hydra, .key.hydra { fill: #bc4c00 }
  .memory { stroke: #8250df } .dot.memory, .key.memory { fill: #8250df }
  .dot, .key { stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3 } .title { fill: #e6edf3 }
    .time { stroke: #58a6ff } .dot.time, .key.time { fill: #58a6ff }
    .ours { stroke: #3fb950 } .dot.ours, .key.ours { fill: #3fb950 }
    .hydra { stroke: #f0883e } .dot.hydra, .key.hydra { fill: #f0883e }
    .memory { stroke: #bc8cff } .dot.memory, .key.memory { fill: #bc8cff }
  }
"""


def decades(values):
    """The powers of ten that enclose the values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def count_label(power):
    return f"{10 ** power:,}"


def seconds_label(power):
    return f"{10 ** power:g} s" if power >= 0 else f"{10 ** (power + 3):g} ms" if power >= -3 else f"{10 ** (power + 6):g} µs"


def megabytes_label(power):
    return f"{10 ** power:,g} MB"


class Panel:
    """One diagram with a logarithmic scale on both axes."""

    def __init__(self, title, left, width, x_range, y_range, y_label):
        self.left, self.width, self.x_range, self.y_range = left, width, x_range, y_range
        self.parts = [f'<text class="title" x="{left}" y="20">{title}</text>']
        for power in range(x_range[0], x_range[1] + 1):
            self._vertical(power)
        for power in range(y_range[0], y_range[1] + 1):
            self._horizontal(power, y_label(power))
        self.parts.append(f'<text x="{left + width / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">clients, all in sync</text>')
        self.keys = left

    def x(self, power):
        return self.left + self.width * (power - self.x_range[0]) / (self.x_range[1] - self.x_range[0])

    def y(self, power):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (power - self.y_range[0]) / (self.y_range[1] - self.y_range[0])

    def _vertical(self, power):
        x = self.x(power)
        self.parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}"/>')
        self.parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{count_label(power)}</text>')

    def _horizontal(self, power, label):
        y = self.y(power)
        self.parts.append(f'<line class="grid" x1="{self.left}" y1="{y:.1f}" x2="{self.left + self.width}" y2="{y:.1f}"/>')
        self.parts.append(f'<text x="{self.left - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')

    def line(self, points, kind, name):
        """Points are pairs of positive figures; the name goes into the legend above the diagram."""
        places = [(self.x(math.log10(x)), self.y(math.log10(y))) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        self.parts.append(f'<polyline class="line {kind}" points="{path}"/>')
        self.parts += [f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.4"/>' for x, y in places]
        self.parts.append(f'<rect class="key {kind}" x="{self.keys}" y="33" width="14" height="4" rx="2"/>')
        self.parts.append(f'<text x="{self.keys + 19}" y="40">{name}</text>')
        self.keys += 40 + 7 * len(name)

    def mark(self, x, y, below):
        """A target: not above this, with so many. Its label stands below or above it, where the line is not."""
        place, height = self.x(math.log10(x)), self.y(math.log10(y))
        self.parts.append(f'<line class="target" x1="{place - 22:.1f}" y1="{height:.1f}" x2="{place + 22:.1f}" y2="{height:.1f}"/>')
        self.parts.append(f'<text x="{place + 24:.1f}" y="{height + (17 if below else -8):.1f}" text-anchor="end">≤ {y:g} MB</text>')


def growth_plot(points, memory_targets):
    """Of the points of the benchmark `scale`: dictionaries with clients, seconds, controller_cpu, hydra_cpu, memory."""
    counts = [point["clients"] for point in points]
    x_range = decades(counts)
    width = (WIDTH - LEFT - RIGHT - GAP) / 2
    lines = (("seconds", "time", "time"), ("controller_cpu", "ours", "CPU, controller"), ("hydra_cpu", "hydra", "CPU, Hydra"))
    cost = Panel("A cycle in sync", LEFT, width, x_range, decades([point[what] for point in points for what, _, _ in lines]), seconds_label)
    for what, kind, name in lines:
        cost.line([(point["clients"], point[what]) for point in points], kind, name)
    wanted = [(count, most) for count, most in memory_targets if count in counts]
    memory_range = decades([point["memory"] for point in points] + [most for _, most in wanted])
    memory = Panel("Peak memory of the controller", LEFT + width + GAP, width, x_range, memory_range, megabytes_label)
    memory.line([(point["clients"], point["memory"]) for point in points], "memory", "most in memory")
    for count, most in wanted:
        memory.mark(count, most, below=next(point["memory"] for point in points if point["clients"] == count) > most)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
            f'aria-label="How a cycle in sync and the memory grow with the number of clients">\n<style>{STYLE}</style>\n'
            + "\n".join(cost.parts + memory.parts) + "\n</svg>\n")
