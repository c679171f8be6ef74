import * as d3 from "npm:d3";
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
    note: "The height of a box is its share of the total. Services are recognised by content, not by port.",
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
      const height = 420;
      const whole = notebook.answer({question: protocolServices, filter: notebook.filter});
      const root = d3
        .hierarchy<Branch>(tree(whole, answer, measure))
        .sum(({children, value}) => (children.length ? 0 : value));
      const layout = d3.partition<Branch>().size([height, width + width / 3])(root);
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
      for (const node of layout.descendants()) {
        if (node.depth === 0) continue;
        const boxHeight = node.x1 - node.x0;
        if (boxHeight < 0.7) continue;
        const x = (node.depth - 1) * depth;
        const {name, color, filter} = node.data;
        const boxWidth = depth - 3;
        const group = svgElement(
          "g",
          {transform: `translate(${x},${node.x0})`},
          svgElement("rect", {
            class: "fb-box",
            width: boxWidth,
            height: Math.max(0.7, boxHeight - 1.5),
            rx: Math.min(3, boxHeight / 3),
            fill: color,
            "fill-opacity": [0, 0.36, 0.28, 0.18][node.depth]
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
        if (boxHeight >= 17)
          group.append(
            svgElement(
              "text",
              {x: 12, y: two ? 19 : boxHeight / 2 + 3.5, class: "fb-box-name"},
              name.length > letters ? `${name.slice(0, Math.max(1, letters - 1))}…` : name
            )
          );
        if (two) group.append(svgElement("text", {x: 12, y: 34, class: "fb-box-value"}, format(node.value ?? 0)));
        const path = node
          .ancestors()
          .slice(0, -1)
          .reverse()
          .map(({data}) => data.name)
          .join(" → ");
        pickable(
          group,
          path,
          [
            {
              name: measures[measure as MeasureName].label,
              value: measure === "bytes" ? `${formatCount(node.value ?? 0)} B` : formatCount(node.value ?? 0)
            },
            {name: "share", value: formatShare(node.value ?? 0, root.value ?? 0)}
          ],
          filter,
          notebook
        );
        // Hundreds of small boxes would make the keyboard's way through the page endless.
        if (node.depth === 3 || boxHeight < 17) group.removeAttribute("tabindex");
        svg.append(group);
      }
      return {node: svg};
    }
  });
}

const mostPorts = 12;

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
  const weight = (node: Branch): number =>
    node.children.length ? node.children.reduce((sum, child) => sum + weight(child), 0) : node.value;
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
