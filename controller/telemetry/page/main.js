// The status page: asks the controller how things are, again and again, and shows it.

import {fetchStatus, hasToken, reconcile, Refused, servesMetrics, TokenWanted, useToken} from "./controller.js";
import {ClientList} from "./client_list.js";
import {age, byId, setChildren, setText, tickAges} from "./dom.js";
import {drawCounts, drawFacts, drawHydra, drawIcon, drawNotices, drawWarnings} from "./overview.js";
import {cameTo, since, verdict} from "./words.js";

const ASK_EVERY_MS = 5000;
const ASK_SOON_MS = 500;  // while somebody waits for a cycle: one that he asked for, or the first
const SOON_FOR_MS = 30_000;
const SLOW_AFTER_MS = 10_000;
const GIVEN_UP_AFTER_MS = 600_000;  // a hundred thousand imports take minutes

const list = new ClientList();
const state = {
  status: null,  // the newest document
  skew: 0,  // the controller's clock minus this machine's, in ms
  trouble: null,  // why the last question was not answered
  lastAnswer: 0,
  asked: null,  // {cycle, before, at}: a cycle that somebody waits for
  opened: Date.now(),
  timer: 0,
  asking: false,
};

const now = () => Date.now() + state.skew;

// ---- Asking ----------------------------------------------------------------------------

async function refresh() {
  if (state.asking) return;
  state.asking = true;
  clearTimeout(state.timer);
  try {
    const answer = await fetchStatus();
    const isNew = answer.status !== state.status || state.lastAnswer === 0;
    state.skew = answer.now - Date.now();
    state.trouble = null;
    state.lastAnswer = Date.now();
    if (isNew) show(answer.status);
    showToken(false);
  } catch (trouble) {
    state.trouble = trouble;
    if (trouble instanceof TokenWanted) showToken(true);
  } finally {
    state.asking = false;
  }
  showVerdict();
  showWhatWasAskedFor();
  tickAges(now());
  askAgain();
}

function askAgain() {
  clearTimeout(state.timer);
  if (document.hidden || state.trouble instanceof TokenWanted) return;
  const begun = state.asked?.at ?? (state.status?.result === null ? state.opened : 0);
  const soon = !state.trouble && Date.now() - begun < SOON_FOR_MS;
  state.timer = setTimeout(refresh, soon ? ASK_SOON_MS : ASK_EVERY_MS);
}

// ---- Showing ---------------------------------------------------------------------------

function show(status) {
  state.status = status;
  drawHydra(status);
  drawFacts(status);
  drawNotices(status);
  drawWarnings(status);
  list.update(status);
  showCounts();
}

function showCounts() {
  drawCounts(state.status, list.outcome, (outcome) => {
    list.toggleOutcome(outcome);
    showCounts();
  });
}

function currentVerdict() {
  if (state.trouble instanceof TokenWanted) {
    return {tone: "wait", headline: "A token is needed", explanation: ""};
  }
  if (state.trouble instanceof Refused) {
    return {tone: "bad", headline: "The controller does not say how things are", explanation: state.trouble.message};
  }
  if (state.trouble) {
    return {tone: "bad", headline: "The controller cannot be reached",
      explanation: state.status ? "What is below was true at its last answer. It is asked again every five seconds."
        : "It is asked again every five seconds."};
  }
  return verdict(state.status);
}

function showVerdict() {
  const {tone, headline, explanation} = currentVerdict();
  byId("verdict").dataset.tone = tone;
  document.body.classList.toggle("stale", state.trouble !== null);
  setText(byId("headline"), headline);
  setText(byId("explanation"), explanation);
  document.title = `${headline} · hydra-clients`;
  drawIcon(tone);
  const news = byId("news");
  if (news.dataset.said && news.dataset.said !== headline) setText(news, headline);  // the first is read anyway
  news.dataset.said = headline;
  if (state.lastAnswer > 0) {
    const answered = age(new Date(state.lastAnswer + state.skew).toISOString(), since);
    setChildren(byId("refreshed"), [document.createTextNode("Last answer "), answered]);
  }
}

// ---- The token -------------------------------------------------------------------------

function showToken(wanted) {
  byId("status-link").hidden = wanted || hasToken();  // a link shows no token
  byId("reconcile").hidden = wanted;
  const form = byId("token-form");
  if (form.hidden === !wanted && !form.dataset.sent) return;
  form.hidden = !wanted;
  setText(byId("token-error"), wanted && form.dataset.sent ? "This token is not the right one." : "");
  delete form.dataset.sent;
  if (wanted) byId("token").focus();
}

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useToken(byId("token").value);
  byId("token").value = "";
  byId("token-form").dataset.sent = "yes";
  refresh();
});

// ---- Reconcile now ---------------------------------------------------------------------

byId("reconcile").addEventListener("click", async () => {
  if (state.asked) return;
  say("Asking…");
  try {
    state.asked = {at: Date.now(), before: state.status, cycle: await reconcile()};
    say("A cycle has begun…");
  } catch (trouble) {
    state.asked = null;
    if (trouble instanceof TokenWanted) {
      state.trouble = trouble;
      showToken(true);
    }
    say(trouble instanceof TokenWanted ? "A token is needed." : trouble instanceof Refused
      ? `Refused: ${trouble.message}.` : "The controller cannot be reached.");
    return;
  }
  refresh();
});

function showWhatWasAskedFor() {
  const {asked, status} = state;
  if (asked && state.trouble) {
    say("The controller cannot be reached; what came of it is not known.");
    state.asked = null;
  } else if (asked && status?.cycle >= asked.cycle) {
    say(cameTo(asked.before, status));
    state.asked = null;
  } else if (asked && Date.now() - asked.at > GIVEN_UP_AFTER_MS) {
    say("No cycle has ended since. The log of the controller says more.");
    state.asked = null;
  } else if (asked && Date.now() - asked.at > SLOW_AFTER_MS) {
    say("The cycle is still under way…");
  }
  byId("reconcile").setAttribute("aria-disabled", String(state.asked !== null));
}

const say = (text) => setText(byId("reconciled"), text);

// ---- Begin -----------------------------------------------------------------------------

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(state.timer);
  else refresh();
});
setInterval(() => {
  if (!document.hidden) tickAges(now());
}, 1000);
servesMetrics().then((here) => {
  byId("metrics-link").hidden = !here;
});
refresh();
