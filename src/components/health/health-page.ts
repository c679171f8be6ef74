import {formatBytes, formatCount, formatShare, formatTime} from "../../lib/format.js";
import {type Check, damageRemedy, type Health} from "../../lib/health.js";
import {type SensorFacts, sensorLag, sensorTroubles} from "../../lib/sensors.js";
import {visibleText} from "../../lib/visible-text.js";
import {drawBars} from "../charts/bars.js";
import {element} from "../page/element.js";
import {followWidth} from "../page/follow-width.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";

const tones = {ok: "good", warn: "warn", fail: "bad"} as const;

/** The machine and the lake: what is not well and the remedy, sizes, losses, versions, and what is kept for how long. */
export function healthPage(notebook: Notebook, health: Health, again: () => void): HTMLElement {
  const {checks, damage, atMs} = health;
  const button = element("button", {type: "button", class: "fb-button", onclick: again}, "Check again");
  const at = formatTime(atMs * 1000, notebook.zone);
  const bad = checks.filter(({state}) => state !== "ok").length;
  return element(
    "div",
    {"data-testid": "health"},
    element(
      "p",
      {class: "fb-note", "data-testid": "health-when"},
      isServed()
        ? `Checked at ${at}. `
        : `A static site cannot look: this is what was found at ${at}, when its data were made. Lines about that machine stay there. `,
      isServed() && button
    ),
    figuresOf(health, bad),
    element(
      "div",
      {class: "fb-board"},
      ...(checks.length > 0
        ? [card("Checks", "What flowbook doctor says, without reading every file of the lake.", checkTable(checks))]
        : []),
      damage.length > 0 &&
        card(
          "Damaged files",
          "Their rows are left out of every page.",
          element("p", {}, "To import again what can be: ", element("code", {}, damageRemedy)),
          element(
            "ul",
            {"data-testid": "health-damage"},
            ...damage.map(({file, problem}) =>
              element("li", {}, element("code", {}, visibleText(file)), ` ${visibleText(problem)}`)
            )
          )
        ),
      element(
        "div",
        {class: "fb-half"},
        card("Size of the lake", "Bytes on disk of each table, with its rows and files.", sizeBars(notebook, health))
      ),
      element(
        "div",
        {class: "fb-half"},
        card(
          "Packets lost and left out",
          "Sums over all captures; Captures and the time charts say when.",
          lossList(health)
        ),
        isServed() &&
          card("Sensors", "Who captured or imported what the lake holds.", sensorTable(health.sensors, atMs)),
        card("What else the lake keeps", keptNote(notebook, health), besideList(health)),
        card(
          "Versions",
          "Of the program, and of what it runs on.",
          factList(health.versions.map(({name, version}) => [name, version]))
        )
      )
    )
  );
}

function figuresOf({disk, tables, losses, damage, checks}: Health, bad: number): HTMLElement {
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const lost = (losses.interface_drops ?? 0) + (losses.kernel_drops ?? 0) + (losses.pipe_drops ?? 0);
  const isTold = losses.captures > losses.untold;
  const figures: [string, string, string, string, boolean][] = [
    ...(checks.length > 0
      ? [
          [
            "checks",
            "Checks not passed",
            formatCount(bad),
            `of ${formatCount(checks.length)}`,
            checks.some(({state}) => state === "fail")
          ] as [string, string, string, string, boolean]
        ]
      : []),
    [
      "damage",
      "Damaged files",
      formatCount(damage.length),
      damage.length > 0 ? "their rows are left out" : "of those that pages read",
      damage.length > 0
    ],
    ...(disk
      ? [
          [
            "disk",
            "Free disk",
            formatBytes(disk.free),
            `${formatShare(disk.free, disk.size)} of ${formatBytes(disk.size)}`,
            false
          ] as [string, string, string, string, boolean]
        ]
      : []),
    ["lake", "Tables of the lake", formatBytes(bytes), `${formatCount(rows)} rows`, false],
    [
      "lost",
      "Packets lost",
      isTold ? formatCount(lost) : "–",
      isTold ? `beside ${formatCount(losses.packets)} received` : "no capture tells",
      lost > 0
    ]
  ];
  return element(
    "section",
    {class: "fb-headline", "aria-label": "Health in figures"},
    element(
      "dl",
      {class: "fb-figures"},
      ...figures.map(([id, name, value, below, isAlert]) =>
        element(
          "div",
          {class: "fb-figure", "data-name": id, "data-tone": isAlert ? "alert" : null},
          element("dt", {}, name),
          element("dd", {class: "fb-figure-value"}, value),
          element("dd", {class: "fb-figure-below"}, below)
        )
      )
    )
  );
}

function checkTable(checks: readonly Check[]): HTMLElement {
  const order = ["fail", "warn", "ok"];
  const sorted = [...checks].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return element(
    "ol",
    {class: "fb-notices", "data-testid": "checks"},
    ...sorted.map(({name, state, found, remedy}) =>
      element(
        "li",
        {"data-check": name},
        element("span", {class: "fb-badge", "data-tone": tones[state]}, state),
        element(
          "div",
          {},
          element("strong", {}, name),
          ` ${visibleText(found)}`,
          remedy !== null && element("p", {class: "fb-note"}, "Remedy: ", visibleText(remedy))
        )
      )
    )
  );
}

