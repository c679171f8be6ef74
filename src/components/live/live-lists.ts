import type {FlowVerdict} from "../../../schema/live/news.js";
import {formatFilter} from "../../lib/filter.js";
import {formatBytes, formatCount, formatDuration, formatShare, formatTime} from "../../lib/format.js";
import {type LiveFlow, liveWindow, topDestinations} from "../../lib/live.js";
import {protocolName, serviceName, verdictName} from "../../lib/names.js";
import {visibleText} from "../../lib/visible-text.js";
import {choice} from "../charts/choice.js";
import {element} from "../page/element.js";
import type {LiveFeed} from "./live-feed.js";

const mostFlows = 60;
const mostPackets = 24;
const mostDestinations = 8;

type Cell = string | Node;

/** The newest flows, each with its verdict once it has one. */
export function liveFlows(feed: LiveFeed | null): HTMLElement {
  let kind: "all" | "scored" | "suspicious" = "all";
  return list(feed, {
    id: "live-flows",
    title: "Recent flows",
    note: ({model}) => {
      const p95 = model.state?.scored.packetToVerdictP95Ms ?? null;
      const when =
        p95 === null
          ? "A flow is scored after it ends; until then its verdict is pending."
          : `95 % of the flows have a verdict ${formatDuration(p95 * 1000)} after their last packet at the latest; until then it is pending.`;
      return `The first five new flows of each second, and the most suspicious scored flows. ${when}`;
    },
    controls: (redraw) => [
      choice(
        "Flows",
        [
          ["all", "Newest"],
          ["scored", "Scored"],
          ["suspicious", "Suspicious"]
        ] as const,
        kind,
        (chosen) => {
          kind = chosen;
          redraw();
        }
      )
    ],
    columns: ["Started", "Protocol", "From", "To", "Packets", "Bytes", "Lasted", "State", "Verdict"],
    numbers: [4, 5, 6],
    nothing: () =>
      ({all: "No flow yet", scored: "No flow is scored yet", suspicious: "No suspicious flow so far"})[kind],
    rows(feed) {
      const {model, zone} = feed;
      return [...model.flows.values()]
        .filter(
          ({id}) =>
            kind === "all" ||
            (kind === "scored" ? model.verdicts.has(id) : model.verdicts.get(id)?.state === "suspicious")
        )
        .sort((a, b) => b.start - a.start || (a.id < b.id ? 1 : -1))
        .slice(0, mostFlows)
        .map((flow) => ({
          id: flow.id,
          cells: [
            formatTime(flow.start, zone, 3).slice(11),
            flow.service === null ? (flow.proto === null ? "–" : protocolName(flow.proto)) : serviceName(flow.service),
            end(flow.src, flow.srcPort),
            end(flow.dst, flow.dstPort),
            formatCount(flow.packets),
            formatBytes(flow.bytes),
            formatDuration(flow.end - flow.start),
            flow.isOver ? (flow.state ?? "–") : "under way",
            verdictBadge(feed, flow.id, flow)
          ]
        }));
    }
  });
}

/** The last packets. */
export function livePackets(feed: LiveFeed | null): HTMLElement {
  return list(feed, {
    id: "live-packets",
    title: "Recent packets",
    note: () => "The last packets of each second, at most twelve.",
    columns: ["Time", "Protocol", "From", "To", "Bytes", "Verdict"],
    numbers: [4],
    nothing: () => "No packet yet",
    rows(feed) {
      const {model, zone} = feed;
      return model.packets
        .slice(-mostPackets)
        .reverse()
        .map((packet, n) => ({
          id: `${packet.ts} ${n}`,
          cells: [
            formatTime(packet.ts, zone, 6).slice(11),
            packet.kind === "other IP" && packet.proto !== null ? protocolName(packet.proto) : named(packet.kind),
            end(packet.src, packet.srcPort),
            end(packet.dst, packet.dstPort),
            formatCount(packet.bytes),
            packet.flow === null ? "no flow" : verdictBadge(feed, packet.flow, model.flows.get(packet.flow))
          ]
        }));
    }
  });
}

