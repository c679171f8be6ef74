import {type Filter, formatFilter} from "../../lib/filter.js";
import {formatBytes, formatCount, formatDuration, formatShare, formatTime, type Zone} from "../../lib/format.js";
import {protocolName, serviceName} from "../../lib/names.js";
import type {Cell} from "../../lib/question.js";
import type {CellKind} from "../../lib/records/record-source.js";
import {visibleText} from "../../lib/visible-text.js";
import {hostLink} from "../hosts/host-link.js";
import {incidentAddress} from "../incidents/incident-link.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

/** A value as a link where it leads somewhere, else as text. */
export function cellNode(notebook: Notebook, kind: CellKind, cell: Cell): Node | string {
  if (cell === null) return "–";
  if (kind === "host") return hostLink(String(cell), notebook.filter);
  if (kind === "flows") return flowsLink(notebook.filter, String(cell));
  if (kind === "incident") {
    const known = notebook.incidents.find(({id}) => id === cell);
    return known ? element("a", {href: incidentAddress(known), title: visibleText(known.summary)}, "incident") : "–";
  }
  return shortText(kind, cellText(kind, cell, notebook.zone));
}

/** A digest's first letters tell it from others in a list; the whole of it stands beside. */
export function shortText(kind: CellKind, text: string): string {
  return kind === "digest" && text.length > 16 ? `${text.slice(0, 12)}…` : text;
}

/** The flows that a query of the query box finds among those of the filter. */
function flowsLink(filter: Filter, query: string): HTMLElement {
  const both = filter.query === undefined ? query : `(${filter.query}) and ${query}`;
  return element("a", {href: `./flows.html#${formatFilter({...filter, query: both})}`, title: query}, "flows");
}

/** A value as text; texts of strangers come escaped. */
export function cellText(kind: CellKind, cell: Cell, zone: Zone): string {
  if (cell === null) return "–";
  if (kind === "service") return String(cell).split(", ").map(serviceText).join(", ");
  if (kind === "list") return visibleText(listOf(String(cell)).join(", ")) || "none";
  if (typeof cell === "string") return visibleText(cell) || "(empty)";
  if (kind === "time") return formatTime(cell, zone, 3);
  if (kind === "second") return formatTime(cell, zone);
  if (kind === "bytes") return formatBytes(cell);
  if (kind === "duration") return formatDuration(cell);
  if (kind === "share") return formatShare(cell, 1);
  if (kind === "number") return cell.toFixed(2);
  return kind === "count" ? formatCount(cell) : String(cell);
}

/** Records name what has no service by its protocol. */
const protocolNames: Readonly<Record<string, string>> = {icmp: "ICMP", icmpv6: "ICMPv6"};

export function serviceText(name: string): string {
  const number = /^ip\/(\d+)$/.exec(name)?.[1];
  return protocolNames[name] ?? (number ? protocolName(Number(number)) : serviceName(name));
}

function listOf(json: string): readonly string[] {
  try {
    return (JSON.parse(json) as unknown[]).map(String);
  } catch {
    // Cut where it was too long to keep.
    return [json];
  }
}

const texts: readonly CellKind[] = ["text", "service", "list", "digest", "host", "time", "second", "incident", "flows"];

/** Whether a zero of a kind is none of something; a duration of 0 is a value like others. */
export const isCounted = (kind: CellKind) => kind === "count" || kind === "bytes" || kind === "share";

/** Whether values of a kind stand to the right. */
export const isNumeric = (kind: CellKind) => !texts.includes(kind);
