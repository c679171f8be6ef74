import type {Zone} from "../../lib/format.js";
import {choice} from "../charts/choice.js";
import {element} from "../page/element.js";
import type {LiveFeed} from "./live-feed.js";

/** How much of the past the charts show, in which zone, and whether they stand still. */
export function liveTools(feed: LiveFeed | null): HTMLElement {
  if (!feed) return element("div", {hidden: true});
  const hold = element(
    "button",
    {type: "button", class: "fb-button", "aria-pressed": "false", "data-testid": "live-hold"},
    "Hold"
  );
  hold.title = "Pause charts and lists; the capture continues";
  hold.addEventListener("click", () => {
    feed.isHeld = !feed.isHeld;
    hold.setAttribute("aria-pressed", String(feed.isHeld));
    hold.textContent = feed.isHeld ? "Held: go on" : "Hold";
    if (!feed.isHeld) feed.redraw();
  });
  return element(
    "div",
    {class: "fb-live-tools"},
    choice(
      "Window",
      [
        ["60", "1 min"],
        ["300", "5 min"],
        ["900", "15 min"]
      ] as const,
      String(feed.spanS) as "60",
      (span) => {
        feed.spanS = Number(span);
        feed.redraw();
      }
    ),
    choice(
      "Time zone",
      [
        ["utc", "UTC"],
        ["local", "Local"]
      ] as const,
      feed.zone,
      (zone: Zone) => {
        feed.zone = zone;
        feed.redraw();
      }
    ),
    hold
  );
}
