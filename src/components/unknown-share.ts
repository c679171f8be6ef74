import {formatBytes, formatCount, formatShare} from "../lib/format.js";
import {services} from "../lib/questions/services.js";
import {element} from "./element.js";
import type {Notebook} from "./notebook.js";

/** How much of the traffic has no recognised service, in a sentence. */
export function unknownShare(notebook: Notebook): HTMLElement {
  const node = element("p", {class: "fb-said", "data-testid": "unknown-share"});
  notebook.follow(node, () => {
    const {rows, columns} = notebook.answer({question: services, filter: notebook.filter});
    const sum = (name: string, only = rows) =>
      only.reduce((total, row) => total + (row[columns.indexOf(name)] as number), 0);
    const unknown = rows.filter(([service]) => service === null);
    node.hidden = rows.length === 0;
    node.textContent =
      unknown.length === 0
        ? "Every flow's service was recognised."
        : `Not recognised: ${formatCount(sum("flows", unknown))} of ${formatCount(sum("flows"))} flows (${formatShare(sum("flows", unknown), sum("flows"))}), ${formatBytes(sum("bytes", unknown))} of ${formatBytes(sum("bytes"))} (${formatShare(sum("bytes", unknown), sum("bytes"))}).`;
  });
  return node;
}
