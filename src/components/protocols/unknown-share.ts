import {formatBytes, formatCount, formatShare} from "../../lib/format.js";
import {totals} from "../../lib/questions/totals.js";
import {unrecognised} from "../../lib/questions/unrecognised.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

/** How much of the traffic has no recognised service, and why, in a sentence. */
export function unknownShare(notebook: Notebook): HTMLElement {
  const node = element("p", {class: "fb-said", "data-testid": "unknown-share"});
  notebook.follow(node, () => {
    const {filter} = notebook;
    const [unknown, all] = notebook.answers([
      {question: unrecognised, filter},
      {question: totals, filter}
    ]);
    const [flows, bytes, silent] = unknown.rows[0] as number[];
    const [allFlows, , allBytes] = all.rows[0] as number[];
    node.hidden = allFlows === 0;
    const share = `Not recognised: ${formatCount(flows)} of ${formatCount(allFlows)} flows (${formatShare(flows, allFlows)}) with ${formatBytes(bytes)} (${formatShare(bytes, allBytes)}).`;
    const other = flows - silent;
    const why = `${formatCount(silent)} of them carried no payload, so there was nothing to recognise${other > 0 ? `; ${formatCount(other)} ${other === 1 ? "speaks" : "speak"} what is not read here` : ""}.`;
    node.textContent = flows === 0 ? "Every flow's service was recognised." : `${share} ${why}`;
  });
  return node;
}
