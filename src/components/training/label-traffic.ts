import {type TrafficLabel, trafficClasses, trafficLabelWords} from "../../lib/traffic-labels.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";

/** What the form is filled with; times in µs since 1970 (packet time). */
interface Asked {
  readonly host: string;
  readonly from: number | null;
  readonly to: number | null;
}

/**
 * Says what a host's or a stretch's traffic is, so that `flowbook train --labels` learns from it. With a notebook the
 * form follows its filter, else it offers the last five minutes. Null in a static site.
 */
export function labelTraffic(notebook: Notebook | null): HTMLElement | null {
  if (!isServed()) return null;
  const input = (name: string, hint: string) =>
    element("input", {type: "text", name, placeholder: hint, autocomplete: "off", spellcheck: "false"});
  const named = element("select", {name: "class"}, ...trafficClasses.map((name) => element("option", {}, name)));
  const host = input("host", "any host");
  const from = input("from", "2026-11-29T10:00:00Z");
  const to = input("to", "2026-11-29T10:05:00Z");
  const note = input("note", "why");
  const problem = element("p", {class: "fb-problem", role: "alert"});
  const list = element("ul", {class: "fb-rows"});
  const field = (name: string, control: HTMLElement) => element("label", {}, name, control);
  const form = element(
    "form",
    {class: "fb-form fb-label-form"},
    field("What it is", named),
    field("Flows that this host began", host),
    field("From (UTC)", from),
    field("To (UTC)", to),
    field("Note", note),
    element("button", {type: "submit", class: "fb-button"}, "Label")
  );
  const node = element(
    "details",
    {class: "fb-card fb-label-traffic", "data-testid": "label-traffic"},
    element("summary", {}, "Label this traffic for training"),
    element(
      "p",
      {class: "fb-note"},
      "To train on it: flowbook train --labels. A label names flows by who began them and when; a later one of the same flows counts."
    ),
    form,
    problem,
    list
  );

  const fill = ({host: who, from: first, to: last}: Asked) => {
    host.value = who;
    from.value = first === null ? "" : new Date(first / 1000).toISOString();
    to.value = last === null ? "" : new Date(last / 1000).toISOString();
  };
  const draw = (labels: readonly TrafficLabel[]) =>
    list.replaceChildren(
      ...[...labels].reverse().map((label) => {
        const remove = element("button", {type: "button", class: "fb-button"}, "Remove");
        remove.addEventListener("click", () => void send("DELETE", `/${label.id}`));
        return element("li", {}, element("div", {}, visibleText(trafficLabelWords(label))), remove);
      })
    );
  const send = async (method: "GET" | "POST" | "DELETE", path: string, body?: object) => {
    problem.textContent = "";
    try {
      const response = await fetch(`/api/traffic-labels${path}`, {
        method,
        ...(body && {headers: {"content-type": "application/json"}, body: JSON.stringify(body)})
      });
      const answer = await response.json();
      if (response.ok) draw(answer.labels);
      else problem.textContent = visibleText(String(answer?.error ?? `the server answered ${response.status}`));
    } catch {
      problem.textContent = "The server does not answer.";
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const [first, last] = [from, to].map(({value}) => (value.trim() === "" ? null : Date.parse(value.trim()) * 1000));
    if (Number.isNaN(first) || Number.isNaN(last)) problem.textContent = "A time looks like 2026-11-29T10:00:00Z.";
    else
      void send("POST", "", {
        class: named.value,
        host: host.value.trim() || null,
        from: first,
        to: last,
        note: note.value
      });
  });
  node.addEventListener("toggle", () => {
    if (!node.open) return;
    if (!notebook) fill({host: "", from: (Date.now() - 300_000) * 1000, to: Date.now() * 1000});
    void send("GET", "");
  });
  notebook?.follow(node, () => {
    const {host: who = "", from: first = null, to: last = null} = notebook.filter;
    fill({host: who, from: first, to: last});
  });
  return node;
}
