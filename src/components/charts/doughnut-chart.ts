import * as d3 from "npm:d3";
import type {DimensionName} from "../../lib/dimensions.js";
import type {Filter} from "../../lib/filter.js";
import {formatBytes, formatCount, formatShare, formatShort} from "../../lib/format.js";
import {type MeasureName, measures} from "../../lib/measures.js";
import {groupName} from "../../lib/names.js";
import {groupColor, otherColor} from "../../lib/palette.js";
import type {Cell, Question} from "../../lib/question.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {chart} from "./chart.js";
import {pickable} from "./pickable.js";

export interface DoughnutOptions {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  readonly question: Question;
  readonly measure: MeasureName;
  /** What stands in the middle; by default the sum. */
  middle?(rows: readonly (readonly Cell[])[], columns: readonly string[]): readonly [number: string, words: string];
  pick?(value: Cell): Filter | null;
}

const mostSlices = 7;

/** Shares of a whole as a ring, with names and shares beside it. */
export function doughnutChart(notebook: Notebook, options: DoughnutOptions): HTMLElement {
  const {question, measure} = options;
  const dimension = question.by[0] as DimensionName;
  return chart(notebook, {
    id: options.id,
    title: options.title,
    note: options.note,
    ask: ({filter}) => ({question, filter}),
    isEmpty: ({columns, rows}) => !rows.some((row) => (row[columns.indexOf(measure)] as number) > 0),
    draw({columns, rows}, {notebook, width}) {
      const at = columns.indexOf(measure);
      const format = measures[measure].unit === "bytes" ? formatBytes : formatCount;
      const ranked = rows.filter((row) => (row[at] as number) > 0);
      const own = ranked.slice(0, ranked.length > mostSlices ? mostSlices - 1 : mostSlices);
      const rest = ranked.slice(own.length);
      const total = ranked.reduce((sum, row) => sum + (row[at] as number), 0);
      const slices = [
        ...own.map((row) => ({
          name: groupName(dimension, row[0]),
          value: row[at] as number,
          color: groupColor(dimension, row[0]),
          filter: options.pick?.(row[0]) ?? null
        })),
        ...(rest.length
          ? [
              {
                name: `${rest.length} others`,
                value: rest.reduce((sum, row) => sum + (row[at] as number), 0),
                color: otherColor,
                filter: null
              }
            ]
          : [])
      ];
      // On a telephone the names need more of the width.
      const isNarrow = width < 320;
      const size = Math.min(190, width * (isNarrow ? 0.4 : 0.46));
      const height = Math.max(size, slices.length * 26) + 4;
      const svg = svgElement("svg", {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        role: "group",
        "aria-label": options.title,
        class: "fb-doughnut"
      });
      const radius = size / 2;
      const ring = svgElement("g", {transform: `translate(${radius},${height / 2})`});
      const arc = d3
        .arc<d3.PieArcDatum<(typeof slices)[number]>>()
        .innerRadius(radius * 0.66)
        .outerRadius(radius)
        .cornerRadius(2)
        .padAngle(slices.length > 1 ? 0.02 : 0);
      const [number, words] = options.middle?.(rows, columns) ?? [
        measures[measure].unit === "bytes" ? formatBytes(total) : formatShort(total),
        measures[measure].label.toLowerCase()
      ];
      for (const piece of d3
        .pie<(typeof slices)[number]>()
        .value(({value}) => value)
        .sort(null)(slices)) {
        const path = svgElement("path", {d: arc(piece) ?? "", fill: piece.data.color});
        path.addEventListener("click", () => piece.data.filter && notebook.narrow(piece.data.filter));
        ring.append(path);
      }
      ring.append(
        svgElement(
          "text",
          {
            y: -1,
            "text-anchor": "middle",
            class: number.length > (isNarrow ? 4 : 6) ? "fb-middle fb-middle-long" : "fb-middle"
          },
          number
        ),
        svgElement("text", {y: 17, "text-anchor": "middle", class: "fb-middle-words"}, words)
      );
      svg.append(ring);
      const x = size + 20;
      const top = (height - slices.length * 26) / 2;
      slices.forEach(({name, value, color, filter}, i) => {
        const letters = Math.max(6, Math.floor((width - x - 80) / 7.2));
        const group = svgElement(
          "g",
          {transform: `translate(${x},${top + i * 26})`},
          svgElement("rect", {class: "fb-hit", width: Math.max(0, width - x), height: 24, fill: "transparent", rx: 4}),
          svgElement("rect", {x: 4, y: 7, width: 10, height: 10, rx: 2, fill: color}),
          svgElement(
            "text",
            {x: 21, y: 16.5, class: "fb-bar-name"},
            name.length > letters ? `${name.slice(0, letters - 1)}…` : name
          ),
          svgElement(
            "text",
            {x: width - x - 4, y: 16.5, "text-anchor": "end", class: "fb-bar-value"},
            formatShare(value, total)
          )
        );
        pickable(
          group,
          name,
          [
            {name: measures[measure].label, value: format(value)},
            {name: "share", value: formatShare(value, total)}
          ],
          filter,
          notebook
        );
        svg.append(group);
      });
      return {node: svg};
    }
  });
}
