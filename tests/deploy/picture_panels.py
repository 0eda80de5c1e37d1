"""A panel of the dashboard as SVG: what Grafana would show, drawn plainly. Colours and texts are those that the dashboard's
own file says."""

import math
import xml.sax.saxutils

PAD, TITLE, LEGEND, AXIS = 8, 22, 18, 54
LETTER, BOLD_LETTER = 6.1, 7.8  # the width of one, about
TICK = 44  # the least between two times of an axis
MOST_ROWS, MOST_LEGENDS = 9, 8
PALETTE = ["green", "blue", "orange", "purple", "yellow", "red", "text"]
UNITS = {"reqps": "/s", "cpm": "/min", "none": ""}
DURATIONS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"), (0.001, "ms"), (0.000001, "µs"))
SIZES = ((2 ** 30, "GiB"), (2 ** 20, "MiB"), (2 ** 10, "KiB"), (1, "B"))


def escaped(text):
    return xml.sax.saxutils.escape(text)


def scaled(value, steps):
    size, name = next((step for step in steps if value >= step[0]), steps[-1])
    return f"{value / size:.3g} {name}"


def in_unit(value, unit):
    """As a person reads it."""
    if value != value:
        return "NaN"
    if value == 0:
        return "0"
    if unit == "s":
        return scaled(value, DURATIONS)
    if unit == "bytes":
        return scaled(value, SIZES)
    if unit == "percentunit":
        return f"{value * 100:.3g}%"
    return (f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}") + UNITS[unit]


def mapping_of(mappings, value):
    """(text, colour) of a value that has a text of its own."""
    for mapping in mappings:
        if mapping["type"] == "special" and value != value:
            found = mapping["options"]["result"]
        else:
            key = value if isinstance(value, str) else f"{value:g}"
            found = mapping["options"].get(key) if mapping["type"] == "value" else None
        if found:
            return found["text"], found["color"]
    return None


def reading(panel, value):
    """(text, colour) of a value, by the panel's mappings and thresholds."""
    defaults = panel["fieldConfig"]["defaults"]
    steps = defaults.get("thresholds", {"steps": [{"color": "text", "value": None}]})["steps"]
    color = [step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]
    return mapping_of(defaults.get("mappings", []), value) or (in_unit(value, defaults["unit"]), color)


def name_of(legend, labels):
    for label, value in labels.items():
        legend = legend.replace("{{" + label + "}}", value)
    return legend


def override_of(panel, name, key):
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] == name:
            return next((item["value"] for item in override["properties"] if item["id"] == key), None)
    return None


class Box:
    """A panel's place, and what was drawn in it."""

    def __init__(self, panel, left, top, width, height):
        self.panel, self.left, self.top, self.width, self.height = panel, left, top, width, height
        self.parts = [f'<rect class="box" x="{left}" y="{top}" width="{width}" height="{height}" rx="3"/>']
        self.text(PAD, 16, panel["title"], "title")

    def text(self, x, y, text, kind="", anchor="start"):
        place = f'x="{self.left + x:.1f}" y="{self.top + y:.1f}" text-anchor="{anchor}"'
        self.parts.append(f'<text class="{kind}" {place}>{escaped(text)}</text>')

    def rect(self, x, y, width, height, color, kind="fill"):
        place = f'x="{self.left + x:.1f}" y="{self.top + y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}"'
        self.parts.append(f'<rect class="{kind} {color}" {place}/>')

    def path(self, points, color, closed=False):
        points = [point for before, point, after in zip([None, *points], points, [*points[1:], None])
                  if before is None or after is None or not before[1] == point[1] == after[1]]  # a level line needs its ends alone
        places = " ".join(f"{self.left + x:.1f},{self.top + y:.1f}" for x, y in points)
        self.parts.append(f'<{"polygon" if closed else "polyline"} class="{"area" if closed else "line"} {color}" points="{places}"/>')


def stat(box, series):
    """`series`: [(name, value)], one below the other."""
    series = series or [("", None)]
    height = (box.height - TITLE - PAD) / len(series)
    for number, (name, value) in enumerate(series):
        defaults = box.panel["fieldConfig"]["defaults"]
        text, color = (defaults.get("noValue", "no data"), "text") if value is None else reading(box.panel, value)
        if box.panel["options"]["textMode"] == "name":
            text, name = name or text, ""
        top = TITLE + number * height
        box.rect(PAD, top, box.width - 2 * PAD, height - 3, color, "fill faint")
        if len(series) == 1:
            box.text(box.width / 2, top + height / 2 + 6, text, "value", "middle")
        else:
            box.text(PAD + 6, top + height / 2 + 3, text, "small-value")
            if PAD + 6 + BOLD_LETTER * len(text) + LETTER * len(name) > box.width - PAD - 6:
                name = name.split(":")[0]  # without its port
            box.text(box.width - PAD - 6, top + height / 2 + 3, name, "tick", "end")


def cell(panel, column, value):
    """(text, colour) of a table's cell."""
    mapped = mapping_of(override_of(panel, column, "mappings") or [], value)
    unit = override_of(panel, column, "unit") or "none"
    return mapped or (value if isinstance(value, str) else in_unit(value, unit), "text")


