import {formatCount, formatDuration, formatTime} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {afterPress} from "../page/after-press.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";

/** What `/api/alerts` says; see `AlertStatus` of the server. */
interface Alerts {
  readonly on: boolean;
  readonly heldBy: number | null;
  readonly severity: string;
  readonly anomalyPercent: number | null;
  readonly intervalS: number;
  readonly mute: readonly string[];
  readonly destinations: readonly {
    readonly name: string;
    readonly destination: string;
    readonly protection: string;
    readonly waiting: number;
    readonly deliveredMs: number | null;
    readonly error: string | null;
  }[];
  /** Of all transports by name. */
  readonly titles: Readonly<Record<string, string>>;
  readonly waiting: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly log: readonly {
    readonly atMs: number;
    readonly event: string;
    readonly transport: string | null;
    readonly incidents: number;
    readonly text: string | null;
  }[];
}

const refreshMs = 5000;

/** Who gets alerts, what waits and what failed, with a button that sends a test message; null in a static site. */
export function deliveries({zone}: Notebook): HTMLElement | null {
  if (!isServed()) return null;
  const test = element("button", {type: "button", class: "fb-button", disabled: true}, "Send a test message");
  const said = element("div", {"aria-live": "polite"});
  const body = element("div", {});
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Deliveries", "data-testid": "deliveries"},
    element("header", {}, element("h2", {}, "Deliveries"), test),
    said,
    body
  );
  let shown = "";
  let titles: Alerts["titles"] = {};
  let isSeen = false;
  const draw = async () => {
    const alerts = await statusOf();
    // What has not changed is not drawn anew under a reader's eyes.
    if (!alerts || JSON.stringify(alerts) === shown) return;
    shown = JSON.stringify(alerts);
    test.disabled = !alerts.on;
    titles = alerts.titles;
    afterPress(() => body.replaceChildren(...contents(alerts, zone)));
  };
  test.addEventListener("click", async () => {
    test.disabled = true;
    said.replaceChildren(element("p", {class: "fb-said"}, "Sending …"));
    said.replaceChildren(...(await sendTest(titles)));
    test.disabled = false;
    await draw();
  });
  void draw();
  const timer = setInterval(() => {
    isSeen ||= node.isConnected;
    if (isSeen && !node.isConnected) return clearInterval(timer);
    if (!document.hidden) void draw();
  }, refreshMs);
  return node;
}

async function statusOf(): Promise<Alerts | null> {
  try {
    const response = await fetch("/api/alerts");
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

async function sendTest(titles: Alerts["titles"]): Promise<HTMLElement[]> {
  try {
    const init = {method: "POST", headers: {"content-type": "application/json"}, body: "{}"};
    const response = await fetch("/api/alerts/test", init);
    const {results, error} = await response.json();
    if (!response.ok) return [sentence("bad", error)];
    return results.map(({transport, error}: {transport: string; error: string | null}) =>
      error === null
        ? sentence("good", `${titles[transport]}: the test message was sent.`)
        : sentence("bad", `${titles[transport]}: ${error}`)
    );
  } catch {
    return [sentence("bad", "The server does not answer.")];
  }
}

const sentence = (tone: string, text: string) => element("p", {class: "fb-said", "data-tone": tone}, visibleText(text));

const counted = (count: number, what: string) => `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;

function contents(alerts: Alerts, zone: Notebook["zone"]): HTMLElement[] {
  const {on, heldBy, severity, anomalyPercent, intervalS, mute, destinations, titles, waiting, counts, log} = alerts;
  const time = (ms: number) => formatTime(ms * 1000, zone);
  const off = Object.keys(titles).filter((name) => !destinations.some((destination) => destination.name === name));
  const rules = [
    `Sent: incidents of severity ${severity} and above`,
    anomalyPercent !== null && `anomaly rates from ${anomalyPercent} %`,
    `at most one message in ${formatDuration(intervalS * 1e6)}`,
    mute.length > 0 && `not ${mute.join(", ").replaceAll("_", " ")}`
  ];
  const lost = counts.givenUp + counts.pushedOut;
  return [
    element("p", {class: "fb-note"}, on ? `${rules.filter(Boolean).join("; ")}.` : "No alerts are sent."),
    ...(heldBy === null
      ? []
      : [sentence("warn", `Process ${heldBy} sends the alerts of this lake; this server does not.`)]),
    element(
      "ul",
      {class: "fb-rows"},
      ...destinations.map(({name, destination, protection, waiting: queued, deliveredMs, error}) =>
        element(
          "li",
          {"data-testid": `destination-${name}`},
          element(
            "div",
            {},
            `${titles[name]} to ${visibleText(destination)}`,
            element(
              "p",
              {class: "fb-note"},
              `${protection} · ${deliveredMs === null ? "nothing delivered yet" : `last delivered ${time(deliveredMs)}`}${queued > 0 ? ` · ${formatCount(queued)} waiting` : ""}`
            ),
            error !== null && sentence("bad", error)
          ),
          element(
            "span",
            {class: "fb-badge", "data-tone": error === null ? "good" : "bad"},
            error === null ? "on" : "failing"
          )
        )
      ),
      ...off.map((name) => element("li", {"data-testid": `off-${name}`}, element("div", {}, `${titles[name]} is off`)))
    ),
    ...(on
      ? [
          element(
            "p",
            {class: "fb-note"},
            `${counted(counts.messages, "message")} about ${counted(counts.told, "incident")}; ${formatCount(waiting)} wait for the next one. Not sent: ${formatCount(counts.goneOn)} that continue an earlier incident, ${formatCount(counts.left)} below the threshold, muted or reviewed${lost > 0 ? `; ${formatCount(lost)} deliveries given up` : ""}.`
          )
        ]
      : [element("p", {class: "fb-note"}, "A receiver is set in flowbook.toml; see docs/alerts.md.")]),
    ...(log.length === 0 ? [] : [history(alerts, time)])
  ];
}

function history({log, titles}: Alerts, time: (ms: number) => string): HTMLElement {
  return element(
    "details",
    {},
    element("summary", {class: "fb-note"}, `Log, the newest ${formatCount(log.length)}`),
    element(
      "ul",
      {class: "fb-remarks"},
      ...log.map(({atMs, event, transport, incidents, text}) => {
        const what =
          transport &&
          `${titles[transport] ?? transport}, ${incidents === 0 ? "test" : counted(incidents, "incident")}`;
        const words = [time(atMs), event, what].filter(Boolean).join(" · ");
        return element(
          "li",
          {"data-tone": event === "failed" || event === "given up" || event === "pushed out" ? "bad" : null},
          visibleText(text ? `${words}: ${text}` : words)
        );
      })
    )
  );
}
