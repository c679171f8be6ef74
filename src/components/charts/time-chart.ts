import {isLog} from "../../lib/captures.js";
import type {DimensionName} from "../../lib/dimensions.js";
import type {MeasureName} from "../../lib/measures.js";
import {measures} from "../../lib/measures.js";
import {groupName} from "../../lib/names.js";
import {groupColor, otherColor} from "../../lib/palette.js";
import type {Answer, Question, TimeGrid} from "../../lib/question.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {type Box, chart} from "./chart.js";
import {choice} from "./choice.js";
import {hasGaps} from "./time-axis.js";
import {drawStack, type Series} from "./time-stack.js";

/** A quantity that a time chart can show. */
export interface TimeQuantity {
  readonly name: string;
  readonly question: Question;
  readonly measure: MeasureName;
  /** Drawn below the line of zero, as what goes the other way. */
  readonly opposite?: MeasureName;
  /** Names of the two directions. */
  readonly directions?: readonly [string, string];
}

export interface TimeChartOptions {
  readonly id: string;
  readonly title: string;
  readonly note?: string;
  /** The first is shown at first; with several there is a switch. */
  readonly quantities: readonly TimeQuantity[];
  /** Offers a logarithmic scale, as lines beside each other. */
  readonly log?: boolean;
  readonly height?: number;
  /** What is said where flows match and none of this was counted. */
  readonly nothing?: string;
}

const mostSeries = 8;

/** How exact charts of bytes and packets are (`capture/core/meter/activity.ts`). */
export const volumeNote =
  "Bytes and packets of each direction stand in the second in which they came; a flow with packets in more than 97 seconds has neighbouring seconds of about the same rate as one.";

/** Quantities over packet time, stacked; a drag zooms every chart of the page, a double click shows all again. */
export function timeChart(notebook: Notebook, options: TimeChartOptions): HTMLElement {
  const {quantities, height = 240} = options;
  let quantity = quantities[0];
  let scale: "linear" | "log" = "linear";
  return chart(notebook, {
    id: options.id,
    title: options.title,
    nothing: options.nothing,
    note: ({span, captures}) => {
      const {divisible} = measures[quantity.measure];
      const said = options.note ?? (divisible ? volumeNote : "A flow is counted at its start time.");
      const ofLogs = divisible && captures.some(isLog) ? " Flows of logs are spread evenly over their duration." : "";
      return span ? said + ofLogs : "";
    },
    controls: (redraw) => [
      ...(quantities.length > 1
        ? [
            choice(
              "Quantity",
              quantities.map(({name}) => [name, name] as const),
              quantity.name,
              (name) => {
                quantity = quantities.find((other) => other.name === name) as TimeQuantity;
                redraw();
              }
            )
          ]
        : []),
      ...(options.log
        ? [
            choice(
              "Scale",
              [
                ["linear", "Linear"],
                ["log", "Log"]
              ] as const,
              scale,
              (value) => {
                scale = value;
                redraw();
              }
            )
          ]
        : [])
    ],
    ask: (notebook, width) => ({
      question: quantity.question,
      filter: notebook.filter,
      grid: notebook.grid(bucketsFor(width))
    }),
    lossSql: (notebook, width) => notebook.lossSql(notebook.grid(bucketsFor(width))),
    isEmpty: ({columns, rows}) => {
      const shown = [quantity.measure, ...(quantity.opposite ? [quantity.opposite] : [])].map((name) =>
        columns.indexOf(name)
      );
      return !rows.some((row) => shown.some((i) => (row[i] as number) > 0));
    },
    draw: (answer, box) => drawSeries(answer, box, quantity, scale, height)
  });
}

/** Buckets of about six pixels. */
export function bucketsFor(width: number): number {
  return Math.max(24, Math.min(240, Math.floor(width / 6)));
}

function drawSeries(answer: Answer, box: Box, quantity: TimeQuantity, scale: "linear" | "log", height: number) {
  const grid = box.notebook.grid(bucketsFor(box.width));
  const series = quantity.opposite
    ? directionSeries(answer, grid, quantity)
    : groupSeries(answer, grid, quantity.question.by[0], quantity.measure);
  const {unit, divisible} = measures[quantity.measure];
  return drawStack(box, grid, series, {
    name: quantity.name,
    isRate: divisible,
    isBytes: unit === "bytes",
    scale,
    height
  });
}

function groupSeries(
  {columns, rows}: Answer,
  grid: TimeGrid,
  by: DimensionName | undefined,
  measure: MeasureName
): Series[] {
  const at = columns.indexOf(measure);
  const bucketOf = (ts: unknown) => Math.round(((ts as number) - grid.originUs) / grid.widthUs);
  const groups = new Map<unknown, {values: Float64Array; total: number}>();
  for (const row of rows) {
    const key = by ? row[1] : "";
    let group = groups.get(key);
    if (!group) groups.set(key, (group = {values: new Float64Array(grid.count), total: 0}));
    group.values[bucketOf(row[0])] += row[at] as number;
    group.total += row[at] as number;
  }
  const ranked = [...groups].filter(([, {total}]) => total > 0).sort(([, a], [, b]) => b.total - a.total);
  const own = ranked.slice(0, ranked.length > mostSeries ? mostSeries - 1 : mostSeries);
  const rest = ranked.slice(own.length);
  const series = own.map(([key, {values}]) => ({
    name: by ? groupName(by, key as string) : measures[measure].label,
    color: by ? groupColor(by, key as string) : "var(--fb-blue)",
    isGroup: by !== undefined,
    values
  }));
  if (rest.length === 0) return series;
  const values = new Float64Array(grid.count);
  for (const [, group] of rest) for (let i = 0; i < values.length; i++) values[i] += group.values[i];
  return [...series, {name: `${rest.length} others`, color: otherColor, values}];
}

function directionSeries(
  {columns, rows}: Answer,
  grid: TimeGrid,
  {measure, opposite, directions}: TimeQuantity
): Series[] {
  const [up, down] = [columns.indexOf(measure), columns.indexOf(opposite as string)];
  const [ups, downs] = [new Float64Array(grid.count), new Float64Array(grid.count)];
  for (const row of rows) {
    const bucket = Math.round(((row[0] as number) - grid.originUs) / grid.widthUs);
    ups[bucket] += row[up] as number;
    downs[bucket] -= row[down] as number;
  }
  const [upName, downName] = directions ?? ["from originators", "from responders"];
  return [
    {name: upName, color: "var(--fb-orange)", values: ups},
    {name: downName, color: "var(--fb-blue)", values: downs}
  ];
}

/** Says what the grey parts are, where there are any. */
export function gapNote(notebook: Notebook): HTMLElement {
  const words = "Grey: no capture covers this time, so the value is unknown, not zero.";
  const node = element("p", {class: "fb-note", "data-testid": "gap-note"}, words);
  notebook.follow(node, () => {
    node.hidden = notebook.isEmpty || !hasGaps(notebook);
  });
  return node;
}
