import {element} from "../page/element.js";

export interface TooltipRow {
  readonly name: string;
  readonly value: string;
  readonly color?: string;
}

let tip: HTMLElement | undefined;

/** Shows exact values beside the pointer, or beside an element that has the focus. */
export function showTooltip(at: {clientX: number; clientY: number}, title: string, rows: readonly TooltipRow[]): void {
  if (!tip?.isConnected) {
    tip = element("div", {class: "fb-tooltip", role: "status", "data-testid": "tooltip"});
    document.body.append(tip);
  }
  tip.replaceChildren(
    element("strong", {}, title),
    ...rows.map(({name, value, color}) =>
      element(
        "div",
        {},
        element("i", {style: color ? `background:${color}` : "visibility:hidden"}),
        element("span", {}, name),
        element("b", {}, value)
      )
    )
  );
  tip.hidden = false;
  const {width, height} = tip.getBoundingClientRect();
  const left = at.clientX + 14 + width > innerWidth - 8 ? at.clientX - 14 - width : at.clientX + 14;
  tip.style.left = `${Math.max(8, left)}px`;
  tip.style.top = `${Math.max(8, Math.min(at.clientY + 14, innerHeight - height - 8))}px`;
}

/** Takes the tooltip away. */
export function hideTooltip(): void {
  if (tip) tip.hidden = true;
}
