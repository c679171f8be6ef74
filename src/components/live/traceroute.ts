import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import {isServed} from "../page/server-link.js";

/** A hop or the end, as `/api/traceroute` sends them line by line. */
interface Step {
  readonly hop?: number;
  readonly addresses?: readonly string[];
  readonly rttMs?: readonly number[];
  readonly lost?: number;
  readonly note?: string | null;
  readonly end?: string;
  readonly error?: string | null;
}

const firstTarget = "8.8.8.8";
let card: HTMLElement | undefined;

/**
 * Asks the server for the way to a host and shows its hops while they are found; null in a static site. There is one a
 * page, so that what was found stays when the page is drawn anew.
 */
export function traceroute(): HTMLElement | null {
  if (isServed()) card ??= makeCard();
  return card ?? null;
}

function makeCard(): HTMLElement {
  const target = element("input", {
    name: "target",
    value: firstTarget,
    required: true,
    maxlength: 45,
    autocomplete: "off",
    spellcheck: "false",
    pattern: "[0-9a-fA-F.:]+",
    title: "An IPv4 or IPv6 address"
  });
  const start = element("button", {type: "submit", class: "fb-button"}, "Trace");
  const stop = element("button", {type: "button", class: "fb-button", disabled: true}, "Stop");
  const said = element("p", {class: "fb-said", role: "status", hidden: true});
  const rows = element("tbody", {});
  const heads = ["Hop", "Address", "Times", "Lost"].map((name) => element("th", {scope: "col"}, name));
  const table = element(
    "table",
    {class: "fb-table", hidden: true, "data-testid": "hops"},
    element("caption", {class: "fb-hidden"}, "Hops of the route"),
    element("thead", {}, element("tr", {}, ...heads)),
    rows
  );
  const form = element("form", {class: "fb-line-form"}, element("label", {}, "Address ", target), start, stop);
  const say = (tone: string, text: string) => {
    said.hidden = false;
    said.dataset.tone = tone;
    said.textContent = visibleText(text);
  };
  let running: AbortController | null = null;
  stop.addEventListener("click", () => running?.abort());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running = new AbortController();
    start.disabled = !(stop.disabled = false);
    rows.replaceChildren();
    table.hidden = true;
    say("plain", `Tracing the route to ${target.value} …`);
    try {
      await trace(target.value.trim(), running.signal, (step) => {
        if (step.end !== undefined) return say(step.end === "reached" ? "good" : "warn", endWords(step));
        table.hidden = false;
        rows.append(row(step));
      });
    } catch (error) {
      say("bad", running.signal.aborted ? "Stopped." : (error as Error).message);
    }
    start.disabled = !(stop.disabled = true);
  });
  return element(
    "section",
    {class: "fb-card", "aria-label": "Way to a host", "data-testid": "traceroute"},
    element("header", {}, element("h2", {}, "Way to a host")),
    element(
      "p",
      {class: "fb-note"},
      "Runs traceroute on this server. Its probes leave the machine, so it starts only when you ask."
    ),
    form,
    said,
    element("div", {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": "Hops"}, table)
  );
}

async function trace(target: string, signal: AbortSignal, found: (step: Step) => void): Promise<void> {
  const init = {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify({target}), signal};
  const response = await fetch("/api/traceroute", init);
  if (!response.ok) throw new Error((await response.json()).error ?? `the server answered ${response.status}`);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + decoder.decode(read.value, {stream: true})).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) found(JSON.parse(line));
  }
}

function row({hop, addresses = [], rttMs = [], lost = 0, note}: Step): HTMLElement {
  const cells = [
    String(hop),
    addresses.length > 0 ? `${addresses.join(", ")}${note ? ` ${note}` : ""}` : "no answer",
    rttMs.map((ms) => `${ms.toFixed(ms < 1 ? 3 : 1)} ms`).join(", "),
    lost > 0 ? String(lost) : ""
  ];
  return element("tr", {}, ...cells.map((text) => element("td", {}, visibleText(text))));
}

function endWords({end, error}: Step): string {
  const words: Readonly<Record<string, string>> = {
    reached: "The host was reached.",
    "not reached": "The host did not answer.",
    "time limit": "The time limit was reached before the host.",
    failed: "It failed."
  };
  return `${words[end ?? ""] ?? end}${error ? ` ${error}` : ""}`;
}
