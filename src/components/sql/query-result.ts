import * as Inputs from "npm:@observablehq/inputs";
import * as Plot from "npm:@observablehq/plot";
import type {Rows} from "../../lib/ask.js";
import {chartMarks, chartRows, isTime, type QueryChart, usualChart} from "../../lib/query-chart.js";
import {element} from "../page/element.js";

export interface QueryResult {
  readonly node: HTMLElement;
  chart(): QueryChart;
}

/** An answer as a chart that can be changed, and as a table. */
export function queryResult({columns, rows}: Rows): QueryResult {
  let chart = usualChart(columns);
  const values = chartRows(columns, rows);
  const figure = element("div", {"data-testid": "query-chart"});
  const choice = (label: string, names: readonly string[], chosen: string, choose: (name: string) => void) => {
    const select = element(
      "select",
      {onchange: () => choose(select.value)},
      ...names.map((name) => element("option", {selected: name === chosen, value: name}, name))
    );
    return element("label", {class: "fb-field"}, `${label} `, select);
  };
  const names = columns.map(({name}) => name);
  const change = (fields: Partial<QueryChart>) => {
    chart = {...chart, ...fields};
    draw();
  };
  const draw = () => {
    const {mark, x, y} = chart;
    if (mark === "none" || rows.length === 0) return figure.replaceChildren();
    const isNamed = mark === "bar" && !isTime(columns.find(({name}) => name === x) ?? {name: x, type: ""});
    const marks = isNamed
      ? [Plot.barX(values, {x: y, y: x, sort: {y: "-x", limit: 40}, tip: true}), Plot.ruleX([0])]
      : [markOf(mark, values, x, y)];
    const longest = isNamed ? Math.max(...values.map((row) => String(row[x]).length)) : 0;
    const options = {width: 820, marginLeft: isNamed ? Math.min(220, 30 + longest * 7) : 60, x: {grid: true}, marks};
    figure.replaceChildren(Plot.plot(options));
  };
  draw();
  const bar = element(
    "div",
    {class: "fb-buttons"},
    choice("Chart", chartMarks, chart.mark, (mark) => change({mark: mark as QueryChart["mark"]})),
    choice("x", names, chart.x, (x) => change({x})),
    choice("y", names, chart.y, (y) => change({y}))
  );
  const table = element("div", {"data-testid": "query-table"}, Inputs.table(values, {select: false, rows: 18}));
  return {node: element("div", {}, ...(columns.length > 1 ? [bar, figure] : []), table), chart: () => chart};
}

function markOf(mark: QueryChart["mark"], values: readonly object[], x: string, y: string) {
  const data = values as Record<string, unknown>[];
  if (mark === "line") return Plot.lineY(data, {x, y, tip: true});
  if (mark === "area") return Plot.areaY(data, {x, y, tip: true});
  return mark === "dot" ? Plot.dot(data, {x, y, tip: true}) : Plot.barY(data, {x, y, tip: true});
}
