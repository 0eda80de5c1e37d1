// The way to the controller: what it says, and what it is asked to do.

const ANSWER_WITHIN_MS = 10_000;
const MISDIRECTED = 421;  // asked by a name that is not the controller's own
const TOKEN = "hydra-clients-token";

/// The controller wants a token, or another one.
export class TokenWanted extends Error {}
/// It answered, and not with what was asked for; the message is for people.
export class Refused extends Error {}
/// It did not answer.
export class Unreachable extends Error {}

/// Kept for this tab alone, and only as long as it is open.
export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;
export const useToken = (token) => sessionStorage.setItem(TOKEN, token);
const forgetToken = () => sessionStorage.removeItem(TOKEN);

async function ask(target, options) {
  const headers = {...options.headers};
  if (hasToken()) headers.Authorization = `Bearer ${sessionStorage.getItem(TOKEN)}`;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ANSWER_WITHIN_MS);
  let answer;
  try {
    answer = await fetch(target, {...options, headers, cache: "no-store", redirect: "error", signal: patience.signal});
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
  if (answer.status === 401) {
    forgetToken();
    throw new TokenWanted();
  }
  return answer;
}

async function document(answer) {
  try {
    return await answer.json();
  } catch {
    throw new Unreachable();  // cut on the way, or the page of somebody in between
  }
}

let tag = null;
let newest = null;

/// {status, now}: the newest status document, the same object as before where nothing changed, and the controller's
/// own time in milliseconds, since this machine's may be another.
export async function fetchStatus() {
  const answer = await ask("status?clients=problems", {headers: tag === null ? {} : {"If-None-Match": tag}});
  if (answer.status !== 304) {
    if (answer.status === MISDIRECTED) throw new Refused((await answer.text()).trim());
    if (answer.status !== 200) throw new Refused(`/status answered ${answer.status}`);
    newest = await document(answer);
    tag = answer.headers.get("ETag");
  }
  const now = Date.parse(answer.headers.get("Date") ?? "");
  return {status: newest, now: Number.isNaN(now) ? Date.now() : now};
}

/// Whether the metrics are served here; they can have a port of their own.
export async function servesMetrics() {
  try {
    return (await ask("metrics", {method: "HEAD"})).ok;
  } catch {
    return true;  // not known
  }
}

/// Asks for a cycle now; gives the number of the one whose result will tell.
export async function reconcile() {
  const answer = await ask("-/reconcile", {method: "POST"});
  if (!answer.ok) throw new Refused((await answer.text()).trim() || `the controller answered ${answer.status}`);
  return (await document(answer)).cycle;
}
