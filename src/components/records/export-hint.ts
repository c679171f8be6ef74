import {literal} from "../../lib/sql.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import type {RecordSearch} from "./record-search.js";

/** How the files that a page of files lists are taken out of the packets: the command, for a digest or a host where one is chosen. */
export function exportHint(notebook: Notebook, search: RecordSearch): HTMLElement {
  const command = element("code", {"data-testid": "export-files"});
  const copied = element("output", {class: "fb-note"});
  const copy = element("button", {type: "button", class: "fb-button"}, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.textContent ?? "");
      copied.textContent = "copied";
    } catch {
      copied.textContent = "This browser does not let pages copy: select the command.";
    }
  });
  const node = element(
    "section",
    {class: "fb-card fb-export-hint", "aria-label": "Take files out of the packets"},
    element("h2", {}, "Take files out of the packets"),
    element(
      "p",
      {class: "fb-note"},
      "The lake holds no content. This command rebuilds files from the kept packets, checks their digests, and writes them with safe names and without the right to be run. They may be malware: open them only where that does no harm."
    ),
    element("div", {class: "fb-export-command"}, command, copy, copied)
  );
  const draw = () => {
    node.hidden = notebook.isEmpty;
    command.textContent = `flowbook export files${whereOf(search.text, notebook.filter.host)} -o files`;
  };
  const redraw = notebook.follow(node, draw);
  search.onChange(redraw);
  return node;
}

/** A condition for a shell: text that a shell would read as its own is left to the reader. */
function whereOf(text: string, host: string | undefined): string {
  const digest = /^[0-9a-f]{64}$/.test(text) ? `sha256 = ${literal(text)}` : null;
  const type = /^[a-z]+\/[a-z0-9.+-]+$/.test(text) ? `found_type = ${literal(text)}` : null;
  const ofHost = host && /^[0-9a-f.:]+$/.test(host) ? `${literal(host)} IN (sender, receiver)` : null;
  const conditions = [digest ?? type, ofHost].filter((sql) => sql !== null);
  return conditions.length > 0 ? ` --where "${conditions.join(" AND ")}"` : "";
}
