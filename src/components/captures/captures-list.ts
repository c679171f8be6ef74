import {bySensor, type CaptureFacts, isLog, lossSentence, summaryOf, unreadSentences} from "../../lib/captures.js";
import {toggled} from "../../lib/filter.js";
import {formatBytes, formatCount, formatDuration, formatShare, formatSpan} from "../../lib/format.js";
import {captures as captureQuestion} from "../../lib/questions/captures.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {captureActions} from "./capture-actions.js";

/** A card per capture: what it holds, what was lost, what could not be read; it can be chosen as the filter. */
export function capturesList(notebook: Notebook): HTMLElement {
  const node = element("div", {class: "fb-captures", "data-testid": "captures"});
  notebook.follow(node, () => {
    // The head of the page says that there are none.
    if (notebook.captures.length === 0) return node.replaceChildren();
    const {rows} = notebook.answer({question: captureQuestion, filter: notebook.filter});
    const shown = new Map(rows.map((row) => [row[0], row[1] as number]));
    node.replaceChildren(
      ...notebook.captures.map((capture) => card(notebook, capture, shown.get(capture.sha256) ?? 0))
    );
  });
  return node;
}

/** A button for each sensor, where several fill the lake: its captures become the filter. */
export function sensorChoice(notebook: Notebook): HTMLElement {
  const node = element("div", {class: "fb-actions", "data-testid": "sensor-choice"});
  notebook.follow(node, () => {
    const sensors = bySensor(notebook.captures);
    const chosen = new Set(notebook.filter.captures ?? []);
    node.hidden = sensors.length === 0;
    node.replaceChildren(
      ...sensors.map(({sensor, captures}) => {
        const isShown = chosen.size === captures.length && captures.every((sha256) => chosen.has(sha256));
        const text = `${sensor} (${formatCount(captures.length)})`;
        const button = element("button", {type: "button", class: "fb-button", "aria-pressed": String(isShown)}, text);
        button.addEventListener("click", () => notebook.narrow({captures: isShown ? undefined : captures}));
        return button;
      })
    );
  });
  return node;
}

function card(notebook: Notebook, capture: CaptureFacts, shown: number): HTMLElement {
  const {filter, facts, zone} = notebook;
  const chosen = filter.captures?.includes(capture.sha256) === true;
  const only = element(
    "button",
    {type: "button", class: "fb-button", "aria-pressed": String(chosen), disabled: capture.flows === 0},
    chosen ? "Shown" : "Show only this"
  );
  only.addEventListener("click", () =>
    notebook.narrow({captures: toggled(chosen ? filter.captures : [], capture.sha256)})
  );
  const flows =
    shown === capture.flows ? formatCount(capture.flows) : `${formatCount(shown)} of ${formatCount(capture.flows)}`;
  const [file, folder] = nameAndFolder(capture.path);
  const span = capture.firstTs === null || capture.lastTs === null ? null : [capture.firstTs, capture.lastTs];
  return element(
    "article",
    {class: "fb-card fb-capture", "data-testid": "capture", "data-sha256": capture.sha256},
    element(
      "header",
      {},
      element(
        "div",
        {},
        element("h2", {title: visibleText(capture.path)}, visibleText(file)),
        folder !== "" && element("p", {class: "fb-note fb-folder"}, visibleText(folder)),
        element(
          "p",
          {class: "fb-note"},
          `${isLog(capture) ? "log of flows, " : ""}${capture.format}, ${formatBytes(capture.fileBytes)}`,
          facts.demo.includes(capture.sha256) && " · demo capture"
        )
      ),
      only
    ),
    element(
      "p",
      {class: "fb-capture-span"},
      span
        ? `${formatSpan(span[0], span[1], zone)} · ${formatDuration(span[1] - span[0])}`
        : `no ${isLog(capture) ? "flow" : "packet"} was read`
    ),
    element(
      "dl",
      {class: "fb-facts"},
      ...(capture.sensor === null ? [] : fact("Sensor", capture.sensor)),
      ...(isLog(capture) ? logFacts(capture, flows) : packetFacts(capture, flows))
    ),
    (capture.duplicates ?? 0) > 0 &&
      capture.leftOut === 0 &&
      element(
        "p",
        {class: "fb-note"},
        element("code", {}, "import --force --dedup"),
        " leaves out packets captured twice."
      ),
    said(lossSentence(capture), "bad"),
    ...unreadSentences(capture).map((sentence) => element("p", {class: "fb-said", "data-tone": "warn"}, sentence)),
    capture.problem !== null && element("p", {class: "fb-said", "data-tone": "bad"}, visibleText(capture.problem)),
    element("p", {class: "fb-hash"}, element("span", {}, "SHA-256"), element("code", {}, capture.sha256)),
    captureActions(capture, notebook.captures)
  );
}

