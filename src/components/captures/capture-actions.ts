import type {CaptureFacts} from "../../lib/captures.js";
import {formatCount} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {ask} from "../page/ask-dialog.js";
import {element} from "../page/element.js";
import {begin, isServed, type Job, listen} from "../page/server-link.js";

/** What became of a capture's last run, by its path; the list is drawn anew when the lake changes. */
const told = new Map<string, string>();
let isListening = false;

/** What can be done about a capture: it is compared with the largest other one and, on a server, read again or forgotten. */
export function captureActions(
  {sha256, path, flows, format}: CaptureFacts,
  captures: readonly CaptureFacts[]
): HTMLElement | null {
  const [other] = captures.filter((one) => one.flows > 0 && one.sha256 !== sha256).sort((a, b) => b.flows - a.flows);
  // As the page Compare names captures in its address.
  const sides = new URLSearchParams({before: other?.sha256.slice(0, 16) ?? "", after: sha256.slice(0, 16)});
  const compare =
    other !== undefined && flows > 0 && element("a", {class: "fb-button", href: `./compare.html?${sides}`}, "Compare");
  if (!isServed()) return compare ? element("p", {class: "fb-actions"}, compare) : null;
  hear();
  const said = element("span", {class: "fb-note", role: "status", "data-capture-said": path}, told.get(path) ?? "");
  const api = `/api/captures/${sha256}`;
  const button = (words: string, act: () => void) =>
    element("button", {type: "button", class: "fb-button", onclick: act}, words);
  const again = async () => {
    said.textContent = (await begin("POST", `${api}/import`, {})) ?? "is read again …";
  };
  const forget = () =>
    ask(
      "Forget this capture",
      `${visibleText(path)} and all that was made of it leave the lake: ${formatCount(flows)} ${flows === 1 ? "flow" : "flows"}, records, verdicts, incidents, labels and kept packets. The file that it was imported from stays where it is.`,
      [],
      "Forget",
      () => begin("DELETE", api)
    );
  return element(
    "p",
    {class: "fb-actions"},
    // What was captured live has no file to be read again.
    !format.startsWith("live/") && button("Import again", () => void again()),
    button("Forget", forget),
    compare,
    said
  );
}

function hear(): void {
  if (isListening) return;
  isListening = true;
  listen({job: (job) => job.kind !== "renew" && tell(job)});
}

function tell({kind, label, state, error}: Job): void {
  const doing = kind === "forget" ? "is forgotten" : "is read again";
  const words =
    state === "failed"
      ? visibleText(error ?? "failed")
      : state === "done"
        ? ""
        : `${doing}${state === "waiting" ? ", once other runs are over" : ""} …`;
  told.set(label, words);
  for (const node of document.querySelectorAll<HTMLElement>("[data-capture-said]"))
    if (node.dataset.captureSaid === label) node.textContent = words;
}
