import {activityFeatures, describeActivity} from "../../models/activity/features.ts";
import type {ActivityFlows} from "../../models/activity/flows.ts";
import {activitiesOf} from "../../models/activity/windows.ts";
import {activityWindowUs, leastActivityFlows} from "../../schema/activities.ts";
import type {Effort} from "./trainer.ts";
import type {TrainingFlows} from "./training-flows.ts";

/** How a training activity came about: only `real` ones count in figures. */
export type ActivityKind = "real" | "shifted" | "varied" | "mixed" | "hidden";

/** An activity to learn from, beside its row of features. */
export interface TrainingActivity {
  readonly kind: ActivityKind;
  /** Place of its capture in `TrainingFlows.captures`; of a mixture the first one's. */
  readonly capture: number;
  readonly flows: number;
  /** Its flows that are an attack's. */
  readonly attacks: number;
  /** Class of most of those; Normal without any. */
  readonly label: string;
  /** Tool of most of those; the source's number without any. */
  readonly group: string;
}

export interface TrainingActivities {
  readonly features: readonly string[];
  /** Activities × features. */
  readonly matrix: Float32Array;
  readonly activities: readonly TrainingActivity[];
}

/** Windows are also laid so much later, so that more of the same traffic is seen. */
const shiftsUs = [20e6, 40e6];
/** Mixtures of each network or repository at most. */
const mostMixtures = {quick: 40, full: 150} as const satisfies Record<Effort, number>;
/** Hosts of a mixture, from and to; few more often than many. */
const hostsOfMixture = [2, 60] as const;
/** Flows that one host gives to a mixture at most. */
const mostOfHost = 400;

/**
 * Describes the activities of labelled flows, and makes more of them: windows laid otherwise (`shifted`); the same with
 * flows left out and times stretched (`varied`); ordinary hosts of one network or repository under one address, as behind
 * a gateway (`mixed`), and attackers among them (`hidden`). `probabilities` are the flow classifier's, rows × labels, of
 * a classifier that has not seen the row's own network. The same `random` makes the same; a quick training gets fewer mixtures
 * and no other windows.
 */
export function trainingActivities(
  training: TrainingFlows,
  probabilities: Float32Array,
  labels: readonly string[],
  random: () => number,
  effort: Effort
): TrainingActivities {
  const flows: ActivityFlows = {...training.flows, probabilities};
  const features = activityFeatures(labels).map(({name}) => name);
  const rows: Float32Array[] = [];
  const activities: TrainingActivity[] = [];
  const add = (
    kind: ActivityKind,
    described: ActivityFlows,
    inDescribed: Int32Array,
    inTraining: ArrayLike<number>
  ) => {
    const row = new Float32Array(features.length);
    describeActivity(described, inDescribed, labels, row, 0);
    rows.push(row);
    activities.push(
      told(
        training,
        kind,
        Int32Array.from(inDescribed, (i) => inTraining[i])
      )
    );
  };
  const all = Int32Array.from({length: flows.rows}, (_, i) => i);
  const real = activitiesOf(flows);
  for (const {rows} of real) add("real", flows, rows, all);
  const isTest = (row: number) => training.origins[training.capture[row]].role === "test";
  for (const shift of effort === "full" ? shiftsUs : []) {
    const shifted = {...flows, start: flows.start.map((start) => start + shift)};
    for (const {rows} of activitiesOf(shifted)) if (!isTest(rows[0])) add("shifted", shifted, rows, all);
  }
  for (const {rows} of real) {
    if (isTest(rows[0])) continue;
    const share = 0.3 + 0.6 * random();
    const stretch = 4 ** (2 * random() - 1);
    const kept = rows.filter(() => random() < share);
    if (kept.length < leastActivityFlows) continue;
    const first = flows.start[kept[0]];
    const start = Float64Array.from(kept, (row) => (flows.start[row] - first) * stretch);
    const varied = chosen(flows, kept, start);
    for (const {rows: own} of activitiesOf(varied)) add("varied", varied, own, kept);
  }
  for (const pieces of pool(training).values()) {
    const count = Math.min(mostMixtures[effort], Math.max(4, pieces.ordinary.length >> 1));
    for (let m = 0; m < count; m++) {
      const hidden = pieces.attacks.length > 0 && m % 3 === 2 ? [pick(pieces.attacks, random)] : [];
      const [least, most] = hostsOfMixture;
      const hosts = Math.round(least * (most / least) ** random());
      const parts = [...hidden, ...Array.from({length: hosts}, () => pick(pieces.ordinary, random))];
      const kept = Int32Array.from(parts.flatMap((part) => [...part]));
      const start = Float64Array.from(parts.flatMap((part) => placed(flows, part, random)));
      const mixed = chosen(flows, kept, start);
      for (const {rows: own} of activitiesOf(mixed)) add(hidden.length > 0 ? "hidden" : "mixed", mixed, own, kept);
    }
  }
  const matrix = new Float32Array(rows.length * features.length);
  for (const [i, row] of rows.entries()) matrix.set(row, i * features.length);
  return {features, matrix, activities};
}

