import {type ConnectionMatrix, logShare, matrixOf} from "../../lib/connection-matrix.js";
import type {Band, Connections, Side} from "../../lib/connections.js";
import {formatBytes} from "../../lib/format.js";
import {shortened} from "../../lib/visible-text.js";
import {pickable} from "../charts/pickable.js";
import {walkCells} from "../charts/walk-cells.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {detailsOf, letterWidth, nameOf, others, pickableSide, pickOf, suspicious, wordsOf} from "./connection-words.js";

/** Pixels. */
const widest = 104;
const highest = 27;
/** A cell so wide has its volume written in it. */
const roomForWords = 58;
/** A name needs so much beside the next. */
const line = 14;
const gap = 1;
/** The least volume's shade: it must differ from nothing. */
const faintest = 0.13;
/** Cells beyond it have words in the colour of the card: either contrasts by 4 to 1 there. */
const darkFrom = 0.8;
const scaleSteps = 5;

/** Originators below one another, responders beside, each cell as dark as the logarithm of the bytes exchanged. */
export function connectionMatrix(
  notebook: Notebook,
  connections: Connections,
  width: number,
  hidden: ReadonlySet<string>
): SVGSVGElement {
  const matrix = matrixOf(connections);
  const {rows, columns, cells} = matrix;
  const volumes = connections.bands.map(({bytes}) => bytes);
  const scale = {least: Math.max(1, Math.min(...volumes)), most: Math.max(1, ...volumes)};
  const place = layOut(matrix, width);
  const {left, top, cellWidth, cellHeight} = place;
  const bottom = top + rows.length * cellHeight;
  const svg = svgElement("svg", {
    width,
    height: bottom + 40,
    viewBox: `0 0 ${width} ${bottom + 40}`,
    class: "fb-connection-matrix",
    role: "group",
    "aria-label": "Who spoke to whom"
  });
  for (const [at, side] of columns.entries()) svg.append(...nameAbove(notebook, side, at, place));
  for (const [at, side] of rows.entries()) svg.append(...nameBeside(notebook, side, at, place));
  const drawn = cells.map((row, y) =>
    row.map((band, x) => {
      const group = svgElement(
        "g",
        {transform: `translate(${left + x * cellWidth},${top + y * cellHeight})`, class: "fb-connection-cell"},
        svgElement("rect", {
          width: cellWidth - gap,
          height: cellHeight - gap,
          rx: cellHeight > 16 ? 2 : 0,
          fill: "var(--fb-track)",
          "fill-opacity": 0.55
        })
      );
      svg.append(group);
      if (!band || !fillCell(group, band, scale, place, hidden)) return null;
      const name = `${nameOf(band.from)} → ${nameOf(band.to)}`;
      pickable(group, name, detailsOf(band), pickOf(notebook, band), notebook);
      group.setAttribute("aria-label", `${name}: ${formatBytes(band.bytes)}`);
      return group;
    })
  );
  walkCells(drawn);
  svg.append(...scaleBelow(scale, left, bottom + 12, width));
  return svg;
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Names of columns stand upright. */
  readonly isUpright: boolean;
  /** Letters that a name may have beside and above. */
  readonly beside: number;
  readonly above: number;
}

function layOut({rows, columns}: ConnectionMatrix, width: number): Place {
  const longest = (sides: readonly Side[]) => Math.max(...sides.map((side) => wordsOf(side).length));
  const left = Math.floor(Math.min(longest(rows) * letterWidth + 12, width * 0.36));
  const cellWidth = Math.min(widest, (width - left) / columns.length);
  const isUpright = longest(columns) * letterWidth + 8 > cellWidth;
  const above = Math.min(longest(columns), 24);
  return {
    left,
    top: isUpright ? Math.ceil(above * letterWidth * 0.93) + 10 : 24,
    cellWidth,
    cellHeight: Math.max(line, Math.min(highest, cellWidth * 1.7)),
    isUpright,
    beside: Math.max(8, Math.floor((left - 8) / letterWidth)),
    above
  };
}

