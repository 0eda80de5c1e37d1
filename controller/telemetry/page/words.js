// What the page says of a status document. Pure: no document, no clock.

/// The outcomes that a person may have to do something about, gravest first, and what each means.
export const TROUBLES = {
  conflict: "In Hydra, and a declared field differs. It is never overwritten: a person decides which side is right.",
  refused: "Missing from Hydra, which refused it. It is tried again with growing waits, and at once when its manifest changes.",
  invalid: "The manifest is at fault, so it is not sent.",
  duplicate: "Declared more than once, so none of the manifests is sent.",
  waiting: "Missing from Hydra, and its secret cannot be had yet. It is looked at again in every cycle.",
  retrying: "Not imported for the moment. It is tried again by itself.",
};

/// What began when the cycles first came to their present result.
export const SINCE = {success: "In sync since", degraded: "Not in sync since", failed: "Failing since"};

/// Who is not tried again before something changes.
const NEEDS_A_CHANGE = new Set(["conflict", "invalid", "duplicate"]);

export const number = (count) => count.toLocaleString("en-US");

export const counted = (count, one, many) => `${number(count)} ${count === 1 ? one : many}`;

/// Control characters, and those that turn the direction of what stands beside them, as \uNNNN.
export function visible(text) {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (letter) => "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0"));
}

const UNITS = [["year", "years", 31_557_600], ["day", "days", 86400], ["h", "h", 3600], ["min", "min", 60]];

function length(seconds) {
  for (const [one, many, size] of UNITS) {
    if (seconds >= size) return counted(Math.floor(seconds / size), one, many);
  }
  return `${Math.floor(seconds)} s`;
}

/// `seconds` from now; of the past it is negative.
export const since = (seconds) => (seconds > -1 ? "just now" : `${length(-seconds)} ago`);
export const until = (seconds) => (seconds < 1 ? "now" : `in ${length(seconds)}`);

export const duration = (milliseconds) =>
  milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

const sum = (summary, outcomes) => outcomes.reduce((total, outcome) => total + (summary[outcome] ?? 0), 0);

export const troubles = (summary = {}) => sum(summary, Object.keys(TROUBLES));
const declared = (summary) => troubles(summary) + sum(summary, ["in_sync", "import"]);

function ofClients(summary) {
  const all = declared(summary);
  const imported = summary.import ?? 0;
  if (all === 0) return "No client is declared.";
  const now = imported ? ` ${counted(imported, "was", "were")} imported in the last cycle.` : "";
  return (all === 1 ? "The one declared client is in Hydra as its manifest says."
    : `All ${number(all)} declared clients are in Hydra as their manifests say.`) + now;
}

/// The state in a few words: `tone` is good, warn, bad or wait.
export function verdict(status) {
  if (!status || !status.result) {
    return {tone: "wait", headline: "The first cycle is under way", explanation: "Nothing is known of the clients yet."};
  }
  const summary = status.summary ?? {};
  const wrong = troubles(summary);
  const error = status.error ?? "";
  if (status.result === "failed") {
    return {tone: "bad", headline: "The last cycle failed", explanation: error};
  }
  if (wrong > 0) {
    const all = declared(summary);
    const headline = all === 1 ? "The one client is not in sync"
      : `${number(wrong)} of ${number(all)} clients ${wrong === 1 ? "is" : "are"} not in sync`;
    const others = wrong < all ? "The others are in Hydra as their manifests say." : "";
    return {tone: "warn", headline, explanation: error || others};
  }
  if (status.result === "degraded") {
    const headline = status.commit_refused ? "The newest commit is refused" : "The manifests cannot be read";
    return {tone: "warn", headline, explanation: error};
  }
  return {tone: "good", headline: "In sync", explanation: ofClients(summary)};
}

/// What stands beside the verdict and may need somebody's attention, as [tone, text].
export function notices(status) {
  const list = [];
  if (status.list_error) {
    list.push(["warn", `Hydra's list of clients cannot be used; the declared ones were asked for one by one. ${status.list_error}`]);
  }
  if (status.outbox_error) list.push(["bad", `Outbox: ${status.outbox_error}`]);
  if (status.outbox_pending > 0) {
    list.push(["note", `Outbox: it is not known yet what became of ${counted(status.outbox_pending, "secret", "secrets")}.`]);
  }
  for (const notice of status.notices ?? []) list.push(["note", notice]);
  for (const secret of status.secrets ?? []) {
    list.push(["note", secret.again
      ? `${secret.client_id} has a new secret, which its application needs: ${secret.file}`
      : `The secret of ${secret.client_id} is sealed in ${secret.file}`]);
  }
  return list;
}

/// "scope", "scope and audience", "scope, audience and 3 more".
export function enumeration(names) {
  if (names.length < 2) return names.join("");
  const named = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`;
}

export function place({path, line, column}) {
  return line ? `${path}:${line}:${column}` : path;
}

/// Where the client is declared; of one that is invalid, where its first fault is.
export function mainPlace(client) {
  const [fault] = client.faults ?? [];
  return place((client.outcome === "invalid" && fault) || client.places[0] || {path: ""});
}

/// With a capital, unless it begins with a name: a path, a URL, a field.
export const asSentence = (text) => text.replace(/^[a-z]+(?=[ ,])/, (word) => word[0].toUpperCase() + word.slice(1));

/// Why a client is not in sync, in a sentence or two.
export function reason(client) {
  const faults = client.faults ?? [];
  if (client.outcome === "invalid" && faults.length > 0) {
    const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
    return asSentence(faults[0].message) + more;
  }
  if (client.reason) return asSentence(client.reason);
  const fields = client.fields ?? [];
  return fields.length > 0 ? `Differs in ${enumeration(fields)}` : "";
}

/// When it is tried again: {at: a moment} or {text}.
export function nextTry(client, status) {
  if (NEEDS_A_CHANGE.has(client.outcome)) return {text: "after a change"};
  const at = client.next_try ?? status.next_cycle;
  return at ? {at} : {text: "next cycle"};
}

/// What a reconcile that somebody asked for came to.
export function cameTo(before, status) {
  const took = ` (${duration(status.duration_ms)})`;
  if (status.result === "failed") return `The cycle failed${took}.`;
  const wrong = troubles(status.summary);
  const healed = troubles(before?.summary) - wrong;
  const parts = [];
  if (status.summary.import) parts.push(`${number(status.summary.import)} imported`);
  if (before?.summary && healed > 0) parts.push(`${number(healed)} fewer not in sync`);
  if (before?.summary && healed < 0) parts.push(`${number(-healed)} more not in sync`);
  const end = wrong === 0 ? "everything is in sync" : `${number(wrong)} not in sync`;
  return `Done${took}: ${[...parts, end].join(", ")}.`;
}