function sizeBars(notebook: Notebook, {tables}: Health): HTMLElement {
  const body = element("div", {class: "fb-chart-body", "data-testid": "table-sizes"});
  if (tables.length === 0) return element("p", {class: "fb-empty"}, "The lake has no table yet.");
  const largest = Math.max(...tables.map(({bytes}) => bytes), 1);
  const bars = tables.map(({name, rows, files, bytes}) => ({
    name: `${name} · ${formatCount(rows)} ${rows === 1 ? "row" : "rows"}`,
    said: formatBytes(bytes),
    parts: [{value: bytes, color: "var(--fb-blue)"}],
    details: [
      {name: "bytes", value: formatCount(bytes)},
      {name: "rows", value: formatCount(rows)},
      {name: "files", value: formatCount(files)}
    ],
    pick: null
  }));
  followWidth(body, (width) => body.replaceChildren(drawBars(notebook, "Bytes of each table", bars, width, largest)));
  return body;
}

function lossList({losses}: Health): HTMLElement {
  const told = (value: number | null) => (value === null ? "not told" : formatCount(value));
  return factList([
    ["Captures", formatCount(losses.captures)],
    ["with packets lost", formatCount(losses.withLoss)],
    ["that do not tell", formatCount(losses.untold)],
    ["Packets received", formatCount(losses.packets)],
    ["Dropped by interfaces", told(losses.interface_drops)],
    ["Dropped by the kernel", told(losses.kernel_drops)],
    ["Lost in pipes", told(losses.pipe_drops)],
    ["Flows ended early, table full", formatCount(losses.evicted_flows)],
    ["Packets cut by the snapshot length", formatCount(losses.cut_packets)],
    ["Malformed packets", formatCount(losses.malformed)],
    ["Packets of link types not read", formatCount(losses.unread_packets)]
  ]);
}

function keptNote(notebook: Notebook, {parts}: Health): string {
  if (!parts) return "Nothing was sealed yet.";
  const at = (ms: number) => formatTime(ms * 1000, notebook.zone);
  return `${formatCount(parts.count)} ${parts.count === 1 ? "part" : "parts"}, sealed ${at(parts.oldestMs)} to ${at(parts.newestMs)}. Parts are kept until flowbook gc, or a capture with --max-age or --max-size, removes them.`;
}

function besideList({beside}: Health): HTMLElement {
  if (beside.length === 0) return element("p", {class: "fb-empty"}, "Nothing beside its tables.");
  return factList(
    beside.map(({name, doc, files, bytes}) => [
      name,
      `${formatBytes(bytes)} in ${formatCount(files)} ${files === 1 ? "file" : "files"}: ${doc.replaceAll("`", "")}`
    ])
  );
}

function sensorTable(sensors: readonly SensorFacts[], atMs: number): HTMLElement {
  if (sensors.length === 0)
    return element(
      "p",
      {class: "fb-empty", "data-testid": "sensors"},
      "No capture says who took it: it came with an earlier version."
    );
  const cell = (text: string) => element("td", {}, text);
  return element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": "Sensors: table", "data-testid": "sensors"},
    element(
      "table",
      {class: "fb-table"},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...["Sensor", "Last part", "Packets", "Lost", "Waiting to be sent"].map((name) =>
            element("th", {scope: "col"}, name)
          )
        )
      ),
      element(
        "tbody",
        {},
        ...sensors.flatMap((one) => {
          const {sensor, packets, lost, spool} = one;
          const waits = spool
            ? `${formatCount(spool.parts)} ${spool.parts === 1 ? "part" : "parts"}, ${formatBytes(spool.bytes)}`
            : "sends to no store";
          const troubles = sensorTroubles(one, atMs);
          return [
            element(
              "tr",
              {"data-sensor": sensor},
              element("th", {scope: "row", class: "fb-row-head"}, visibleText(sensor)),
              ...[
                sensorLag(one, atMs),
                formatCount(packets),
                lost === null ? "not told" : formatCount(lost),
                waits
              ].map(cell)
            ),
            ...(troubles.length > 0
              ? [
                  element(
                    "tr",
                    {},
                    element(
                      "td",
                      {colspan: "5"},
                      ...troubles.map((text) =>
                        element("p", {class: "fb-said", "data-tone": "warn"}, visibleText(text))
                      )
                    )
                  )
                ]
              : [])
          ];
        })
      )
    )
  );
}

const factList = (facts: readonly (readonly [string, string])[]) =>
  element(
    "dl",
    {class: "fb-facts"},
    ...facts.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)])
  );

const card = (title: string, note: string, ...children: readonly (Node | string)[]) =>
  element(
    "section",
    {class: "fb-card", "aria-label": title},
    element("header", {}, element("h2", {}, title)),
    element("p", {class: "fb-note"}, note),
    ...children
  );