/** Fills a cell with its volume's shade, and within it a part as large as its share of suspicious flows; false where the reader switched both off. */
function fillCell(
  group: SVGGElement,
  {bytes, flows, suspicious: grave}: Band,
  {least, most}: {least: number; most: number},
  {cellWidth, cellHeight}: Place,
  hidden: ReadonlySet<string>
): boolean {
  const [w, h] = [cellWidth - gap, cellHeight - gap];
  const share = flows > 0 ? grave / flows : 0;
  const level = logShare(bytes, least, most);
  const showsOthers = share < 1 && !hidden.has(others.name);
  const showsSuspicious = share > 0 && !hidden.has(suspicious.name);
  if (!showsOthers && !showsSuspicious) return false;
  const rx = cellHeight > 16 ? 2 : 0;
  const shade = {"fill-opacity": faintest + (1 - faintest) * level, rx};
  const part = share === 0 || share === 1 ? w * share : Math.min(w - 1, Math.max(4, w * share));
  if (showsOthers) group.append(svgElement("rect", {width: w - part, height: h, fill: others.color, ...shade}));
  if (showsSuspicious)
    group.append(svgElement("rect", {x: w - part, width: part, height: h, fill: suspicious.color, ...shade}));
  if (cellWidth >= roomForWords)
    group.append(
      svgElement(
        "text",
        {
          x: w / 2,
          y: h / 2 + 4,
          "text-anchor": "middle",
          class: level > darkFrom ? "fb-connection-volume fb-on-dark" : "fb-connection-volume"
        },
        formatBytes(bytes)
      )
    );
  return true;
}

function nameAbove(notebook: Notebook, side: Side, at: number, place: Place): SVGElement[] {
  const {left, top, cellWidth, isUpright, above} = place;
  if (at % Math.ceil(line / cellWidth) !== 0) return [];
  const middle = left + (at + 0.5) * cellWidth;
  const group = svgElement(
    "g",
    {},
    svgElement(
      "text",
      isUpright
        ? {transform: `translate(${middle + 4},${top - 6})rotate(-90)`, class: "fb-connection-name"}
        : {x: middle, y: top - 8, "text-anchor": "middle", class: "fb-connection-name"},
      shortened(wordsOf(side), above)
    )
  );
  pickableSide(group, side, false, notebook);
  return [group];
}

function nameBeside(notebook: Notebook, side: Side, at: number, place: Place): SVGElement[] {
  const {left, top, cellHeight, beside} = place;
  if (at % Math.ceil(line / cellHeight) !== 0) return [];
  const group = svgElement(
    "g",
    {},
    svgElement(
      "text",
      {x: left - 8, y: top + (at + 0.5) * cellHeight + 4, "text-anchor": "end", class: "fb-connection-name"},
      shortened(wordsOf(side), beside)
    )
  );
  pickableSide(group, side, true, notebook);
  return [group];
}

/** What the shades mean: the least and the most volume, and the middle of their logarithms. */
function scaleBelow({least, most}: {least: number; most: number}, x: number, y: number, width: number): SVGElement[] {
  const step = Math.min(40, (width - x) / scaleSteps);
  const boxes = Array.from({length: scaleSteps}, (_, at) =>
    svgElement("rect", {
      x: x + at * step,
      y,
      width: step - gap,
      height: 8,
      fill: others.color,
      "fill-opacity": faintest + (1 - faintest) * (at / (scaleSteps - 1))
    })
  );
  const words = (at: number, anchor: string, bytes: number) =>
    svgElement("text", {x: x + at, y: y + 22, "text-anchor": anchor, class: "fb-connection-scale"}, formatBytes(bytes));
  return [...boxes, words(0, "start", least), words(scaleSteps * step, "end", most)];
}
