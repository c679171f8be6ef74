import {formatBytes} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import {isServed, type Job, listen} from "../page/server-link.js";

let tile: HTMLElement | undefined;

/**
 * A place to drop captures and logs of flows on; absent in a static site, which has nobody to send them to. There is one a page, so that
 * what it says of a capture stays when the page is drawn anew with that capture's flows.
 */
export function uploadTile(): HTMLElement | null {
  if (isServed()) tile ??= makeTile();
  return tile ?? null;
}

function makeTile(): HTMLElement {
  const input = element("input", {
    type: "file",
    multiple: true,
    class: "fb-hidden",
    id: "fb-upload",
    "data-testid": "upload-input"
  });
  const list = element("ul", {class: "fb-uploads", "aria-live": "polite", "data-testid": "uploads"});
  const label = element(
    "label",
    {for: input.id, class: "fb-drop"},
    element("strong", {}, "Drop a capture here"),
    element("span", {}, "or choose a file: pcap or pcapng, plain, .gz or .zst"),
    element("span", {}, "Also logs of flows: Zeek, Suricata, NetFlow, IPFIX, NFStream, CICFlowMeter")
  );
  const node = element(
    "section",
    {class: "fb-card fb-upload", "aria-label": "Import a capture", "data-testid": "upload"},
    input,
    label,
    list
  );
  const waiting = new Map<number, (job: Job) => void>();

  const send = (file: File) => {
    const bar = element("progress", {max: 1, value: 0, "aria-label": `Sending ${file.name}`});
    const words = element("span", {}, "waiting");
    const entry = element(
      "li",
      {},
      element("b", {}, visibleText(file.name)),
      element("small", {}, formatBytes(file.size)),
      bar,
      words
    );
    list.append(entry);
    const request = new XMLHttpRequest();
    request.open("POST", `/api/captures?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.addEventListener("progress", ({loaded, total}) => {
      bar.value = total ? loaded / total : 0;
      words.textContent = `sending, ${Math.round(bar.value * 100)} %`;
    });
    const fail = (why: string) => {
      bar.remove();
      entry.dataset.tone = "bad";
      words.textContent = why;
    };
    request.addEventListener("error", () => fail("could not be sent: the server does not answer"));
    request.addEventListener("load", () => {
      const answer = parse(request.responseText);
      if (request.status !== 202 || typeof answer.run !== "number")
        return fail(visibleText(String(answer.error ?? `refused with status ${request.status}`)));
      bar.removeAttribute("value");
      words.textContent = "sent; reading it";
      const update = (job: Job) => {
        if (job.state === "failed") fail(visibleText(job.error ?? "failed"));
        else if (job.state === "done") {
          bar.remove();
          entry.dataset.tone = "good";
          words.textContent = job.error ? visibleText(job.error) : "imported; the pages are renewed";
        } else return;
        waiting.delete(job.id);
      };
      waiting.set(answer.run, update);
      // The run may have ended before its number arrived.
      fetch(`/api/runs/${answer.run}`).then(
        async (response) => response.ok && update(await response.json()),
        () => undefined
      );
    });
    request.send(file);
  };
  listen({job: (job) => waiting.get(job.id)?.(job)});
  input.addEventListener("change", () => {
    for (const file of input.files ?? []) send(file);
    input.value = "";
  });
  for (const name of ["dragenter", "dragover"])
    label.addEventListener(name, (event) => {
      event.preventDefault();
      label.dataset.over = "true";
    });
  for (const name of ["dragleave", "drop"]) label.addEventListener(name, () => delete label.dataset.over);
  label.addEventListener("drop", (event) => {
    event.preventDefault();
    for (const file of event.dataTransfer?.files ?? []) send(file);
  });
  return node;
}

function parse(text: string): {run?: unknown; error?: unknown} {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
