import type {Band, Connections, Side} from "../../lib/connections.js";
import {shortened} from "../../lib/visible-text.js";
import {pickable} from "../charts/pickable.js";
import {svgElement} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {detailsOf, letterWidth, nameOf, others, pickableSide, pickOf, suspicious, wordsOf} from "./connection-words.js";

const gap = 4;
/** A name needs so much, however thin its host's bar is. */
const line = 15;
const bar = 8;
const leastOpacity = 0.3;

/** Originators to the left, responders to the right, bands between them as wide as bytes. */
export function connectionGraph(
  notebook: Notebook,
  {from, to, bands}: Connections,
  width: number,
  hidden: ReadonlySet<string>
): SVGSVGElement {
  const longest = Math.max(from.length, to.length);
  // Names are whole where there is room for them.
  const named = Math.max(...[...from, ...to].map((side) => wordsOf(side).length)) * letterWidth + 14;
  const margin = Math.floor(Math.min(Math.max(110, named), width * 0.38));
  const total = Math.max(
    1,
    from.reduce((sum, {bytes}) => sum + bytes, 0)
  );
  const scale = Math.max(120, longest * 16) / total;
  const [left, right] = [placed(from, scale), placed(to, scale)];
  const height = Math.max(...[...left.values(), ...right.values()].map(({y, slot}) => y + slot));
  const svg = svgElement("svg", {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    class: "fb-connections",
    role: "group",
    "aria-label": "Who spoke to whom"
  });
  const [x1, x2] = [margin + bar, width - margin - bar];
  const bent = (x1 + x2) / 2;
  const [starts, ends] = [stacked(bands, left, right, "from", scale), stacked(bands, right, left, "to", scale)];
  for (const band of bands) {
    const thick = Math.max(1, band.bytes * scale);
    const [y1, y2] = [starts, ends].map((at) => (at.get(band) as number) + thick / 2);
    // What is thinner than a pixel is drawn as faint as it is thin: of many such bands there is no web.
    const faint = Math.max(leastOpacity, Math.min(1, band.bytes * scale));
    const ribbon = (width: number, color: string, opacity: number) =>
      svgElement("path", {
        d: `M${x1},${y1}C${bent},${y1} ${bent},${y2} ${x2},${y2}`,
        fill: "none",
        stroke: color,
        "stroke-width": width,
        "stroke-opacity": opacity
      });
    const share = band.flows > 0 ? band.suspicious / band.flows : 0;
    const group = svgElement(
      "g",
      {class: "fb-connection"},
      share < 1 && !hidden.has(others.name) && ribbon(thick, others.color, 0.4 * faint),
      share > 0 && !hidden.has(suspicious.name) && ribbon(Math.max(1, thick * share), suspicious.color, 0.85)
    );
    if (!group.hasChildNodes()) continue;
    pickable(group, `${nameOf(band.from)} → ${nameOf(band.to)}`, detailsOf(band), pickOf(notebook, band), notebook);
    svg.append(group);
  }
  for (const [sides, places, isLeft] of [
    [from, left, true],
    [to, right, false]
  ] as const)
    for (const side of sides) svg.append(sideOf(notebook, side, places.get(side.host)!, isLeft, width, margin));
  return svg;
}

interface Place {
  readonly y: number;
  readonly height: number;
  /** What it takes with its name. */
  readonly slot: number;
}

/** Where each band begins on one side: in the order in which its other ends lie, so that those of one host do not cross. */
function stacked(
  bands: readonly Band[],
  own: ReadonlyMap<string | null, Place>,
  opposite: ReadonlyMap<string | null, Place>,
  end: "from" | "to",
  scale: number
): Map<Band, number> {
  const other = end === "from" ? "to" : "from";
  const used = new Map([...own].map(([host, {y}]) => [host, y]));
  const found = new Map<Band, number>();
  for (const band of [...bands].sort((a, b) => opposite.get(a[other])!.y - opposite.get(b[other])!.y)) {
    const at = used.get(band[end]) as number;
    found.set(band, at);
    used.set(band[end], at + band.bytes * scale);
  }
  return found;
}

function placed(sides: readonly Side[], scale: number): Map<string | null, Place> {
  let y = 0;
  return new Map(
    sides.map(({host, bytes}) => {
      const height = Math.max(2, bytes * scale);
      const slot = Math.max(height, line);
      const place = {y: y + (slot - height) / 2, height, slot};
      y += slot + gap;
      return [host, place];
    })
  );
}

function sideOf(
  notebook: Notebook,
  side: Side,
  {y, height}: Place,
  isLeft: boolean,
  width: number,
  margin: number
): SVGGElement {
  const {host} = side;
  const words = wordsOf(side);
  const said = `${shortened(words, Math.max(8, Math.floor((margin - 8) / letterWidth)))}`;
  const group = svgElement(
    "g",
    {},
    svgElement("rect", {
      x: isLeft ? margin : width - margin - bar,
      y,
      width: bar,
      height,
      rx: 2,
      fill: host === null ? "var(--fb-grey)" : "var(--fb-normal)"
    }),
    svgElement(
      "text",
      {
        x: isLeft ? margin - 6 : width - margin + 6,
        y: y + height / 2 + 4,
        "text-anchor": isLeft ? "end" : "start",
        class: "fb-connection-name"
      },
      said
    )
  );
  pickableSide(group, side, isLeft, notebook);
  return group;
}
