import {boxHeights} from "../../lib/box-heights.js";
import type {Filter} from "../../lib/filter.js";
import {formatBytes, formatCount, formatShare} from "../../lib/format.js";
import {type MeasureName, measures} from "../../lib/measures.js";
import {portName, protocolName, serviceName} from "../../lib/names.js";
import {groupColor} from "../../lib/palette.js";
import type {Answer} from "../../lib/question.js";
import {hierarchy} from "../../lib/questions/hierarchy.js";
import {protocolServices} from "../../lib/questions/protocol-services.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {chart} from "./chart.js";
import {choice} from "./choice.js";
import {pickable} from "./pickable.js";

interface Branch {
  readonly name: string;
  readonly color: string;
  readonly filter: Filter | null;
  value: number;
  readonly children: Branch[];
}

type Quantity = "bytes" | "packets" | "flows";

/** Protocol, service and port as three columns of boxes; a box's height is its share, and a click narrows the page to it. */
export function hierarchyChart(notebook: Notebook): HTMLElement {
  let measure: Quantity = "bytes";
  return chart(notebook, {
    id: "hierarchy",
    title: "Protocol → service → port",
    note: "The height of a box is its share of the total; a smaller one that is named is one line high. Services are recognised by content, not by port.",
    controls: (redraw) => [
      choice(
        "Quantity",
        [
          ["bytes", "Bytes"],
          ["packets", "Packets"],
          ["flows", "Flows"]
        ] as const,
        measure,
        (value) => {
          measure = value;
          redraw();
        }
      )
    ],
    ask: ({filter}) => ({question: {...hierarchy, order: measure}, filter}),
    draw(answer, {notebook, width}) {
      const whole = notebook.answer({question: protocolServices, filter: notebook.filter});
      const root = tree(whole, answer, measure);
      const all = weight(root);
      const height = heightOf(root);
      const depth = width / 3;
      const format = measures[measure as MeasureName].unit === "bytes" ? formatBytes : formatCount;
      const svg = svgElement("svg", {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        class: "fb-hierarchy",
        role: "group",
        "aria-label": "Protocols, services and ports"
      });
      for (const {branch, level, path, y, height: boxHeight} of boxesOf(root, height)) {
        if (boxHeight < leastDrawn) continue;
        const x = level * depth;
        const {name, color, filter} = branch;
        const value = weight(branch);
        const boxWidth = depth - 3;
        const group = svgElement(
          "g",
          {transform: `translate(${x},${y})`},
          svgElement("rect", {
            class: "fb-box",
            width: boxWidth,
            height: Math.max(0.7, boxHeight - 1.5),
            rx: Math.min(3, boxHeight / 3),
            fill: color,
            "fill-opacity": [0.36, 0.28, 0.18][level]
          }),
          svgElement("rect", {
            width: 4,
            height: Math.max(0.7, boxHeight - 1.5),
            rx: Math.min(2, boxHeight / 3),
            fill: color
          })
        );
        const letters = Math.floor((boxWidth - 22) / 7);
        const two = boxHeight >= 40;
        if (boxHeight >= lineHeight)
          group.append(
            svgElement(
              "text",
              {x: 12, y: two ? 19 : boxHeight / 2 + 3.5, class: "fb-box-name"},
              name.length > letters ? `${name.slice(0, Math.max(1, letters - 1))}…` : name
            )
          );
        if (two) group.append(svgElement("text", {x: 12, y: 34, class: "fb-box-value"}, format(value)));
        pickable(
          group,
          path.join(" → "),
          [
            {
              name: measures[measure as MeasureName].label,
              value: measure === "bytes" ? `${formatCount(value)} B` : formatCount(value)
            },
            {name: "share", value: formatShare(value, all)}
          ],
          filter,
          notebook
        );
        // Hundreds of small boxes would make the keyboard's way through the page endless.
        if (level === 2 || boxHeight < lineHeight) group.removeAttribute("tabindex");
        svg.append(group);
      }
      return {node: svg};
    }
  });
}

