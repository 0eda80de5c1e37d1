// The clients that are not in sync: filtered, searched, and shown a page at a time, so that ten thousand of them cost
// no more than fifty.

import {byId, element, setChildren, setText} from "./dom.js";
import {ClientRow} from "./client_row.js";
import {counted, number, place, reason, TROUBLES, visible} from "./words.js";

const PAGE_SIZE = 50;
const TYPING_MS = 120;  // a search waits until nobody has typed for so long
const OPEN_WHERE_AT_MOST = 3;  // so few clients are shown with all there is to say of them

const GRAVITY = Object.fromEntries(Object.keys(TROUBLES).map((outcome, rank) => [outcome, rank]));

const keyOf = (client) => JSON.stringify([client.client_id, client.client_id ? 0 : client.places]);

/// What a search looks at.
const haystack = (client) => [client.client_id ?? "", client.outcome, ...client.places.map(place), reason(client),
  ...(client.fields ?? [])].join("\n").toLowerCase();

export class ClientList {
  #status = null;
  #entries = [];  // {key, client, text}, gravest first
  #rows = new Map();  // by key: those that are shown, and no others
  #page = 0;
  #outcome = "";  // the only one that is shown; "" for all
  #words = [];
  #untouched = true;  // nobody has opened or closed anything yet

  constructor() {
    let timer = 0;
    const search = byId("search");
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#search(search.value), TYPING_MS);
    });
    const turn = (id, to) => byId(id).addEventListener("click", () => this.#turn(to()));
    turn("page-first", () => 0);
    turn("page-before", () => this.#page - 1);
    turn("page-after", () => this.#page + 1);
    turn("page-last", () => Infinity);
  }

  /// Of a new status document.
  update(status) {
    this.#status = status;
    this.#entries = (status?.clients ?? []).filter((client) => client.outcome in TROUBLES)
      .map((client) => ({key: keyOf(client), client, text: haystack(client)}));
    this.#entries.sort((a, b) => GRAVITY[a.client.outcome] - GRAVITY[b.client.outcome]);  // stable: by id within
    if (!this.#entries.some(({client}) => client.outcome === this.#outcome)) this.#outcome = "";
    this.draw();
  }

  get outcome() {
    return this.#outcome;
  }

  /// Shows one outcome alone; all of them where it was shown alone already.
  toggleOutcome(outcome) {
    this.#outcome = this.#outcome === outcome ? "" : outcome;
    this.#page = 0;
    this.draw();
  }

  #search(text) {
    this.#words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.#page = 0;
    this.draw();
  }

  #turn(page) {
    this.#page = page;
    this.draw();
    byId("clients").scrollIntoView({block: "start"});
  }

  #matches({client, text}) {
    return (this.#outcome === "" || client.outcome === this.#outcome) && this.#words.every((word) => text.includes(word));
  }

  draw() {
    const all = this.#entries.length;
    const matching = this.#entries.filter((entry) => this.#matches(entry));
    const pages = Math.max(1, Math.ceil(matching.length / PAGE_SIZE));
    this.#page = Math.min(Math.max(this.#page, 0), pages - 1);
    const first = this.#page * PAGE_SIZE;
    const shown = matching.slice(first, first + PAGE_SIZE);
    this.#drawRows(shown);
    byId("clients").hidden = all === 0 && this.#rows.size === 0;
    byId("tools").hidden = all <= OPEN_WHERE_AT_MOST && this.#words.length === 0;
    document.querySelector("table.clients").hidden = this.#rows.size === 0;
    this.#drawCount(matching.length, all, first, shown.length);
    this.#drawPages(pages);
  }

  #drawRows(shown) {
    const kept = new Map();
    for (const {key, client} of shown) {
      const row = this.#rows.get(key) ?? this.#newRow();
      row.update(client, this.#status);
      kept.set(key, row);
    }
    const expand = this.#untouched && this.#entries.length <= OPEN_WHERE_AT_MOST;
    if (expand) kept.forEach((row) => row.isOpen || row.setOpen(true));
    const known = new Set(this.#entries.map(({key}) => key));
    for (const [key, row] of this.#rows) {
      if (kept.has(key) || known.has(key) || !row.isOpen || this.#untouched) continue;
      row.heal();  // it stays until its reader closes it
      kept.set(key, row);
    }
    this.#rows = kept;
    setChildren(byId("rows"), [...kept.values()].flatMap((row) => row.elements));
  }

  #newRow() {
    return new ClientRow(() => {
      this.#untouched = false;
      this.draw();
    });
  }

  #drawCount(matching, all, first, shown) {
    const filtered = matching < all;
    const range = shown < matching ? `${number(first + 1)}–${number(first + shown)} of ` : "";
    const text = all <= OPEN_WHERE_AT_MOST && !filtered ? ""
      : `${range}${counted(matching, "client", "clients")}${filtered ? ` of ${number(all)}` : ""}`;
    setText(byId("shown"), text);
    const none = byId("none");
    none.hidden = matching > 0 || all === 0;
    if (!none.hidden && none.childElementCount === 0) none.append("No client matches. ", this.#clearButton());
  }

  #clearButton() {
    const button = element("button", {type: "button"}, "Show all");
    button.addEventListener("click", () => {
      byId("search").value = "";
      this.#outcome = "";
      this.#search("");
      byId("search").focus();
    });
    return button;
  }

  #drawPages(pages) {
    byId("pages").hidden = pages === 1;
    setText(byId("page-now"), `Page ${number(this.#page + 1)} of ${number(pages)}`);
    const atStart = this.#page === 0;
    const atEnd = this.#page === pages - 1;
    // Not `disabled`: that would take the focus away from whoever has just pressed it.
    for (const id of ["page-first", "page-before"]) byId(id).setAttribute("aria-disabled", String(atStart));
    for (const id of ["page-after", "page-last"]) byId(id).setAttribute("aria-disabled", String(atEnd));
  }
}
