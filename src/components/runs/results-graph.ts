import {element, svgElement} from "../page/element.js";
import type {ResultState} from "../page/server-link.js";

const colors = {fresh: "var(--fb-green)", stale: "var(--fb-orange)", missing: "var(--fb-suspicious)"} as const;
const rowHeight = 20;
const top = 14;

/** Which tables each result is made from: tables to the left, results to the right; what changed is drawn in colour. */
export function resultsGraph(results: readonly ResultState[]): HTMLElement {
  const node = element("div", {class: "fb-chart-body", "data-testid": "results-graph"});
  new ResizeObserver(() => {
    const width = Math.floor(node.clientWidth);
    if (width > 0) node.replaceChildren(draw(results, width));
  }).observe(node);
  return node;
}

const every = "every table";

function draw(results: readonly ResultState[], width: number): SVGSVGElement {
  const tablesOf = ({reads}: ResultState) => (reads === null ? [every] : reads);
  const tables = [...new Set(results.flatMap(tablesOf))].sort();
  const height = Math.max(tables.length, results.length) * rowHeight + top;
  const yOf = (k: number, count: number) => top + ((k + 0.5) * (height - top)) / count;
  const [left, right] = [Math.min(132, width * 0.34), width - Math.min(236, width * 0.52)];
  const lines = results.flatMap((result, r) =>
    tablesOf(result).map((table) => {
      const [y0, y1] = [yOf(tables.indexOf(table), tables.length), yOf(r, results.length)];
      const isWhy = result.why.some((words) => words.startsWith(`table ${table} `));
      const middle = (left + right) / 2;
      return svgElement("path", {
        d: `M${left},${y0}C${middle},${y0} ${middle},${y1} ${right},${y1}`,
        fill: "none",
        stroke: isWhy ? colors.stale : "var(--fb-axis)",
        "stroke-width": isWhy ? 2 : 1,
        "data-table": table,
        "data-result": result.name
      });
    })
  );
  const light = (name: string, attribute: "table" | "result") => () => {
    for (const line of lines) line.style.strokeOpacity = line.dataset[attribute] === name ? "1" : "0.15";
  };
  const reset = () => {
    for (const line of lines) line.style.strokeOpacity = "";
  };
  const label = (name: string, x: number, y: number, attribute: "table" | "result", mark: SVGElement | null) =>
    svgElement(
      "g",
      {onpointerenter: light(name, attribute), onpointerleave: reset},
      mark,
      svgElement(
        "text",
        {x, y, dy: "0.32em", "text-anchor": attribute === "table" ? "end" : "start", "font-size": "12px"},
        name.replace(/^data\//, "")
      )
    );
  return svgElement(
    "svg",
    {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": "Tables and the results made from them; the list below says the same"
    },
    svgElement(
      "text",
      {x: left - 8, y: 9, "text-anchor": "end", "font-size": "11px", class: "fb-graph-head"},
      "what is read"
    ),
    svgElement("text", {x: right + 8, y: 9, "font-size": "11px", class: "fb-graph-head"}, "results"),
    ...lines,
    ...tables.map((table, k) => label(table, left - 8, yOf(k, tables.length), "table", null)),
    ...results.map(({name, freshness, error}, k) => {
      const y = yOf(k, results.length);
      const fill = error ? colors.missing : colors[freshness];
      return label(name, right + 18, y, "result", svgElement("circle", {cx: right + 8, cy: y, r: 4.5, fill}));
    })
  );
}
