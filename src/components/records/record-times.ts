import type {RecordQuestion} from "../../lib/records/record-source.js";
import {bucketsFor} from "../charts/time-chart.js";
import {drawStack, type Series} from "../charts/time-stack.js";
import type {Notebook} from "../page/notebook.js";
import {cellText} from "./record-cell.js";
import {recordChart} from "./record-chart.js";

export interface RecordTimesOptions {
  /** Its columns: `ts_us`, the group, the number. */
  readonly question: RecordQuestion;
  readonly note?: string;
  readonly none?: string;
  /** Colours of groups by name, in the order of the stack; others follow in grey and by size. */
  readonly colors: Readonly<Record<string, string>>;
}

/** In a narrow window several charts are to be in sight at once. */
const narrowChart = 480;

const spare = ["var(--fb-violet)", "var(--fb-brown)", "var(--fb-teal)", "var(--fb-sand)", "var(--fb-pink)"];

/** What was counted over time, stacked by group. */
export function recordTimes(notebook: Notebook, {question, note, none, colors}: RecordTimesOptions): HTMLElement {
  const [, group, measure] = question.columns;
  return recordChart(notebook, {
    question,
    note,
    none,
    draw({rows}, box) {
      const grid = notebook.grid(bucketsFor(box.width));
      const groups = new Map<string, Float64Array>(
        Object.keys(colors).map((name) => [name, new Float64Array(grid.count)])
      );
      for (const [ts, key, value] of rows) {
        const name = cellText(group.kind, key, notebook.zone);
        let values = groups.get(name);
        if (!values) groups.set(name, (values = new Float64Array(grid.count)));
        values[Math.round(((ts as number) - grid.originUs) / grid.widthUs)] += value as number;
      }
      let others = 0;
      const series: Series[] = [...groups]
        .filter(([, values]) => values.some((value) => value > 0))
        .map(([name, values]) => ({
          name,
          values,
          color: colors[name] ?? spare[others++ % spare.length],
          isGroup: true
        }));
      return drawStack(box, grid, series, {
        name: measure.label,
        isRate: false,
        isBytes: measure.kind === "bytes",
        scale: "linear",
        height: box.width < narrowChart ? 150 : 220
      });
    }
  });
}