/** Hosts that flows were opened to, by bytes in the window of the charts. */
export function liveDestinations(feed: LiveFeed | null): HTMLElement {
  return list(feed, {
    id: "live-destinations",
    title: "Top destinations",
    note: () =>
      "Responders by bytes in both directions, over the time the charts show. Each second counts its twelve largest; the rest is under others.",
    columns: ["Host", "Packets", "Bytes", "Share"],
    numbers: [1, 2, 3],
    nothing: () => "No flow yet",
    rows({model, spanS}) {
      const window = liveWindow(model, spanS);
      if (!window) return [];
      const {top, otherBytes, bytes} = topDestinations(model.seconds, window, mostDestinations);
      const bar = (part: number) => {
        const share = bytes === 0 ? 0 : part / bytes;
        return element(
          "span",
          {class: "fb-live-share"},
          element("i", {style: `width:${(share * 100).toFixed(1)}%`}),
          element("span", {}, formatShare(part, bytes))
        );
      };
      const rows = top.map(({address, packets, bytes: size}) => ({
        id: address,
        cells: [visibleText(address), formatCount(packets), formatBytes(size), bar(size)] as Cell[]
      }));
      if (otherBytes > 0)
        rows.push({id: "others", cells: ["others, and what is no flow", "", formatBytes(otherBytes), bar(otherBytes)]});
      return rows;
    }
  });
}

interface ListOptions {
  readonly id: string;
  readonly title: string;
  note(feed: LiveFeed): string;
  readonly columns: readonly string[];
  /** Columns of numbers. */
  readonly numbers: readonly number[];
  nothing(): string;
  controls?(redraw: () => void): readonly Element[];
  rows(feed: LiveFeed): {id: string; cells: readonly Cell[]}[];
}

/** A card with a table whose rows are made anew with each message, a bounded number of them. */
function list(
  feed: LiveFeed | null,
  {id, title, note, columns, numbers, nothing, controls, rows}: ListOptions
): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const body = element("tbody", {});
  const words = element("p", {class: "fb-note"});
  const empty = element("p", {class: "fb-empty"});
  const scroll = element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": `${title}: table`},
    element(
      "table",
      {class: "fb-table"},
      element("caption", {class: "fb-hidden"}, title),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...columns.map((name, k) => element("th", {scope: "col", class: numbers.includes(k) && "fb-number"}, name))
        )
      ),
      body
    )
  );
  const node = element(
    "section",
    {class: "fb-card", "aria-label": title, "data-testid": id},
    element("header", {}, element("h2", {}, title), ...(controls?.(() => draw()) ?? [])),
    words,
    empty,
    scroll
  );
  const draw = () => {
    const shown = rows(feed);
    words.textContent = note(feed);
    empty.textContent = nothing();
    empty.hidden = shown.length > 0;
    scroll.hidden = shown.length === 0;
    // Text that is being marked is left alone.
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && body.contains(selection.anchorNode)) return;
    const focused = body.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset.flow
      : undefined;
    body.replaceChildren(
      ...shown.map(({id, cells}) =>
        element(
          "tr",
          {"data-id": id},
          ...cells.map((cell, k) => element("td", {class: numbers.includes(k) && "fb-number"}, cell))
        )
      )
    );
    if (focused !== undefined) body.querySelector<HTMLElement>(`[data-flow="${CSS.escape(focused)}"]`)?.focus();
  };
  feed.follow(node, draw);
  return node;
}

function verdictBadge({model}: LiveFeed, id: string, flow: LiveFlow | undefined): HTMLElement {
  const verdict = model.verdicts.get(id);
  if (!verdict) {
    const reason = model.state?.scored.reason ?? null;
    const why = reason ?? (flow?.isOver ? "ended; waits to be scored" : "under way; is scored after it has ended");
    return element(
      "span",
      {class: "fb-badge", "data-tone": "plain", "data-verdict": "pending", title: why},
      reason === null ? "pending" : "no model"
    );
  }
  const text = verdictName(verdict.state).toLowerCase();
  const badge = {
    class: "fb-badge",
    "data-tone": tones[verdict.state],
    "data-verdict": verdict.state,
    title: verdictTitle(verdict)
  };
  if (!flow?.src) return element("span", badge, text);
  const address = formatFilter({from: flow.start, to: flow.end + 1, host: flow.src});
  return element("a", {...badge, href: `./flows.html#${address}`, "data-flow": id}, text);
}

const tones = {suspicious: "bad", unusual: "warn", normal: "good", not_judged: "plain"} as const;

function verdictTitle({label, probability, isUnknown}: FlowVerdict): string {
  if (label === null || probability === null) return "the model has not learnt flows of this protocol";
  return `${visibleText(label)}, probability ${formatShare(probability, 1)}${isUnknown ? ", too low to hold for sure" : ""}`;
}

function named(kind: string): string {
  return kind.startsWith("icmp") ? kind.replace("icmp", "ICMP") : kind.length <= 3 ? kind.toUpperCase() : kind;
}

function end(address: string | null, port: number): string {
  if (address === null) return "–";
  const text = visibleText(address);
  return port === 0 ? text : text.includes(":") ? `[${text}]:${port}` : `${text}:${port}`;
}