interface Pieces {
  /** Flows of an ordinary host, within a window's length. */
  readonly ordinary: Int32Array[];
  /** The same of a host that attacks. */
  readonly attacks: Int32Array[];
}

/** What mixtures are made of, by network or repository. */
function pool({flows, capture, origins, labels}: TrainingFlows): Map<string, Pieces> {
  const bySource = new Map<number, number[]>();
  for (let i = 0; i < flows.rows; i++) {
    const list = bySource.get(flows.source[i]);
    if (list) list.push(i);
    else bySource.set(flows.source[i], [i]);
  }
  const pools = new Map<string, Pieces>();
  for (const rows of bySource.values()) {
    const {role, fold} = origins[capture[rows[0]]];
    if (role === "test") continue;
    const pieces = pools.get(fold) ?? {ordinary: [], attacks: []};
    pools.set(fold, pieces);
    for (let from = 0; from < rows.length; ) {
      let to = from;
      while (to < rows.length && flows.start[rows[to]] < flows.start[rows[from]] + activityWindowUs) to++;
      const piece = Int32Array.from(rows.slice(from, to).slice(0, mostOfHost));
      const attacks = piece.filter((row) => labels[row] !== "Normal").length;
      if (attacks === 0) pieces.ordinary.push(piece);
      else if (attacks >= leastActivityFlows) pieces.attacks.push(piece);
      from = to;
    }
  }
  for (const [fold, {ordinary}] of pools) if (ordinary.length === 0) pools.delete(fold);
  return pools;
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)];
}

/** Starts of a piece's flows, moved to somewhere in a window. */
function placed({start}: ActivityFlows, rows: Int32Array, random: () => number): number[] {
  const [first, last] = [start[rows[0]], start[rows[rows.length - 1]]];
  const at = random() * Math.max(0, activityWindowUs - 1 - (last - first));
  return Array.from(rows, (row) => at + start[row] - first);
}

/** Some flows as those of one source, with other starts. */
function chosen(flows: ActivityFlows, rows: Int32Array, start: Float64Array): ActivityFlows {
  const labels = flows.probabilities.length / flows.rows;
  const probabilities = new Float32Array(rows.length * labels);
  for (const [i, row] of rows.entries())
    probabilities.set(flows.probabilities.subarray(row * labels, (row + 1) * labels), i * labels);
  const doubles = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]);
  const integers = (values: Int32Array) => Int32Array.from(rows, (row) => values[row]);
  return {
    rows: rows.length,
    start,
    source: new Float64Array(rows.length),
    durationUs: doubles(flows.durationUs),
    responder: integers(flows.responder),
    scope: Uint8Array.from(rows, (row) => flows.scope[row]),
    protocol: Int16Array.from(rows, (row) => flows.protocol[row]),
    srcPort: integers(flows.srcPort),
    dstPort: integers(flows.dstPort),
    state: Uint8Array.from(rows, (row) => flows.state[row]),
    srcPackets: doubles(flows.srcPackets),
    dstPackets: doubles(flows.dstPackets),
    srcPayload: doubles(flows.srcPayload),
    dstPayload: doubles(flows.dstPayload),
    probabilities
  };
}

function told({labels, groups, capture, flows}: TrainingFlows, kind: ActivityKind, rows: Int32Array): TrainingActivity {
  const classes = new Map<string, number>();
  const tools = new Map<string, number>();
  let attacks = 0;
  for (const row of rows) {
    const label = labels[row];
    if (label === null || label === "Normal") continue;
    attacks++;
    classes.set(label, (classes.get(label) ?? 0) + 1);
    tools.set(groups[row], (tools.get(groups[row]) ?? 0) + 1);
  }
  return {
    kind,
    capture: capture[rows[0]],
    flows: rows.length,
    attacks,
    label: mostFrequent(classes) ?? "Normal",
    group: mostFrequent(tools) ?? String(flows.source[rows[0]])
  };
}

function mostFrequent(counts: ReadonlyMap<string, number>): string | null {
  let best: string | null = null;
  for (const [name, count] of counts) if (best === null || count > counts.get(best)!) best = name;
  return best;
}
