import {isLog} from "../../lib/captures.js";
import {captureName} from "../../lib/describe-filter.js";
import {formatFilter} from "../../lib/filter.js";
import {detailNames} from "../../lib/flow-details.js";
import {formatCount, formatDuration, formatTime, signed} from "../../lib/format.js";
import {className, incidentBeside} from "../../lib/incidents.js";
import {connectionStates, endpointPort, protocolFact, serviceName, verdictName} from "../../lib/names.js";
import {isStandIn} from "../../lib/packed-flows.js";
import {visibleText} from "../../lib/visible-text.js";
import {pinButton} from "../case/pin-button.js";
import {incidentLink} from "../incidents/incident-link.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {flowPackets} from "./flow-packets.js";
import type {ListedFlow} from "./flow-pages.js";
import {recordLinks} from "./record-links.js";

/** Everything known of one flow, its verdict included. */
export function flowPanel(notebook: Notebook, {flows, row}: ListedFlow, close: () => void): HTMLElement {
  const {zone, captures} = notebook;
  const ofLog = isOfLog(notebook, {flows, row});
  const number = (name: keyof typeof flows.numbers) => flows.numbers[name][row];
  const text = (name: keyof typeof flows.texts) => {
    const {codes, values} = flows.texts[name];
    return codes[row] < 0 ? null : values[codes[row]];
  };
  const [src, dst] = [text("src_ip") as string, text("dst_ip") as string];
  const start = number("ts_start");
  const end = start + number("duration_us");
  const alone = () => {
    const [proto, from, to] = [number("proto"), number("src_port"), number("dst_port")];
    const query = `src ${src} and dst ${dst} and proto ${proto} and src_port ${from} and dst_port ${to}`;
    return formatFilter({from: start, to: start + 1, captures: [text("capture_sha256") as string], query});
  };
  const pinned = () => {
    const port = endpointPort(number("proto"), number("dst_port"));
    const words = `${src} → ${dst} ${port}, ${serviceName(text("service"))}, ${formatTime(start, "utc", 3)} UTC`;
    return {kind: "flow" as const, text: words, href: `./flows.html#${alone()}`};
  };
  /** Of both directions, each of which a log may not tell. */
  const counts = (out: keyof typeof flows.numbers, back: keyof typeof flows.numbers) => {
    const [there, here] = [number(out), number(back)].map((n) => (Number.isNaN(n) ? "unknown" : formatCount(n)));
    return there === "unknown" && here === "unknown" ? "unknown" : `${there} out, ${here} back`;
  };
  const state = text("conn_state");
  const button = element("button", {type: "button", class: "fb-icon-button", "aria-label": "Close"}, "×");
  button.addEventListener("click", close);
  const rest = element("dl", {class: "fb-facts", "data-testid": "flow-details"}, element("dd", {}, "loading …"));
  const node = element(
    "aside",
    {class: "fb-panel", "aria-label": "One flow", "data-testid": "flow-panel"},
    element("header", {}, element("h2", {}, `${visibleText(src)} → ${visibleText(dst)}`), pinButton(pinned), button),
    verdictOf(notebook, {flows, row}, ofLog),
    recordLinks([text("service")], alone()),
    // A log has no packets to read again.
    !ofLog && flowPackets({flow: flows.ids[row], capture: text("capture_sha256") as string, zone}),
    element(
      "dl",
      {class: "fb-facts"},
      ...fact("Start", formatTime(start, zone, 6)),
      ...fact("End", formatTime(end, zone, 6)),
      ...fact("Duration", `${formatDuration(number("duration_us"))} (${formatCount(number("duration_us"))} µs)`),
      ...fact("Originator", hostLink(notebook, src), ` ${endpointPort(number("proto"), number("src_port"))}`),
      ...fact("Responder", hostLink(notebook, dst), ` ${endpointPort(number("proto"), number("dst_port"))}`),
      ...fact("Protocol", protocolFact(number("proto"), number("src_port"))),
      ...fact("Service", serviceName(text("service"))),
      ...fact("Server name", visibleText(text("server_name") ?? (ofLog ? "unknown" : "none seen"))),
      ...fact("State", state === null ? "unknown" : `${visibleText(state)}: ${connectionStates[state] ?? "unknown"}`),
      ...fact("Packets", counts("src_pkts", "dst_pkts")),
      ...fact(ofLog ? "Bytes, as the log counts" : "Bytes on the wire", counts("src_wire_bytes", "dst_wire_bytes")),
      ...fact(
        "Handshake",
        Number.isNaN(number("rtt_us")) ? (ofLog ? "unknown" : "not seen") : formatDuration(number("rtt_us"))
      ),
      ...fact("Retransmits", counts("src_retransmits", "dst_retransmits")),
      ...fact("Capture", captureName(text("capture_sha256") as string, captures)),
      ...fact("Flow id", isStandIn(flows.ids[row]) ? "not in this report" : String(flows.ids[row]))
    ),
    rest
  );
  node.addEventListener("keydown", (event) => event.key === "Escape" && close());
  detailsOf(notebook, flows.ids[row], text("capture_sha256") as string).then(
    (details) => rest.replaceChildren(...details.flatMap(([name, value]) => fact(name, value))),
    (error) => rest.replaceChildren(element("dd", {"data-tone": "bad"}, visibleText(String(error?.message ?? error))))
  );
  return node;
}

