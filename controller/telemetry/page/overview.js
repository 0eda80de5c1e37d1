// What stands above the list: where Hydra is, the facts, notices, counts, warnings.

import {age, byId, element, setChildren, setText} from "./dom.js";
import {counted, duration, notices, number, place, SINCE, since, TROUBLES, troubles, until, visible} from "./words.js";

const WARNINGS_SHOWN = 100;

export function drawHydra(status) {
  const {hydra, endpoint} = status;
  byId("hydra").replaceChildren(...(endpoint ? [`${hydra ?? "Hydra"} at `, element("code", {}, visible(endpoint))] : []));
}

const facts = new Map();  // by name: what is shown, so that only what changed is drawn anew

function fact(name, told, draw) {
  const drawn = JSON.stringify(told);
  const known = facts.get(name) ?? {item: element("div", {}, element("dt", {}, name), element("dd"))};
  if (known.drawn !== drawn) known.item.lastChild.replaceChildren(...draw());
  known.drawn = drawn;
  facts.set(name, known);
  return known.item;
}

export function drawFacts(status) {
  const {revision, revision_time: committed, webhook, finished_at: finished, duration_ms: took} = status;
  const shown = [];
  const moment = (name, at, inWords) => {
    if (!at) return null;
    const item = fact(name, at, () => [age(at, inWords)]);
    shown.push(item);
    return item;
  };
  moment(SINCE[status.result], status.result_since, since);
  if (status.result !== "success") moment("Last in sync", status.last_success_at, since);
  if (revision) {
    shown.push(fact("Revision", [revision, committed],
      () => [commit(revision), ...(committed ? [", committed ", age(committed, since)] : [])]));
  }
  if (webhook && !webhook.applied_at) {
    shown.push(fact("Announced", webhook,
      () => [commit(webhook.revision), " ", age(webhook.received_at, since), ", not in force yet"]));
  }
  if (finished) {
    shown.push(fact("Last cycle", [finished, took], () => [age(finished, since), `, took ${duration(took)}`]));
  }
  moment("Clients as of", status.clients_from, since);
  moment("Next cycle", status.next_cycle, until)?.classList.add("forecast");
  if (status.source) shown.push(fact("Source", status.source, () => [visible(status.source)]));
  setChildren(byId("facts"), shown);
}

/// All of it is there, to be copied and read aloud; its beginning is seen.
const commit = (revision) => element("code", {class: "commit", title: revision}, visible(revision));

export function drawNotices(status) {
  const list = notices(status);
  const section = byId("notices");
  const drawn = JSON.stringify(list);
  if (section.dataset.drawn === drawn) return;
  section.dataset.drawn = drawn;
  section.hidden = list.length === 0;
  section.replaceChildren(...list.map(([tone, text]) => element("p", {class: "notice", "data-tone": tone}, visible(text))));
}

/// A count of an outcome that is listed is a switch: the list shows that outcome alone.
export function drawCounts(status, chosen, choose) {
  const summary = status.summary;
  byId("counts").hidden = !summary || (summary.in_sync === null && troubles(summary) === 0);
  if (byId("counts").hidden) return;
  const several = Object.keys(TROUBLES).filter((outcome) => summary[outcome] > 0).length > 1;
  const items = [];
  if (summary.in_sync > 0 || !summary.import) items.push(tile("in_sync", summary.in_sync, "in sync"));
  if (summary.import > 0) items.push(tile("import", summary.import, "imported"));
  for (const outcome of Object.keys(TROUBLES)) {
    const press = several && summary[outcome] > 0 ? {pressed: outcome === chosen, choose: () => choose(outcome)} : null;
    if (summary[outcome] > 0) items.push(tile(outcome, summary[outcome], outcome, press));
  }
  items.push(tile("unmanaged", summary.unmanaged, "unmanaged"));
  setChildren(byId("count-list"), items);
}

const tiles = new Map();  // by outcome, so that a refresh takes the focus from none

function tile(outcome, count, words, press = null) {
  const kind = press ? "button" : "div";
  let known = tiles.get(outcome);
  if (!known || known.kind !== kind) {
    const number = element("span", {class: "number"});
    const inside = element(kind, {class: "count", type: press ? "button" : null}, number, element("span", {class: "of"}, words));
    known = {kind, number, inside, item: element("li", {"data-outcome": outcome}, inside), choose: null};
    inside.addEventListener("click", () => known.choose?.());
    tiles.set(outcome, known);
  }
  known.choose = press?.choose;
  if (press) known.inside.setAttribute("aria-pressed", String(press.pressed));
  setText(known.number, count === null || count === undefined ? "?" : number(count));
  return known.item;
}

export function drawWarnings(status) {
  const warnings = status.warnings ?? [];
  byId("warnings").hidden = warnings.length === 0;
  setText(byId("warnings-title"), counted(warnings.length, "warning about a manifest", "warnings about manifests"));
  const drawn = JSON.stringify(warnings.slice(0, WARNINGS_SHOWN));
  const shown = byId("warning-list");
  if (shown.dataset.drawn === drawn) return;
  shown.dataset.drawn = drawn;
  const items = warnings.slice(0, WARNINGS_SHOWN).map((warning) => element("li", {},
    element("code", {}, visible(place(warning))), " ",
    visible(warning.message + (warning.hint ? `; ${warning.hint}` : "")), " ",
    element("span", {class: "rule"}, warning.rule)));
  if (warnings.length > WARNINGS_SHOWN) {
    items.push(element("li", {}, `and ${number(warnings.length - WARNINGS_SHOWN)} more: hydra-clients validate names them all`));
  }
  shown.replaceChildren(...items);
}

const COLOURS = {good: "#1a7f4b", warn: "#b26a00", bad: "#c0352b", wait: "#6b7280"};

/// The state, in the tab.
export function drawIcon(tone) {
  const icon = byId("icon");
  if (icon.dataset.tone === tone) return;
  icon.dataset.tone = tone;
  const disc = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${COLOURS[tone]}"/></svg>`;
  icon.href = "data:image/svg+xml," + encodeURIComponent(disc);
}
