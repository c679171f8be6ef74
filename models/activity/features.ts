import {type FeatureGroup, sourceFlows} from "./features/group.ts";
import {kinds} from "./features/kinds.ts";
import {meanProbabilities, odds} from "./features/odds.ts";
import {outcomes} from "./features/outcomes.ts";
import {pace} from "./features/pace.ts";
import {sizes} from "./features/sizes.ts";
import {sourcePorts} from "./features/source-ports.ts";
import {spread} from "./features/spread.ts";
import {topEndpoint} from "./features/top-endpoint.ts";
import type {ActivityFlows} from "./flows.ts";
import {Scratch} from "./statistics.ts";

export {oddsAgainst} from "./features/odds.ts";

/** A number that says something of what a source did in a window. */
export interface ActivityFeature {
  readonly name: string;
  readonly doc: string;
}

/**
 * What an activity is described by, in the order of a model's input. No feature tells an address, a port or a time of
 * day; counts are logarithms, and most features are shares of the window's flows. "Endpoint" is a responder with
 * protocol and port; the top endpoint is the one with most flows.
 */
const groups: readonly FeatureGroup[] = [spread, kinds, outcomes, sizes, pace, topEndpoint, sourcePorts, odds];

/** Features of an activity where the flow classifier has these labels: a mean probability of each class at the end. */
export function activityFeatures(labels: readonly string[]): readonly ActivityFeature[] {
  return [
    ...groups.flatMap(({described}) => Object.entries(described).map(([name, doc]) => ({name, doc}))),
    ...labels.map((label) => ({
      name: `mean_${label.toLowerCase()}`,
      doc: `Mean probability of ${label} that the flow classifier gives.`
    }))
  ];
}

/** Descriptions are made one after another. */
const scratch = new Scratch();

/**
 * Describes one activity: writes its features from `out[at]` on. `rows` are its flows in the order of their starts, one
 * at least; `labels` those of the flow classifier, of which one is Normal.
 */
export function describeActivity(
  flows: ActivityFlows,
  rows: Int32Array,
  labels: readonly string[],
  out: Float32Array,
  at: number
): void {
  scratch.clear();
  const source = sourceFlows(flows, rows, labels, scratch);
  let k = at;
  for (const {described, compute} of groups) {
    const values = compute(source);
    for (const name in described) out[k++] = values[name];
  }
  meanProbabilities(source, out, k);
}
