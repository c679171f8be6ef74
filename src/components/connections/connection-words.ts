import type {Band, Side} from "../../lib/connections.js";
import type {Filter} from "../../lib/filter.js";
import {formatBytes, formatCount} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import type {LegendItem} from "../charts/legend-button.js";
import {pickable} from "../charts/pickable.js";
import {hostAddress} from "../hosts/host-link.js";
import type {Notebook} from "../page/notebook.js";

export const suspicious: LegendItem = {name: "Suspicious flows", color: "var(--fb-suspicious)"};
export const others: LegendItem = {name: "Other flows", color: "var(--fb-blue)"};

/** Of a name, in pixels. */
export const letterWidth = 7.6;

/** The flows of one pair, beside what the query box says already; of others there is nothing to name. */
export function pickOf({filter}: Notebook, {from, to}: Band): Filter | null {
  if (from === null || to === null) return null;
  const pair = `src ${from} and dst ${to}`;
  return {query: filter.query ? `(${filter.query}) and ${pair}` : pair};
}

/** A host, or how many others its bar or line stands for. */
export const wordsOf = ({host, hosts}: Side) =>
  host !== null ? visibleText(host) : hosts === null ? "Others" : `${formatCount(hosts)} others`;

/** A host as tooltips name it. */
export const nameOf = (host: string | null) => (host === null ? "others" : visibleText(host));

/** What a tooltip says of the flows between two. */
export const detailsOf = ({bytes, flows, suspicious}: Band) => [
  {name: "bytes", value: `${formatCount(bytes)} B`},
  {name: "flows", value: formatCount(flows)},
  ...(suspicious > 0 ? [{name: "suspicious", value: formatCount(suspicious)}] : [])
];

/** A host's name: what it opened or took, and a click to its page. */
export function pickableSide(group: SVGElement, side: Side, isOriginator: boolean, notebook: Notebook): void {
  const {host, bytes, flows} = side;
  const details = [
    {name: isOriginator ? "opened flows" : "took flows", value: formatCount(flows)},
    {name: "bytes", value: formatBytes(bytes)}
  ];
  const open = () => location.assign(hostAddress(host as string, notebook.filter));
  pickable(group, wordsOf(side), details, host === null ? null : open, notebook);
}
