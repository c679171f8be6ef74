import {isThicket} from "../../lib/connection-matrix.js";
import {type Connections, connectionsOf} from "../../lib/connections.js";
import type {Answer} from "../../lib/question.js";
import {pairs} from "../../lib/questions/pairs.js";
import {totals} from "../../lib/questions/totals.js";
import {chart} from "../charts/chart.js";
import {choice, press} from "../charts/choice.js";
import type {Notebook} from "../page/notebook.js";
import {connectionGraph} from "./connection-graph.js";
import {connectionMatrix} from "./connection-matrix.js";
import {others, suspicious} from "./connection-words.js";

type Shape = "graph" | "matrix";

const notes: Readonly<Record<Shape, string>> = {
  graph:
    "Bytes in both directions, from originator (left) to responder (right). Each side shows its largest hosts; the others are combined. The inner part of a band is as wide as its share of suspicious flows.",
  matrix:
    "Bytes in both directions, from originator (row) to responder (column); shades are by logarithm. Each side shows its largest hosts; the others are combined. The part of a cell in the other colour is its share of suspicious flows."
};

/**
 * Who spoke to whom: a graph, or a matrix where a graph would be a thicket, until the reader chooses. The smaller hosts
 * of each side are one, Others.
 */
export function connectionChart(notebook: Notebook): HTMLElement {
  let most = 12;
  let chosen: Shape | null = null;
  const shapes = choice<Shape>(
    "Drawn as",
    [
      ["graph", "Graph"],
      ["matrix", "Matrix"]
    ],
    "graph",
    (shape) => {
      chosen = shape;
      redrawAll();
    }
  );
  let redrawAll = () => {};
  const shapeOf = (connections: Connections) => chosen ?? (isThicket(connections) ? "matrix" : "graph");
  return chart(notebook, {
    id: "connections",
    title: "Who spoke to whom",
    note: (notebook) =>
      notebook.isEmpty ? notes.graph : notes[shapeOf(shownOf(notebook, notebook.answer(askOf(notebook)), most))],
    ask: askOf,
    controls: (redraw) => {
      redrawAll = redraw;
      return [
        shapes,
        choice(
          "Hosts on each side",
          [
            ["6", "6"],
            ["12", "12"],
            ["25", "25"],
            ["50", "50"]
          ],
          String(most),
          (number) => {
            most = Number(number);
            redraw();
          }
        )
      ];
    },
    draw(answer, {notebook, width, hidden}) {
      const drawn = shownOf(notebook, answer, most);
      const shape = shapeOf(drawn);
      press(shapes, shape);
      const kinds = [
        ...(drawn.bands.some(({suspicious}) => suspicious > 0) ? [suspicious] : []),
        ...(drawn.bands.some(({flows, suspicious}) => suspicious < flows) ? [others] : [])
      ];
      const draw = shape === "matrix" ? connectionMatrix : connectionGraph;
      return {node: draw(notebook, drawn, width, hidden), legend: kinds.includes(suspicious) ? kinds : []};
    }
  });
}

const askOf = ({filter}: Notebook) => ({question: pairs, filter});

/** The pairs of an answer with the totals of the same flows, summed to as many hosts as are shown. */
function shownOf(notebook: Notebook, {columns, rows}: Answer, most: number): Connections {
  const at = (name: string) => columns.indexOf(name);
  const [src, dst, bytes, flows, grave] = ["src_ip", "dst_ip", "bytes", "flows", "suspicious"].map(at);
  const all = notebook.answer({question: totals, filter: notebook.filter});
  const total = (name: string) => all.rows[0][all.columns.indexOf(name)] as number;
  const known = rows.map((row) => ({
    from: String(row[src]),
    to: String(row[dst]),
    bytes: row[bytes] as number,
    flows: row[flows] as number,
    suspicious: row[grave] as number
  }));
  return connectionsOf(known, {bytes: total("bytes"), flows: total("flows"), suspicious: total("suspicious")}, most);
}
