import {element} from "./element.js";

/** How a badge is coloured. */
export type Tone = "good" | "warn" | "bad" | "plain";

/** A badge beside a page's title (`data-testid` is `badge-<id>`); `why` is told to who points at it or reads it out. */
export function badge(id: string, tone: Tone, text: string, why: string): HTMLElement {
  return element(
    "span",
    {
      class: "fb-badge",
      "data-tone": tone,
      "data-testid": `badge-${id}`,
      title: why,
      tabindex: why ? 0 : null,
      "aria-label": why ? `${text}: ${why}` : null,
      role: why ? "note" : null
    },
    text
  );
}