/** A file's name, and the folder that it lies in; empty where the path is the name alone. */
function nameAndFolder(path: string): readonly [file: string, folder: string] {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return cut < 1 || cut === path.length - 1 ? [path, ""] : [path.slice(cut + 1), path.slice(0, cut)];
}

/** Of a log only numbers are known, where it tells them: nothing is said of packets that nobody read. */
function logFacts({packets, wireBytes}: CaptureFacts, flows: string): HTMLElement[] {
  const told = (sum: number, text: (sum: number) => string) => (sum > 0 ? text(sum) : "not told");
  return [
    ...fact("Flows", flows),
    ...fact("Packets of its flows", told(packets, formatCount)),
    ...fact("Bytes of its flows", told(wireBytes, formatBytes))
  ];
}

function packetFacts(capture: CaptureFacts, flows: string): HTMLElement[] {
  const inFlows = capture.packets - capture.nonIpPackets - capture.malformed - capture.unreadPackets - capture.leftOut;
  const {arpPackets, nonIpPackets, duplicates, pipeDrops} = capture;
  const faults: readonly Fault[] = [
    {name: "Captured twice", count: duplicates, text: duplicatesOf(capture)},
    {name: "Misdated", count: capture.misdated ?? undefined},
    {name: "Malformed", count: capture.malformed},
    {name: "Cut short", count: capture.cutPackets},
    {name: "Kernel drops", count: capture.kernelDrops},
    {name: "Interface drops", count: capture.interfaceDrops},
    {name: "Lost before the meter", count: pipeDrops ?? undefined},
    {name: "Flows ended early", count: capture.evictedFlows || undefined},
    {name: "Malformed application messages", count: capture.dissectMalformed || undefined},
    {name: "Application records lost", count: capture.dissectLost || undefined}
  ];
  const named = (wanted: number | null) =>
    faults.filter(({count}) => count === wanted).map(({name}) => `${name[0].toLowerCase()}${name.slice(1)}`);
  const [none, unknown] = [named(0), named(null)];
  return [
    ...fact("Packets", formatCount(capture.packets)),
    ...fact("Bytes on the wire", formatBytes(capture.wireBytes)),
    ...fact("Flows", flows),
    ...(inFlows === capture.packets
      ? []
      : fact("Packets in flows", `${formatCount(inFlows)} (${formatShare(inFlows, capture.packets)})`)),
    ...(nonIpPackets > 0 ? fact("Not IP", `${formatCount(nonIpPackets)} (ARP ${formatCount(arpPackets)})`) : []),
    ...faults.flatMap(({name, count, text}) => (count ? fact(name, text ?? formatCount(count), true) : [])),
    ...(none.length > 0 ? fact("None", none.join(", ")) : []),
    ...(unknown.length > 0 ? fact("Unknown", unknown.join(", ")) : [])
  ];
}

/** What may be wrong with packets; null where it is not known of how many, undefined where nothing is to be said. */
interface Fault {
  readonly name: string;
  readonly count: number | null | undefined;
  readonly text?: string;
}

function fact(name: string, value: string, alert = false): HTMLElement[] {
  return [element("dt", {}, name), element("dd", {"data-tone": alert ? "warn" : null}, value)];
}

function said(sentence: string | null, tone: "bad"): HTMLElement | null {
  return sentence === null
    ? null
    : element("p", {class: "fb-said", "data-tone": tone, "data-testid": "capture-loss"}, sentence);
}

/** One line over all captures of the filter. */
export function capturesSummary(notebook: Notebook): HTMLElement {
  const node = element("p", {class: "fb-lead"});
  notebook.follow(node, () => {
    node.textContent = summaryOf(notebook.captures);
  });
  return node;
}

function duplicatesOf({duplicates, leftOut, packets}: CaptureFacts): string {
  const part = `${formatCount(duplicates ?? 0)} (${formatShare(duplicates ?? 0, packets)})`;
  return `${part}, ${leftOut > 0 ? "left out" : "counted in flows"}`;
}
