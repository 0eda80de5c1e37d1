"""What the Web Content Accessibility Guidelines (2.2, level AA) ask of a page, as far as it can be computed."""

# Every text that is seen, with its colour and what is painted below it: {text, size, bold, ratio}.
CONTRASTS = """
const parse = (colour) => {
  const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
  return [r, g, b, a];
};
const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
const ground = (at) => {
  const layers = [];
  for (let node = at; node; node = node.parentElement) {
    const style = getComputedStyle(node);
    if (Number(style.opacity) < 1) throw new Error('opacity on ' + node.outerHTML.slice(0, 80));
    const colour = parse(style.backgroundColor);
    layers.push(colour);
    if (colour[3] === 1) break;
  }
  return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
};
const luminance = (colour) => {
  const [r, g, b] = colour.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (a, b) => {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};
const found = [];
const note = (at, text, colour) => {
  const style = getComputedStyle(at);
  const below = ground(at);
  found.push({text: text.trim().slice(0, 60), size: parseFloat(style.fontSize), bold: Number(style.fontWeight) >= 700,
    ratio: ratio(over(parse(colour), below), below)});
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const at = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || at.closest('noscript') || !at.checkVisibility()) continue;
  note(at, texts.currentNode.data, getComputedStyle(at).color);
}
for (const input of document.querySelectorAll('input')) {
  if (input.checkVisibility()) note(input, input.placeholder || input.id, getComputedStyle(input, '::placeholder').color);
}
return found;
"""

# Every control, with the size of what can be hit.
TARGETS = """
return [...document.querySelectorAll('a[href], button, input, summary')].filter((at) => at.checkVisibility() && !at.matches('.skip'))
  .map((at) => ({name: at.textContent.trim() || at.id, inline: getComputedStyle(at).display === 'inline',
                 width: at.getBoundingClientRect().width, height: at.getBoundingClientRect().height}));
"""


def poor_contrasts(page):
    """SC 1.4.3: 4.5:1, and 3:1 for large text."""
    found = page.script(CONTRASTS)
    assert found, "no text on the page"
    least = lambda text: 3.0 if text["size"] >= 24 or (text["bold"] and text["size"] >= 18.66) else 4.5
    return [text for text in found if text["ratio"] < least(text)]


def tree(page):
    """What a screen reader is told: [(role, name, properties)], in the order of the page."""
    page.driver.execute_cdp_cmd("Accessibility.enable", {})
    nodes = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    told = []
    for node in nodes:
        if node.get("ignored"):
            continue
        properties = {entry["name"]: entry["value"].get("value") for entry in node.get("properties", [])}
        told.append((node["role"]["value"], node.get("name", {}).get("value", ""), properties))
    return told


def tab_stops(page, keys, most=60):
    """Presses Tab through the page: [(id or text, the width of the focus ring in px)]."""
    stops = []
    page.script("document.querySelector('.skip').focus({focusVisible: true})")
    for _ in range(most):
        at = page.script("""
          const at = document.activeElement;
          if (!at || at === document.body) return null;
          const style = getComputedStyle(at);
          return [at.id || at.textContent.trim() || at.tagName, style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)];""")
        if at is None or (stops and tuple(at) == stops[0]):
            break
        stops.append(tuple(at))
        page.press(keys.TAB)
    return stops
