import type {CaptureInterface} from "../../../schema/live/interface.js";
import type {LiveRun, LiveState} from "../../../schema/live/messages.js";
import {formatCount, formatCounted, formatDuration, formatTime} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {LiveFeed} from "./live-feed.js";

interface Offer {
  readonly interfaces: readonly CaptureInterface[];
  readonly hasAny: boolean;
  readonly programs: readonly {readonly name: string; readonly loss: string}[];
}

/** Starts and stops the capture, and says what it does or why it does not. */
export function liveControl(feed: LiveFeed | null): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const form = startForm();
  const running = element("div", {class: "fb-live-run", "data-testid": "live-run"});
  const said = element("div", {"aria-live": "polite"});
  const node = element(
    "section",
    {class: "fb-card fb-live-control", "aria-label": "Capture", "data-testid": "live-control"},
    form.node,
    running,
    said
  );
  const stop = element("button", {type: "button", class: "fb-button", "data-testid": "live-stop"}, "Stop");
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    const answer = await ask("/api/live/stop", {});
    if (answer.error) form.fail(answer.error, null);
  });
  const facts = element("p", {class: "fb-live-facts", "data-testid": "live-facts"});
  running.append(facts, stop);
  let told = "";
  let phase = "";
  feed.follow(
    node,
    () => {
      const {state, nowMs} = feed.model;
      const isIdle = state === null || state.phase === "idle";
      form.node.hidden = !isIdle;
      running.hidden = isIdle;
      form.allow(feed.isConnected);
      if (state && state.phase !== phase) {
        // The button that was pressed goes away: who presses by keyboard goes on with the one that takes its place.
        const hadFocus = node.contains(document.activeElement) || document.activeElement === document.body;
        stop.disabled = state.phase === "stopping";
        stop.textContent = state.phase === "stopping" ? "Stopping …" : "Stop";
        if (phase !== "" && hadFocus && state.phase === "running") stop.focus();
        phase = state.phase;
      }
      const run = state?.runs.at(-1);
      if (state && run && !isIdle) facts.textContent = runSentence(state, run, nowMs, feed);
      const sayings = state ? sayingsOf(state, feed) : [];
      const key = sayings.map(({outerHTML}) => outerHTML).join("");
      if (key !== told) said.replaceChildren(...sayings);
      told = key;
    },
    true
  );
  return node;
}

function runSentence({phase}: LiveState, run: LiveRun, nowMs: number, {zone}: LiveFeed): string {
  const {request, startedAtMs, program, interface: name} = run;
  if (startedAtMs === null) return `Starting a capture${name ? ` on ${name}` : ""} …`;
  const at = formatDuration(Math.max(0, nowMs - startedAtMs) * 1000);
  const limits = [
    request.durationS === null ? null : `ends after ${formatDuration(request.durationS * 1e6)}`,
    request.packets === null ? null : `ends after ${formatCount(request.packets)} packets`,
    request.snaplen === null ? null : `${formatCount(request.snaplen)} bytes of each packet`,
    request.promiscuous ? null : "not promiscuous"
  ].filter((limit) => limit !== null);
  return [
    `${phase === "stopping" ? "Stopping the capture" : "Capturing"} on ${visibleText(name ?? "")} with ${program}`,
    `since ${formatTime(startedAtMs * 1000, zone).slice(11)} (${at})`,
    request.filter === "" ? "every packet" : `filter ${visibleText(request.filter)}`,
    ...limits
  ].join(" · ");
}

/** What there is to say of the capture that ran last, and of this one's troubles. */
function sayingsOf(state: LiveState, {zone}: LiveFeed): HTMLElement[] {
  const {problem, warnings, end, phase, silentS} = state;
  const run = state.runs.at(-1);
  const list: HTMLElement[] = [];
  if (problem)
    list.push(
      element(
        "div",
        {class: "fb-said", "data-tone": "bad", role: "alert", "data-testid": "live-problem", "data-kind": problem.kind},
        element("strong", {}, visibleText(problem.message)),
        problem.hint !== null &&
          (problem.kind === "permission"
            ? element(
                "p",
                {},
                "To grant it to the capture program once, run: ",
                element("code", {}, visibleText(problem.hint))
              )
            : element("p", {}, visibleText(problem.hint)))
      )
    );
  if (silentS >= 4)
    list.push(
      element(
        "p",
        {class: "fb-said", "data-tone": "warn"},
        `The capture process has not reported for ${silentS} s. Its packets are kept and written when it continues.`
      )
    );
  if (phase === "idle" && end && run?.endedAtMs)
    list.push(
      element(
        "p",
        {class: "fb-said", "data-testid": "live-ended"},
        `The last capture, on ${visibleText(end.interface)}, ended ${formatTime(run.endedAtMs * 1000, zone).slice(11)} after ${formatDuration(end.seconds * 1e6)}: ${formatCounted(end.packets, "packet")} and ${formatCounted(end.flows, "flow")} are sealed in ${formatCounted(end.parts, "part")}. The report pages show them.`
      )
    );
  for (const warning of warnings)
    list.push(element("p", {class: "fb-said", "data-tone": "warn"}, visibleText(warning)));
  return list;
}

