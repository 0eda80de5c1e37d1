// The document is built from elements and text alone. The page's Content-Security-Policy has
// `require-trusted-types-for 'script'`, so the browser itself refuses to make markup of a text.

/// An element; children are elements or texts. An attribute that is false or null is left out.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== false && value !== null) made.setAttribute(attribute, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export const byId = (id) => document.getElementById(id);

/// Sets a text only where it differs: whoever has selected it, or listens to it, is not disturbed.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/// Makes the children of `parent` be these, and moves nothing that is in its place: focus and scrolling stay.
export function setChildren(parent, children) {
  const kept = new Set(children);
  for (const child of [...parent.childNodes]) {
    if (!kept.has(child)) child.remove();  // first, so that none of the others has to be moved for it
  }
  let place = parent.firstChild;
  for (const child of children) {
    if (child === place) {
      place = place.nextSibling;
    } else {
      parent.insertBefore(child, place);
    }
  }
}

/// A moment in time, shown as its distance from now and kept up to date by tickAges().
export function age(moment, inWords) {
  const time = element("time", {datetime: moment, title: new Date(moment).toLocaleString()});
  ages.set(time, {moment: Date.parse(moment), inWords});
  return time;
}

const ages = new Map();

/// Writes all ages anew; forgets those that are not on the page any more.
export function tickAges(now) {
  for (const [time, {moment, inWords}] of ages) {
    if (time.isConnected) {
      setText(time, inWords((moment - now) / 1000));
    } else {
      ages.delete(time);
    }
  }
}

/// Copies a text. Beyond localhost and https a browser has no clipboard to offer: there the text is selected and
/// copied the old way. False where neither works; then it is at least selected.
export async function copy(text, shown) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // not allowed here
    }
  }
  const field = element("textarea", {class: "unseen", readonly: true, "aria-hidden": "true"});
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) getSelection().selectAllChildren(shown);
  return copied;
}
