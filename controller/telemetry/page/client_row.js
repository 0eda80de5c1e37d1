// One client of the list: its row, and what is below it when it is opened.

import {age, copy, element, setText} from "./dom.js";
import {asSentence, enumeration, mainPlace, nextTry, place, reason, TROUBLES, until, visible} from "./words.js";

const COPIED_FOR_MS = 2000;

let rows = 0;

export class ClientRow {
  #client = null;
  #shown = "";  // what was drawn last
  #next = "";
  #detail = null;

  /// `toggled` is called when somebody opens or closes it.
  constructor(toggled) {
    const id = `client-${++rows}`;
    this.open = false;
    this.name = element("bdi", {class: "id"});
    this.button = element("button", {type: "button", class: "toggle", "aria-expanded": "false"}, this.name);
    this.places = element("span", {class: "place"});
    this.badge = element("span", {class: "badge"});
    this.reason = element("p", {class: "why"});
    this.next = element("span");
    this.row = element("tr", {role: "row", class: "client"},
      element("th", {role: "rowheader", scope: "row"}, this.button, this.places),
      element("td", {role: "cell"}, this.badge),
      element("td", {role: "cell", class: "reason"}, this.reason),
      element("td", {role: "cell", class: "next"}, element("span", {class: "narrow"}, "Next try: "), this.next));
    this.panel = element("td", {role: "cell", colspan: "4", id});
    this.below = element("tr", {role: "row", class: "detail"}, this.panel);
    this.button.setAttribute("aria-controls", id);
    this.button.addEventListener("click", () => {
      this.setOpen(!this.open);
      toggled();
    });
  }

  /// The rows of the table that it takes up now.
  get elements() {
    return this.open ? [this.row, this.below] : [this.row];
  }

  get isOpen() {
    return this.open;
  }

  setOpen(open) {
    this.open = open;
    this.button.setAttribute("aria-expanded", String(open));
    this.row.classList.toggle("open", open);
    if (open) this.#drawDetail();
  }

  /// Shows what is known of it now; draws only what changed.
  update(client, status) {
    this.#client = client;
    const shown = JSON.stringify(client);
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#draw();
      if (this.open) this.#drawDetail();
    }
    this.#drawNext(nextTry(client, status));
  }

  /// It is not on the list any more, and somebody still reads it.
  heal() {
    this.#shown = "";
    this.row.dataset.outcome = "in_sync";
    setText(this.badge, "no longer");
    setText(this.reason, "Not among the clients that are not in sync any more.");
    this.#drawNext({text: "–"});
  }

  #draw() {
    const client = this.#client;
    this.row.dataset.outcome = client.outcome;
    setText(this.name, client.client_id ? visible(client.client_id) : "without a client_id");
    const others = client.places.length - 1;
    this.places.replaceChildren(...breakable(visible(mainPlace(client))), others > 0 ? ` and ${others} more` : "");
    setText(this.badge, client.outcome);
    setText(this.reason, visible(reason(client)));
  }

  #drawNext(next) {
    const drawn = next.at ?? next.text;
    if (drawn === this.#next) return;
    this.#next = drawn;
    this.next.replaceChildren(next.at ? age(next.at, until) : next.text);
  }

  #drawDetail() {
    const drawn = JSON.stringify(this.#client);
    if (drawn === this.#detail) return;
    this.#detail = drawn;
    this.panel.replaceChildren(element("div", {class: "panel"}, ...detailsOf(this.#client)));
  }
}

function detailsOf(client) {
  const parts = [element("p", {class: "meaning"}, TROUBLES[client.outcome] ?? "")];
  if (client.differences?.length > 0) parts.push(differences(client.differences));
  if (client.faults?.length > 0) parts.push(faults(client.faults));
  if (client.places.length > 1) parts.push(places(client.places));
  if (client.reason && client.differences?.length > 0) parts.push(element("p", {}, visible(client.reason)));
  if (client.unknown_fields?.length > 0) {
    parts.push(element("p", {}, `Declared, and unknown to this Hydra: ${enumeration(client.unknown_fields)}.`));
  }
  if (client.hint) parts.push(element("p", {class: "hint"}, sentence(client.hint, client.command ? ":" : ".")));
  if (client.command) parts.push(command(client.command));
  return parts;
}

const sentence = (text, end) => visible(asSentence(text)) + end;

/// A path, with the places where a line may break.
const breakable = (path) => path.split(/(?<=\/)/).flatMap((part) => [part, element("wbr")]).slice(0, -1);

function differences(list) {
  const unshown = (within) => `differs${within ? ` at ${visible(enumeration(within))}` : ""}; the values may be secret and are not shown`;
  const row = ({field, manifest, hydra, within}) => element("tr", {role: "row"},
    element("th", {role: "rowheader", scope: "row"}, field),
    ...(manifest === undefined
      ? [element("td", {role: "cell", colspan: "2", class: "hidden-values"}, unshown(within))]
      : [value("Manifest", manifest), value("Hydra", hydra)]));
  return element("table", {role: "table", class: "differences", "aria-label": "What differs"},
    element("thead", {role: "rowgroup"}, element("tr", {role: "row"},
      ...["Field", "In the manifest", "In Hydra"].map((name) => element("th", {role: "columnheader", scope: "col"}, name)))),
    element("tbody", {role: "rowgroup"}, ...list.map(row)));
}

const value = (side, text) => element("td", {role: "cell"}, element("span", {class: "narrow"}, `${side}: `),
  element("code", {}, visible(text)));

function faults(list) {
  return element("ul", {class: "faults"}, ...list.map((fault) => element("li", {},
    element("code", {}, visible(place(fault))), " ",
    visible(fault.message + (fault.hint ? `; ${fault.hint}` : "") + (fault.pointer ? ` (${fault.pointer})` : "")), " ",
    element("span", {class: "rule"}, fault.rule))));
}

function places(list) {
  return element("ul", {class: "faults", "aria-label": "Declared at"},
    ...list.map((where) => element("li", {}, element("code", {}, visible(place(where))))));
}

function command(text) {
  const shown = element("pre", {tabindex: "0", "aria-label": "Command"}, element("code", {}, visible(text)));
  const said = element("span", {role: "status"});
  const button = element("button", {type: "button", class: "copy"}, "Copy the command");
  button.addEventListener("click", async () => {
    setText(said, (await copy(text, shown)) ? "Copied" : "Selected: copy it by hand");
    setTimeout(() => setText(said, ""), COPIED_FOR_MS);
  });
  return element("div", {class: "command"}, shown, element("p", {}, button, said));
}