function startForm() {
  const select = element("select", {id: "live-interface", "data-testid": "live-interface"});
  const program = element("select", {id: "live-program", "data-testid": "live-program"});
  const note = element("p", {class: "fb-note", id: "live-program-note"});
  const input = (id: string, attributes: Readonly<Record<string, string | number | boolean>>) =>
    element("input", {
      id,
      "data-testid": id,
      autocomplete: "off",
      spellcheck: "false",
      "aria-describedby": "live-error",
      ...attributes
    });
  const addresses = element("p", {class: "fb-note fb-live-addresses", "data-testid": "live-addresses"});
  const filter = input("live-filter", {type: "text", placeholder: "every packet, or e.g. tcp port 443"});
  const duration = input("live-duration", {type: "number", min: 1, step: "any", placeholder: "no end"});
  const packets = input("live-packets", {type: "number", min: 1, step: 1, placeholder: "no end"});
  const snaplen = input("live-snaplen", {type: "number", min: 60, max: 262144, step: 1, placeholder: "whole packets"});
  const promiscuous = element("input", {id: "live-promiscuous", type: "checkbox", checked: true});
  const start = element(
    "button",
    {type: "submit", class: "fb-button fb-primary", "data-testid": "live-start", disabled: true},
    "Start capture"
  );
  const error = element("p", {class: "fb-said", "data-tone": "bad", role: "alert", id: "live-error", hidden: true});
  error.dataset.testid = "live-error";
  const fieldOf: Record<string, HTMLInputElement | HTMLSelectElement> = {
    interface: select,
    filter,
    durationS: duration,
    packets,
    snaplen,
    program
  };
  const field = (label: string, control: HTMLElement, wide = false) =>
    element("label", {class: wide ? "fb-live-wide" : null, for: control.id}, element("span", {}, label), control);
  const node = element(
    "form",
    {class: "fb-live-form", novalidate: true, "aria-label": "Start a capture"},
    field("Interface", select),
    field("Filter (BPF)", filter, true),
    field("Seconds", duration),
    field("Packets", packets),
    start,
    addresses,
    element(
      "details",
      {},
      element("summary", {}, "More settings"),
      element(
        "div",
        {class: "fb-live-form"},
        field("Bytes a packet", snaplen),
        field("Capture program", program, true),
        element(
          "label",
          {class: "fb-live-check", for: "live-promiscuous"},
          promiscuous,
          element("span", {}, "Promiscuous: also packets addressed to other hosts")
        )
      ),
      note
    ),
    error
  );
  let offer: Offer | null = null;
  const fail = (words: string, where: string | null) => {
    error.textContent = visibleText(words);
    error.hidden = false;
    for (const [name, control] of Object.entries(fieldOf)) control.setAttribute("aria-invalid", String(name === where));
    if (where !== null) fieldOf[where]?.focus();
  };
  const clear = () => {
    error.hidden = true;
    for (const control of Object.values(fieldOf)) control.removeAttribute("aria-invalid");
  };
  const explain = () => {
    const chosen = offer?.programs.find(({name}) => name === program.value) ?? offer?.programs[0];
    note.textContent = chosen ? `${chosen.name}: ${chosen.loss}.` : "";
  };
  program.addEventListener("change", explain);
  const tell = () => {
    const chosen = offer?.interfaces.find(({name}) => name === select.value);
    addresses.textContent = chosen ? factsOf(chosen) : "";
  };
  select.addEventListener("change", tell);
  const load = async () => {
    const response = await fetch("/api/live/interfaces").catch(() => null);
    if (!response?.ok) return;
    offer = (await response.json()) as Offer;
    const before = select.value;
    select.replaceChildren(
      ...offer.interfaces.map((one) => element("option", {value: one.name}, interfaceText(one))),
      ...(offer.hasAny ? [element("option", {value: "any"}, "any: all interfaces at once")] : [])
    );
    if (before !== "") select.value = before;
    tell();
    program.replaceChildren(
      ...offer.programs.map(({name}, n) =>
        element("option", {value: n === 0 ? "" : name}, n === 0 ? `${name} (best)` : name)
      )
    );
    if (offer.programs.length === 0)
      fail("No capture program is installed: neither dumpcap nor tcpdump. On Debian: apt-get install tcpdump", null);
    explain();
  };
  void load();
  // An interface may have come meanwhile.
  select.addEventListener("focus", () => void load());
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    clear();
    start.disabled = true;
    const answer = await ask("/api/live/start", {
      interface: select.value || null,
      filter: filter.value,
      promiscuous: promiscuous.checked,
      snaplen: numberIn(snaplen),
      durationS: numberIn(duration),
      packets: numberIn(packets),
      program: program.value || null
    });
    start.disabled = false;
    if (answer.error) fail(answer.error, answer.field ?? null);
  });
  return {
    node,
    fail,
    /** Without a connection nothing can be started. */
    allow(isConnected: boolean) {
      if (start.disabled === isConnected) {
        start.disabled = !isConnected;
        if (isConnected && offer === null) void load();
      }
    }
  };
}

/** Short enough for its field; the rest stands below. */
function interfaceText({name, state, isDefault, isLoopback}: CaptureInterface): string {
  const facts = [isDefault ? "default route" : isLoopback ? "loopback" : "", state === "down" ? "down" : ""];
  return visibleText([name, ...facts.filter(Boolean)].join(", "));
}

/** What the list of interfaces has no room for. */
function factsOf({name, addresses, description}: CaptureInterface): string {
  const facts = [description, addresses.length > 0 ? addresses.join(", ") : "no address"].filter(Boolean);
  return visibleText(`${name}: ${facts.join(", ")}`);
}

function numberIn({value}: HTMLInputElement): number | null {
  return value.trim() === "" ? null : Number(value);
}

async function ask(url: string, body: object): Promise<{error?: string; field?: string}> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {"content-type": "application/json"},
      body: JSON.stringify(body)
    });
    if (response.ok) return {};
    const text = await response.text();
    try {
      return JSON.parse(text) as {error: string; field?: string};
    } catch {
      return {error: text.trim() || `refused with status ${response.status}`};
    }
  } catch {
    return {error: "the server does not answer"};
  }
}
