import type {CaptureFacts} from "./captures.js";
import type {Filter} from "./filter.js";
import type {Side, Sides} from "./records/compare.js";
import type {Span} from "./time-grid.js";

/** What can stand on either side of a comparison, by the name that an address has. */
export function sidesToChoose(
  captures: readonly CaptureFacts[],
  filter: Filter,
  extent: Span,
  nameOf: (capture: CaptureFacts) => string
): ReadonlyMap<string, Side> {
  const middle = Math.round((extent.from + extent.to) / 2);
  const sides = new Map<string, Side>();
  const {from = extent.from, to = extent.to} = filter;
  if (filter.from !== undefined || filter.to !== undefined) {
    sides.set("window", {label: "the chosen window", from, to});
    sides.set("before", {label: "as long before it", from: from - (to - from), to: from});
    sides.set("rest-before", {label: "all before it", to: from});
  } else {
    sides.set("first", {label: "the first half", from: extent.from, to: middle});
    sides.set("second", {label: "the second half", from: middle, to: extent.to});
  }
  const withFlows = captures.filter(({flows}) => flows > 0).sort((a, b) => b.flows - a.flows);
  if (withFlows.length > 1)
    for (const capture of withFlows)
      sides.set(capture.sha256.slice(0, 16), {label: nameOf(capture), capture: capture.sha256});
  return sides;
}

/**
 * The sides that an address names, or else: the chosen window and as long before it; of several captures the two with the most flows; of one
 * its halves.
 */
export function chosenSides(
  choice: ReadonlyMap<string, Side>,
  before: string | null,
  after: string | null
): Sides & {readonly names: readonly [string, string]} {
  const names = [...choice.keys()];
  const captures = names.filter((name) => choice.get(name)?.capture !== undefined);
  const byDefault = choice.has("window")
    ? ["before", "window"]
    : captures.length > 1
      ? captures.slice(0, 2)
      : ["first", "second"];
  const [first, second] = [before, after].map((name, i) => (name !== null && choice.has(name) ? name : byDefault[i]));
  return {before: choice.get(first)!, after: choice.get(second)!, names: [first, second]};
}