/** Pixels that a name needs, and those of the lowest box that is drawn. */
const lineHeight = 17;
const leastDrawn = 0.7;
/** Parts of a small protocol that have a name. */
const mostLines = 4;
const [leastHeight, mostGrowth] = [420, 240];
const mostPorts = 12;

interface Box {
  readonly branch: Branch;
  /** 0 of protocols, 1 of services, 2 of ports. */
  readonly level: number;
  /** Names from the protocol on. */
  readonly path: readonly string[];
  readonly y: number;
  readonly height: number;
}

/** Pixels that a branch needs so that it and its first parts have a name. */
const needOf = ({children}: Branch): number => lineHeight * Math.max(1, Math.min(mostLines, children.length));

/** What small protocols need beyond their share the chart grows by, so that the large ones keep theirs. */
function heightOf({children}: Branch): number {
  const all = children.reduce((sum, child) => sum + weight(child), 0);
  const lacking = children.reduce(
    (sum, child) => sum + Math.max(0, needOf(child) - (leastHeight * weight(child)) / all),
    0
  );
  return leastHeight + Math.min(mostGrowth, lacking);
}

/** Boxes of three columns from top to bottom, each beside its own parts. */
function boxesOf({children}: Branch, height: number, y = 0, level = 0, above: readonly string[] = []): Box[] {
  const needs = children.map((child) => (level === 0 ? needOf(child) : lineHeight));
  const heights = boxHeights(children.map(weight), needs, height);
  let at = y;
  return children.flatMap((branch, k) => {
    const path = [...above, branch.name];
    const box = {branch, level, path, y: at, height: heights[k]};
    at += heights[k];
    return [box, ...boxesOf(branch, box.height, box.y, level + 1, path)];
  });
}

const weight = ({children, value}: Branch): number =>
  children.length ? children.reduce((sum, child) => sum + weight(child), 0) : value;

/** Services with all that they have, and of it what their largest ports have; the rest is of other ports. */
function tree(whole: Answer, ports: Answer, measure: Quantity): Branch {
  const root: Branch = {name: "all", color: "", filter: null, value: 0, children: []};
  const protocols = new Map<number, Branch>();
  const services = new Map<string, Branch>();
  const at = whole.columns.indexOf(measure);
  for (const row of whole.rows) {
    const [proto, service] = row as [number, string | null];
    let parent = protocols.get(proto);
    if (!parent) {
      parent = {
        name: protocolName(proto),
        color: groupColor("proto", proto),
        filter: {protos: [proto]},
        value: 0,
        children: []
      };
      protocols.set(proto, parent);
      root.children.push(parent);
    }
    const branch: Branch = {
      name: serviceName(service),
      color: groupColor("service", service),
      filter: {protos: [proto], services: [service]},
      value: row[at] as number,
      children: []
    };
    services.set(`${proto} ${service}`, branch);
    parent.children.push(branch);
  }
  const portAt = ports.columns.indexOf(measure);
  for (const row of ports.rows) {
    const [proto, service, port] = row as [number, string | null, number];
    const parent = services.get(`${proto} ${service}`);
    if (parent && parent.children.length < mostPorts)
      parent.children.push(portBox(portName(proto, port), parent.color, row[portAt] as number));
  }
  for (const {color, value, children} of services.values()) {
    const rest = value - children.reduce((sum, child) => sum + child.value, 0);
    // Sums of parts of a window differ in their last digits.
    if (rest > value * 1e-9) children.push(portBox("other ports", color, rest));
  }
  const sort = (node: Branch) => {
    node.children.sort((a, b) => weight(b) - weight(a));
    node.children.forEach(sort);
  };
  sort(root);
  return root;
}

const portBox = (name: string, color: string, value: number): Branch => ({
  name,
  color,
  filter: null,
  value,
  children: []
});
