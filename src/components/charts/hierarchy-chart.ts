import * as d3 from "npm:d3";
import type {Filter} from "../../lib/filter.js";
import {formatBytes, formatCount, formatShare} from "../../lib/format.js";
import {type MeasureName, measures} from "../../lib/measures.js";
import {portName, protocolName, serviceName} from "../../lib/names.js";
import {groupColor} from "../../lib/palette.js";
import type {Answer} from "../../lib/question.js";
import {hierarchy} from "../../lib/questions/hierarchy.js";
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
    ask: ({filter}) => ({question: hierarchy, filter}),
    draw(answer, {notebook, width}) {
      const height = 420;
      const root = d3
        .hierarchy<Branch>(tree(answer, measure))
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

function tree({columns, rows}: Answer, measure: Quantity): Branch {
  const at = columns.indexOf(measure);
  const root: Branch = {name: "all", color: "", filter: null, value: 0, children: []};
  const branch = (
    parent: Branch,
    key: string,
    make: () => Omit<Branch, "value" | "children">,
    index: Map<string, Branch>
  ) => {
    let found = index.get(key);
    if (!found) {
      found = {...make(), value: 0, children: []};
      index.set(key, found);
      parent.children.push(found);
    }
    return found;
  };
  const index = new Map<string, Branch>();
  for (const row of rows) {
    const [proto, service, port] = [row[0] as number, row[1] as string | null, row[2] as number];
    const value = row[at] as number;
    const first = branch(
      root,
      `${proto}`,
      () => ({name: protocolName(proto), color: groupColor("proto", proto), filter: {protos: [proto]}}),
      index
    );
    const second = branch(
      first,
      `${proto} ${service}`,
      () => ({
        name: serviceName(service),
        color: groupColor("service", service),
        filter: {protos: [proto], services: [service]}
      }),
      index
    );
    const known = index.has(`${proto} ${service} ${port}`) || second.children.length < mostPorts;
    const third = branch(
      second,
      `${proto} ${service} ${known ? port : "others"}`,
      () => ({
        name: known ? portName(proto, port) : "other ports",
        color: groupColor("service", service),
        filter: null
      }),
      index
    );
    third.value += value;
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
