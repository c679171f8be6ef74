import {svgElement} from "../page/element.js";
import type {LegendItem} from "./legend-button.js";

/** Properties that a drawing takes from the page's style sheet. */
const inherited = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "opacity",
  "color",
  "font-family",
  "font-size",
  "font-weight",
  "font-variant-numeric",
  "text-anchor",
  "visibility"
];
const margin = 16;
const headHeight = 30;
const legendHeight = 22;

/** A chart as an SVG file that stands alone: colours and fonts written out, with title, legend and background. */
export function standaloneSvg(svg: SVGSVGElement, title: string, legend: readonly LegendItem[]): string {
  const {width, height} = svg.getBoundingClientRect();
  const style = getComputedStyle(svg);
  const page = getComputedStyle(document.documentElement);
  const copy = svg.cloneNode(true) as SVGSVGElement;
  writeStyles(svg, copy);
  const legendRows = layOut(legend, width);
  const top = margin + headHeight + legendRows.length * legendHeight;
  copy.setAttribute("x", String(margin));
  copy.setAttribute("y", String(top));
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  const font = {"font-family": style.fontFamily, fill: page.color};
  const whole = svgElement(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width: width + 2 * margin,
      height: top + height + margin,
      viewBox: `0 0 ${width + 2 * margin} ${top + height + margin}`
    },
    svgElement("rect", {width: "100%", height: "100%", fill: page.getPropertyValue("--fb-card") || "white"}),
    svgElement("text", {x: margin, y: margin + 14, "font-size": 15, "font-weight": 600, ...font}, title),
    ...legendRows.flatMap((row, r) =>
      row.flatMap(({name, color, isHatched, x}) => [
        swatch(margin + x, margin + headHeight + r * legendHeight - 4, resolved(color), isHatched === true),
        svgElement(
          "text",
          {x: margin + x + 15, y: margin + headHeight + r * legendHeight + 5, "font-size": 12, ...font},
          name
        )
      ])
    ),
    copy
  );
  return new XMLSerializer().serializeToString(whole);
}

function swatch(x: number, y: number, color: string, isHatched: boolean): SVGElement {
  if (!isHatched) return svgElement("rect", {x, y, width: 10, height: 10, rx: 2, fill: color});
  return svgElement("path", {
    d: `M${x} ${y + 5}l5 -5M${x} ${y + 10}l10 -10M${x + 5} ${y + 10}l5 -5`,
    stroke: color,
    "stroke-width": 2
  });
}

function layOut(legend: readonly LegendItem[], width: number): (LegendItem & {x: number})[][] {
  const rows: (LegendItem & {x: number})[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const item of legend) {
    const needed = 30 + item.name.length * 7;
    if (x + needed > width) {
      rows.push([]);
      x = 0;
    }
    rows[rows.length - 1].push({...item, x});
    x += needed;
  }
  return rows;
}

function resolved(color: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1];
  return name ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() : color;
}

function writeStyles(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of inherited) to.setAttribute(name, style.getPropertyValue(name));
  to.removeAttribute("class");
  to.removeAttribute("style");
  for (let i = 0; i < from.children.length; i++) writeStyles(from.children[i], to.children[i]);
}

/** Draws an SVG file at twice its size. */
export async function toPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("the picture is too large"))), "image/png")
  );
}