function isOfLog({captures}: Notebook, {flows: {texts}, row}: ListedFlow): boolean {
  const {codes, values} = texts.capture_sha256;
  const capture = captures.find(({sha256}) => sha256 === values[codes[row]]);
  return capture !== undefined && isLog(capture);
}

/** The state first, then what it rests on; a class that no incident confirms is said to be one flow's alone. */
function verdictOf({incidents}: Notebook, {flows: {numbers, texts}, row}: ListedFlow, ofLog: boolean): HTMLElement {
  const text = (name: "label" | "state" | "incident_id" | "src_ip" | "dst_ip" | "capture_sha256") =>
    texts[name].values[texts[name].codes[row]] ?? null;
  const [label, state, id] = [text("label"), text("state"), text("incident_id")];
  const score = numbers.anomaly_score[row];
  const anomaly = Number.isNaN(score)
    ? "No anomaly score."
    : `Anomaly score ${signed(score.toFixed(4))}: ${numbers.is_anomaly[row] === 1 ? "unlike the rest" : "not unusual"}.`;
  const named =
    label === null
      ? ofLog
        ? "It comes from a log of flows, which lacks the features that models judge by."
        : "The flow was not classified: no model is installed, or it was not trained on flows of this protocol."
      : `The most probable class is ${visibleText(className(label))} with probability ${numbers.probability[row].toFixed(3)}${numbers.is_unknown[row] === 1 ? ", below its threshold: a guess" : label === "Normal" || state === "suspicious" ? "" : "; one flow alone is no evidence"}.`;
  const incident = incidents.find((one) => one.id === id);
  const belongs = incident && [
    state === "suspicious"
      ? "Suspicious: belongs to the incident "
      : `${verdictName(state ?? "")}; belongs to an incident of ${incident.severity} severity, `,
    incidentLink(incident),
    /[.?!]$/.test(incident.summary) ? " " : ". "
  ];
  const beside = belongs
    ? null
    : incidentBeside(incidents, {
        capture: text("capture_sha256") ?? "",
        src: text("src_ip") ?? "",
        dst: text("dst_ip") ?? "",
        at: numbers.ts_start[row]
      });
  const near = beside && [
    beside.hosts.length > 1
      ? " Its hosts are in the incident "
      : ` ${visibleText(beside.hosts[0])} is in the incident `,
    incidentLink(beside.incident)
  ];
  const words: Readonly<Record<string, string>> = {
    suspicious: "Suspicious. ",
    unusual: "Unusual: the flow differs from other flows. That alone does not indicate an attack. ",
    normal: "Normal: it is part of no incident. ",
    not_judged: "Not judged. "
  };
  const tone =
    state === "suspicious" ? "bad" : state === "unusual" ? "warn" : state === "normal" && !near ? "good" : "plain";
  return element(
    "p",
    {class: "fb-verdict", "data-tone": tone, "data-state": state},
    ...(belongs ?? [words[state ?? "not_judged"]]),
    named,
    " ",
    anomaly,
    ...(near ?? [])
  );
}

function hostLink(notebook: Notebook, host: string): HTMLElement {
  const button = element(
    "button",
    {type: "button", class: "fb-link-button", title: "Show only flows of this host"},
    visibleText(host)
  );
  button.addEventListener("click", () => notebook.narrow({host}));
  return button;
}

function fact(name: string, ...value: (string | Node)[]): HTMLElement[] {
  return [element("dt", {}, name), element("dd", {}, ...value)];
}

/** The rarely asked columns of a flow, which are asked for when it is opened. */
async function detailsOf({source}: Notebook, flow: bigint, capture: string): Promise<[string, string][]> {
  const details = await source.details(flow, capture, new AbortController().signal);
  if (details === null) throw new Error("this flow is no longer there: load the page again");
  return Object.entries(detailNames).flatMap(([column, name]) => {
    const value = details[column] ?? null;
    // A protocol without connections has no history; without a tunnel the outer addresses are the flow's own.
    return value === null || value === "" || (column.startsWith("outer_") && (details.tunnel ?? "") === "")
      ? []
      : [[name, typeof value === "string" ? visibleText(value) : formatCount(Number(value))] as [string, string]];
  });
}
