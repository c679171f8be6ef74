import {areLogs} from "../../lib/captures.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

/** Says once, where the filter has logs of flows alone, what the page leaves out. */
export function logsNote(notebook: Notebook, words: string): HTMLElement {
  const node = element("p", {class: "fb-said", "data-testid": "logs-note"}, words);
  notebook.follow(node, () => {
    node.hidden = notebook.isEmpty || !areLogs(notebook.captures, notebook.filter.captures);
  });
  return node;
}
