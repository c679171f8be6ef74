import {addressKey} from "../../lib/address-key.js";
import {formatCount} from "../../lib/format.js";
import type {Cell} from "../../lib/question.js";
import {fewProbes, scanMatrix} from "../../lib/records/scans.js";
import {shortened} from "../../lib/visible-text.js";
import {pickable} from "../charts/pickable.js";
import {hideTooltip, showTooltip} from "../charts/tooltip.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {recordChart} from "../records/record-chart.js";

const colors: Readonly<Record<string, string>> = {
  open: "var(--fb-suspicious)",
  refused: "var(--fb-sky)",
  "other answer": "var(--fb-violet)",
  "no answer": "var(--fb-grey-light)"
};

interface Probed {
  readonly target: string;
  readonly transport: string;
  readonly port: number;
  readonly outcome: string;
  readonly probes: number;
}

/** Who was asked for which port by the host that probed the most, and what came of it: hosts below one another, ports beside. */
export function scanMatrixChart(notebook: Notebook): HTMLElement {
  return recordChart(notebook, {
    question: scanMatrix,
    note: "Hosts and TCP or UDP ports that one host probed, coloured by the best answer of each. Shown is the host that probed the most; filter by a host to see its probes.",
    none: fewProbes,
    draw({rows}, {width, hidden}) {
      const cells = rows.map(probedOf);
      const shown = cells.filter(({outcome}) => !hidden.has(outcome));
      const [source, , , , , , targets, ports] = rows[0];
      const legend = Object.keys(colors)
        .filter((name) => cells.some(({outcome}) => outcome === name))
        .map((name) => ({name, color: colors[name]}));
      return {node: drawMatrix(notebook, String(source), cells, shown, Number(targets), Number(ports), width), legend};
    }
  });
}

function probedOf([, target, transport, port, outcome, probes]: readonly Cell[]): Probed {
  return {
    target: String(target),
    transport: String(transport),
    port: Number(port),
    outcome: String(outcome),
    probes: Number(probes)
  };
}

const top = 40;

function drawMatrix(
  notebook: Notebook,
  source: string,
  all: readonly Probed[],
  shown: readonly Probed[],
  targets: number,
  ports: number,
  width: number
): SVGSVGElement {
  const hosts = [...new Set(all.map(({target}) => target))].sort((a, b) => (addressKey(a) < addressKey(b) ? -1 : 1));
  const names = portsOf(all);
  const left = width < 560 ? 96 : 150;
  const rowHeight = hosts.length === 1 ? 44 : hosts.length <= 12 ? 26 : 18;
  const cellWidth = Math.min(26, (width - left) / names.length);
  const height = top + hosts.length * rowHeight + 22;
  const x = new Map(names.map(({key}, i) => [key, left + i * cellWidth]));
  const y = new Map(hosts.map((host, i) => [host, top + i * rowHeight]));
  const svg = svgElement("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    class: "fb-matrix",
    role: "group",
    "aria-label": `Probes of ${source}`
  });
  svg.append(svgElement("text", {x: 0, y: 14, class: "fb-matrix-source"}, `Probed by ${source}`));
  // Names of ports, so many that none stands on another.
  const every = Math.max(1, Math.ceil(44 / cellWidth));
  for (const [i, {key, label}] of names.entries())
    if (i % every === 0 && width - x.get(key)! > 7 * label.length)
      svg.append(svgElement("text", {x: x.get(key)!, y: top - 8, class: "fb-matrix-port"}, label));
  for (const host of hosts) {
    const group = svgElement(
      "g",
      {},
      svgElement("rect", {x: 0, y: y.get(host)!, width: left - 6, height: rowHeight, fill: "transparent"}),
      svgElement(
        "text",
        {x: 0, y: y.get(host)! + rowHeight / 2 + 4, class: "fb-matrix-host"},
        shortened(host, left < 120 ? 13 : 21)
      )
    );
    const own = all.filter(({target}) => target === host);
    const counted = Object.keys(colors).flatMap((name) => {
      const number = own.filter(({outcome}) => outcome === name).length;
      return number > 0 ? [{name, value: `${formatCount(number)} ports`, color: colors[name]}] : [];
    });
    pickable(group, host, counted, {host}, notebook);
    svg.append(group);
  }
  const gap = cellWidth > 5 ? 1 : 0;
  for (const {target, transport, port, outcome, probes} of shown) {
    const cell = svgElement("rect", {
      x: x.get(keyOf({transport, port}))!,
      y: y.get(target)! + 1,
      width: Math.max(1, cellWidth - gap),
      height: rowHeight - 2,
      rx: cellWidth > 8 ? 2 : 0,
      fill: colors[outcome]
    });
    const said = [
      {name: outcome, value: `${formatCount(probes)} probe${probes === 1 ? "" : "s"}`, color: colors[outcome]}
    ];
    cell.addEventListener("pointermove", (event) => showTooltip(event, `${target} ${transport} ${port}`, said));
    cell.addEventListener("pointerleave", hideTooltip);
    svg.append(cell);
  }
  const less = [
    hosts.length < targets && `${hosts.length} of ${formatCount(targets)} hosts`,
    names.length < ports && `${names.length} of ${formatCount(ports)} ports`
  ].filter((words) => words !== false);
  const words =
    less.length > 0
      ? `${width < 480 ? "Shown" : "The most probed"}: ${less.join(", ")}.`
      : `${formatCount(targets)} hosts, ${formatCount(ports)} ports.`;
  svg.append(
    svgElement("text", {x: 0, y: height - 4, class: "fb-matrix-less"}, words.replace(/\b1 (host|port)s/g, "1 $1"))
  );
  return svg;
}

const keyOf = ({transport, port}: Pick<Probed, "transport" | "port">) => `${transport}/${port}`;

/** Ports in order, TCP first; the protocol is named where there are two. */
function portsOf(all: readonly Probed[]): readonly {readonly key: string; readonly label: string}[] {
  const transports = new Set(all.map(({transport}) => transport));
  const known = new Map(all.map((probed) => [keyOf(probed), probed]));
  return [...known]
    .sort(([, a], [, b]) => (a.transport === b.transport ? a.port - b.port : a.transport < b.transport ? -1 : 1))
    .map(([key, {transport, port}]) => ({key, label: transports.size > 1 ? `${transport[0]}${port}` : String(port)}));
}