def table(box, rows):
    """`rows`: [(labels, value)] of one query."""
    organized = next(step["options"] for step in box.panel["transformations"] if step["id"] == "organize")
    columns = sorted(organized["renameByName"], key=organized["indexByName"].get)
    cells = [[(organized["renameByName"][column], "head") for column in columns]]
    cells += [[cell(box.panel, column, value if column == "Value" else labels.get(column, "")) for column in columns]
              for labels, value in rows[:MOST_ROWS]]
    widths = [3 + max(len(line[number][0]) for line in cells) for number in range(len(columns))]
    for row, line in enumerate(cells):
        x = PAD
        for width, (text, color) in zip(widths, line):
            box.text(x, TITLE + 16 + row * 17, text, color if row == 0 else f"ink {color}")
            x += (box.width - 2 * PAD) * width / sum(widths)
    if not rows:
        box.text(box.width / 2, box.height / 2, box.panel["fieldConfig"]["defaults"].get("noValue", "no data"), "", "middle")


def step_of(most, unit):
    """Between two lines of a grid: a round number, of MiB where bytes are counted."""
    base = 2 ** 20 if unit == "bytes" and most >= 2 ** 20 else 1
    most /= base
    size = 10 ** math.floor(math.log10(most)) if most > 0 else 1
    return base * next(size * factor for factor in (0.2, 0.5, 1, 2, 5) if most / (size * factor) <= 5)


def frame(box, start, end, most, unit):
    """The axes; (x of a time, y of a value)."""
    bottom, top, right = box.height - LEGEND - 20, TITLE + 6, box.width - PAD
    step = step_of(most, unit)
    ceiling = step * max(1, math.ceil(most / step))
    for number in range(round(ceiling / step) + 1):
        y = bottom - (bottom - top) * number * step / ceiling
        level = f'y1="{box.top + y:.1f}" y2="{box.top + y:.1f}"'
        box.parts.append(f'<line class="grid" x1="{box.left + AXIS}" x2="{box.left + right:.1f}" {level}/>')
        box.text(AXIS - 5, y + 4, in_unit(number * step, unit), "tick", "end")
    parts = 4 if right - AXIS > 4 * TICK else 2
    for number in range(parts + 1):
        x = AXIS + (right - AXIS) * number / parts
        ago = (end - start) * (parts - number) / parts
        box.text(x, bottom + 13, f"−{ago:.0f} s" if ago else "now", "tick", "end" if number == parts else "middle")
    return (lambda when: AXIS + (right - AXIS) * (when - start) / (end - start)), (lambda value: bottom - (bottom - top) * value / ceiling)


def legends(box, names):
    x = PAD
    for name, color in names[:MOST_LEGENDS]:
        if x + 18 + LETTER * len(name) > box.width:
            box.text(x, box.height - 9, "…", "tick")
            break
        box.rect(x, box.height - 15, 10, 4, color)
        box.text(x + 14, box.height - 9, name, "tick")
        x += 26 + LETTER * len(name)


def stacked(series, times):
    """Each series on top of those before it."""
    floor, layers = dict.fromkeys(times, 0.0), []
    for name, points in series:
        values = dict(points)
        top = {when: floor[when] + values.get(when, 0.0) for when in times}
        layers.append((name, [(when, floor[when]) for when in times], [(when, top[when]) for when in times]))
        floor = top
    return layers


def graph(box, series, start, end):
    """`series`: [(name, [(time, value)])]."""
    series = [(name, [(when, value) for when, value in points if value == value]) for name, points in series]
    series = [(name, points) for name, points in series if points]
    times = sorted({when for _, points in series for when, _ in points})
    pile = box.panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    layers = stacked(series, times) if pile else []
    most = max((value for _, points in ([(name, top) for name, _, top in layers] or series) for _, value in points), default=1.0)
    x, y = frame(box, start, end, most, box.panel["fieldConfig"]["defaults"]["unit"])
    colors = [(name, (override_of(box.panel, name, "color") or {}).get("fixedColor", PALETTE[number % len(PALETTE)]))
              for number, (name, _) in enumerate(series)]
    for (_, color), (_, floor, top) in zip(colors, layers):
        box.path([(x(when), y(value)) for when, value in top] + [(x(when), y(value)) for when, value in reversed(floor)], color, closed=True)
    for (_, color), (_, points) in zip(colors, [(name, top) for name, _, top in layers] or series):
        box.path([(x(when), y(value)) for when, value in points], color)
    legends(box, colors)


def timeline(box, series, start, end):
    left, right = PAD + 84, box.width - PAD
    height = min(34, (box.height - TITLE - 30) / max(1, len(series)))
    for number, (name, points) in enumerate(series):
        top = TITLE + 8 + number * (height + 6)
        box.text(left - 6, top + height / 2 + 4, name, "tick", "end")
        points = [point for number, point in enumerate(points) if number == 0 or point[1] != points[number - 1][1]]  # where it changes
        for (when, value), (until, _) in zip(points, points[1:] + [(end, 0)]):
            place = left + (right - left) * (when - start) / (end - start)
            box.rect(place, top, (right - left) * (until - when) / (end - start) + 0.6, height, reading(box.panel, value)[1])
    box.text(left, box.height - 9, f"−{end - start:.0f} s", "tick")
    box.text(right, box.height - 9, "now", "tick", "end")
