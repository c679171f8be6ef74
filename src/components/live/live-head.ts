import {formatCount, formatTime} from "../../lib/format.js";
import {lostPackets} from "../../lib/live.js";
import {badge} from "../page/badge.js";
import {element} from "../page/element.js";
import {refusedWords} from "../page/server-link.js";
import {themeButton} from "../page/theme.js";
import type {LiveFeed} from "./live-feed.js";
import {liveFind} from "./live-find.js";

/** The page's head: whether there is a connection, whether a capture runs, what it loses. */
export function liveHead(feed: LiveFeed | null): HTMLElement {
  const badges = element("div", {class: "fb-badges", "data-testid": "badges"});
  const head = element(
    "div",
    {class: "fb-title"},
    element(
      "div",
      {},
      element("h1", {id: "page-title"}, "Live"),
      element("p", {class: "fb-lead"}, "Current traffic, and packets lost while capturing.")
    ),
    badges
  );
  if (!feed) {
    badges.append(badge("connection", "plain", "static copy", ""), liveFind(null), themeButton());
    return element("div", {class: "fb-head"}, head, withoutServer());
  }
  const said = element("span", {class: "fb-live-badges", "aria-live": "polite"});
  badges.append(said, liveFind(feed), themeButton());
  let shown = "";
  feed.follow(
    head,
    () => {
      const list = [connectionBadge(feed), phaseBadge(feed), lossBadge(feed)].filter((one) => one !== null);
      // Left alone where it says the same, so that it is not read out every second.
      const key = list.map(({outerHTML}) => outerHTML).join("");
      if (key !== shown) said.replaceChildren(...list);
      shown = key;
      // Before the first capture there is one thing to say, not the same on every card.
      const {state, lastSecond} = feed.model;
      const isEmpty = state !== null && state.phase === "idle" && lastSecond === null;
      document.body.classList.toggle("fb-live-empty", isEmpty || state === null);
    },
    true
  );
  return element("div", {class: "fb-head"}, head);
}

function connectionBadge({isConnected, isRefused, disconnectedSinceMs, zone, model}: LiveFeed): HTMLElement {
  if (isConnected) return badge("connection", "good", "connected", "");
  if (disconnectedSinceMs === null && model.state === null) return badge("connection", "plain", "connecting", "");
  if (isRefused) return badge("connection", "bad", "open the new link", refusedWords);
  const since = disconnectedSinceMs === null ? "" : ` since ${formatTime(disconnectedSinceMs * 1000, zone).slice(11)}`;
  return badge(
    "connection",
    "bad",
    `disconnected${since}`,
    "The server does not answer; trying again. If it was restarted, open the link it printed."
  );
}

function phaseBadge({model: {state}, isConnected}: LiveFeed): HTMLElement | null {
  if (!state || !isConnected) return null;
  if (state.silentS >= 4)
    return badge("phase", "warn", "capture is silent", "A working capture process reports every second.");
  const tone = state.phase === "running" ? "good" : "plain";
  const text = {idle: "no capture", starting: "starting", running: "capturing", stopping: "stopping"}[state.phase];
  return badge("phase", tone, text, "");
}

function lossBadge({model: {state}}: LiveFeed): HTMLElement | null {
  const totals = state?.totals;
  const run = state?.runs.at(-1);
  if (!state || !totals || !run) return null;
  const {kernelDrops, interfaceDrops, pipeDrops} = totals;
  const lost = lostPackets({kernel: kernelDrops, interface: interfaceDrops, pipe: pipeDrops});
  const why = [
    [kernelDrops, "dropped by the kernel"],
    [interfaceDrops, "dropped by the interface"],
    [pipeDrops, "lost in the pipe"],
    [totals.evictedFlows, "flows ended early: table full"]
  ]
    .filter(([count]) => Number(count) > 0)
    .map(([count, what]) => `${formatCount(Number(count))} ${what}`)
    .join("; ");
  if (lost > 0) return badge("loss", "bad", `${formatCount(lost)} packets lost`, why);
  if (totals.evictedFlows > 0) return badge("loss", "warn", "flows ended early", why);
  return kernelDrops !== null
    ? badge("loss", "good", "no loss", "")
    : badge("loss", "plain", "loss not reported yet", `${run.program ?? "The program"}: ${run.loss ?? ""}`);
}

/** What the page says below the form before the first capture. */
export function liveWelcome(feed: LiveFeed | null): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const words = element("strong", {});
  const more = element("span", {});
  const node = element("div", {class: "fb-card fb-empty fb-live-welcome", "data-testid": "live-welcome"}, words, more);
  feed.follow(
    node,
    () => {
      const isKnown = feed.model.state !== null;
      words.textContent = isKnown ? "No capture runs" : "Waiting for the server …";
      more.textContent = isKnown
        ? "Start one above. Rates per second, packet loss, flows with verdicts, and incidents appear here. The report pages are updated every few seconds."
        : "";
    },
    true
  );
  return node;
}

function withoutServer(): HTMLElement {
  return element(
    "div",
    {class: "fb-card fb-empty", "data-testid": "live-needs-server"},
    element("strong", {}, "A live capture needs the server"),
    element(
      "span",
      {},
      "This is a read-only copy of the notebook, which cannot capture. On the machine with the notebook, start the server with"
    ),
    element("code", {}, "flowbook start")
  );
}
