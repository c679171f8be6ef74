import {type OnnxModel, openOnnx} from "../onnx.ts";
import {forestOnnx} from "./forest-onnx.ts";
import {growForest} from "./isolation-forest.ts";
import {randomOf} from "./random.ts";

/** Features that flows are compared by: those of the flow classifier, which are read anyway, without near copies. */
export const anomalyFeatures = [
  "payload_bytes_per_s",
  "dst_src_packets_ratio",
  "src_payload_sum_bytes",
  "dst_payload_sum_bytes",
  "src_data_packets",
  "payload_mean_bytes",
  "payload_max_bytes",
  "dst_ack_count",
  "handshake_s",
  "turns",
  "size_1_bytes",
  "size_2_bytes",
  "ctx_src_flows",
  "ctx_src_ports",
  "ctx_src_hosts",
  "ctx_dst_flows",
  "ctx_dst_port_sources",
  "ctx_pair_flows",
  "ctx_interval_mean_s",
  "ctx_interval_cv",
  "ctx_last_src_hosts",
  "ctx_last_src_ports"
] as const;

/** Flows that a profile is made of, or that are compared with it. */
export interface ProfiledFlows {
  readonly rows: number;
  /** rows × `anomalyFeatures`, row-major. */
  readonly matrix: Float32Array;
  /** The kind of each flow, by its place in `kindNames`. */
  readonly kinds: Int32Array;
  readonly kindNames: readonly string[];
}

/** What flows of some kinds are like. */
export interface ProfileGroup {
  /** The kind that it is about; `other` holds kinds with few flows together, `all` every kind. */
  readonly name: string;
  readonly kinds: readonly string[];
  /** Its Isolation Forest, as an ONNX file and opened: the features in, the score out. */
  readonly bytes: Uint8Array;
  readonly onnx: OnnxModel;
  /** What is taken from a score before it is compared, so that kinds with few flows can be calibrated together. */
  readonly offset: number;
  /** Scores of the flows that calibrate it, less the offset, ascending. */
  readonly scores: Float32Array;
  /** For each feature the values that part the flows it was made of into ten parts: features × 9, row-major. */
  readonly deciles: Float32Array;
}

/** What a lake's flows are like, as a sample of them has it. */
export interface Profile {
  readonly groups: readonly ProfileGroup[];
  /** Scores (of the group `all`) of calibrating flows of kinds that are seldom or never among those it was made of. */
  readonly rareScores: Float32Array;
  /** Flows that it was made of, and flows that calibrate it. */
  readonly fitted: number;
  readonly calibrated: number;
}

/** Flows with what tells their kinds. */
export interface UnsortedFlows extends Pick<ProfiledFlows, "rows" | "matrix"> {
  readonly protocols: ArrayLike<number>;
  /** Services as they were recognised; a code of -1 where none was. */
  readonly services: {readonly codes: Int32Array; readonly values: readonly string[]};
}

const protocolNames: Readonly<Record<number, string>> = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"};
const payloads = ["src_payload_sum_bytes", "dst_payload_sum_bytes"].map((name) =>
  (anomalyFeatures as readonly string[]).indexOf(name)
);

/** Sorts flows by kinds: the service, else the protocol, and whether anything was said. */
export function kindsOf({
  rows,
  matrix,
  protocols,
  services
}: UnsortedFlows): Pick<ProfiledFlows, "kinds" | "kindNames"> {
  const kindNames: string[] = [];
  const [sent, received] = payloads;
  // By the service, or behind them by the protocol with and without payload: the kind's place + 1.
  const places = new Int32Array(services.values.length + 2 * 256);
  const kinds = new Int32Array(rows);
  for (let i = 0, at = 0; i < rows; i++, at += anomalyFeatures.length) {
    const service = services.codes[i];
    const isEmpty = matrix[at + sent] === 0 && matrix[at + received] === 0;
    const key = service < 0 ? services.values.length + 2 * (protocols[i] & 255) + Number(isEmpty) : service;
    if (places[key] === 0) {
      const protocol = protocolNames[protocols[i]] ?? `ip-${protocols[i]}`;
      places[key] = kindNames.push(
        service < 0 ? `${protocol}${isEmpty ? " without payload" : ""}` : services.values[service]
      );
    }
    kinds[i] = places[key] - 1;
  }
  return {kinds, kindNames};
}

/** A kind with so many flows has a forest of its own, and with so many it is calibrated by itself. */
const leastOfKind = {forest: 40, calibration: 400} as const;
/** Kinds that together make up this share of flows count as rare, the rarest first. */
const rareShare = 0.001;
/** Flows of rare kinds are strange by themselves where they make up no more than this. */
export const newsShare = 0.005;
const forest = {trees: 50, sample: 256} as const;

/** Input and output of a group's forest. */
export const forestNames = {input: "features", output: "score"} as const;

/** Opens the forest of a group. */
export function openForest(bytes: Uint8Array): Promise<OnnxModel> {
  return openOnnx(bytes, forestNames, anomalyFeatures.length, 1);
}

/**
 * Makes a profile: forests of the flows with an even `half`, calibrated by the others (split conformal prediction, Vovk et
 * al. 2005), so that a new flow like these exceeds the threshold as seldom as was asked for. The same flows in the same
 * order and seed give the same profile.
 */
export async function makeProfile(flows: ProfiledFlows, half: Uint8Array, seed: number): Promise<Profile> {
  const random = randomOf(seed);
  const [fit, calibration] = [0, 1].map((side) =>
    Int32Array.from({length: flows.rows}, (_, i) => i).filter((i) => half[i] === side)
  );
  const counts = new Float64Array(flows.kindNames.length);
  for (const row of fit) counts[flows.kinds[row]]++;
  const common = commonKinds(flows.kindNames, counts, fit.length);
  const few = common.filter((k) => counts[k] < leastOfKind.forest);
  const sets = [
    {name: "all", kinds: [...counts.keys()], isPooled: false},
    ...common
      .filter((k) => counts[k] >= leastOfKind.forest)
      .map((k) => ({name: flows.kindNames[k], kinds: [k], isPooled: counts[k] < leastOfKind.calibration})),
    ...(few.length > 0 ? [{name: "other", kinds: few, isPooled: true}] : [])
  ];
  const groups: (ProfileGroup & {readonly isPooled: boolean})[] = [];
  for (const {name, kinds, isPooled} of sets) {
    const isOwn = new Uint8Array(flows.kindNames.length);
    for (const kind of kinds) isOwn[kind] = 1;
    const own = (rows: Int32Array) =>
      rowsOf(
        flows,
        rows.filter((row) => isOwn[flows.kinds[row]] === 1)
      );
    const matrix = own(fit);
    const bytes = forestOnnx(growForest(matrix, anomalyFeatures.length, {...forest, random}), anomalyFeatures.length);
    const onnx = await openForest(bytes);
    const offset = isPooled ? middle(await ascending(onnx, matrix)) : 0;
    const scores = (await ascending(onnx, own(calibration))).map((score) => score - offset);
    const kindNames = kinds.map((k) => flows.kindNames[k]);
    groups.push({name, kinds: kindNames, bytes, onnx, offset, scores, deciles: decilesOf(matrix), isPooled});
  }
  const pooled = Float32Array.from(groups.flatMap(({isPooled, scores}) => (isPooled ? [...scores] : []))).sort();
  const isCommon = new Uint8Array(flows.kindNames.length);
  for (const kind of common) isCommon[kind] = 1;
  const rare = calibration.filter((row) => isCommon[flows.kinds[row]] === 0);
  const rareScores = await ascending(groups[0].onnx, rowsOf(flows, rare));
  return {
    groups: groups.map(({isPooled, ...group}) => ({...group, scores: isPooled ? pooled : group.scores})),
    rareScores,
    fitted: fit.length,
    calibrated: calibration.length
  };
}

async function ascending(onnx: OnnxModel, matrix: Float32Array): Promise<Float32Array> {
  return (await onnx.run(matrix, matrix.length / anomalyFeatures.length)).sort();
}

function middle(sorted: Float32Array): number {
  return sorted.length === 0 ? 0 : sorted[sorted.length >> 1];
}

/** All but the rarest kinds, which together stay below their share. */
function commonKinds(names: readonly string[], counts: Float64Array, total: number): number[] {
  const order = [...counts.keys()].sort((a, b) => counts[a] - counts[b] || (names[a] < names[b] ? -1 : 1));
  let left = rareShare * total;
  return order.filter((k) => {
    left -= counts[k];
    return left < 0;
  });
}

/** Those rows of the matrix. */
export function rowsOf({matrix}: Pick<ProfiledFlows, "matrix">, rows: ArrayLike<number>): Float32Array {
  const width = anomalyFeatures.length;
  const result = new Float32Array(rows.length * width);
  for (let i = 0, to = 0; i < rows.length; i++)
    for (let from = rows[i] * width, end = from + width; from < end; ) result[to++] = matrix[from++];
  return result;
}

function decilesOf(matrix: Float32Array): Float32Array {
  const width = anomalyFeatures.length;
  const rows = matrix.length / width;
  const result = new Float32Array(width * 9);
  const values = new Float32Array(rows);
  for (let k = 0; k < width; k++) {
    for (let i = 0; i < rows; i++) values[i] = matrix[i * width + k];
    values.sort();
    for (let d = 1; d < 10; d++) result[k * 9 + d - 1] = values[Math.min(rows - 1, Math.floor((d * rows) / 10))];
  }
  return result;
}

/** What a profile says of flows. */
export interface ProfileScores {
  /** Isolation Forest score, 0 to 1: higher is stranger among flows of its kind. */
  readonly score: Float32Array;
  /** Share of the past that is as strange, or stranger: small is strange. Kinds that are news come before all others. */
  readonly p: Float32Array;
}

/** Compares flows with a profile. */
export async function scoreByProfile(profile: Profile, flows: ProfiledFlows): Promise<ProfileScores> {
  const {groups, rareScores, calibrated} = profile;
  const groupOf = new Map(groups.slice(1).flatMap((group, k) => group.kinds.map((kind) => [kind, k + 1] as const)));
  // A rare kind is judged by the forest of all.
  const byKind = Int32Array.from(flows.kindNames, (kind) => groupOf.get(kind) ?? 0);
  const lists = rowsByGroup(flows, byKind, groups.length);
  const score = new Float32Array(flows.rows);
  const p = new Float32Array(flows.rows);
  const share = (1 + rareScores.length) / (1 + calibrated);
  // Where rare kinds come every day, one more is no news: they are compared with each other.
  const rare = share <= newsShare ? share : 0;
  const ofRare = rare > 0 ? 1 + calibrated : 1 + rareScores.length;
  for (const [g, rows] of lists.entries()) {
    if (rows.length === 0) continue;
    const matrix = rows.length === flows.rows ? flows.matrix : rowsOf(flows, rows);
    const found = await groups[g].onnx.run(matrix, rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      score[row] = found[i];
      p[row] =
        g === 0
          ? (1 + atLeast(rareScores, found[i])) / ofRare
          : rare + (1 - rare) * shareAtLeast(groups[g].scores, found[i] - groups[g].offset);
    }
  }
  return {score, p};
}

/** The rows of each group, in their order. */
function rowsByGroup({rows, kinds}: ProfiledFlows, byKind: Int32Array, groups: number): Int32Array[] {
  const counts = new Int32Array(groups);
  for (let i = 0; i < rows; i++) counts[byKind[kinds[i]]]++;
  const lists = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let i = 0; i < rows; i++) {
    const group = byKind[kinds[i]];
    lists[group][counts[group]++] = i;
  }
  return lists;
}

function shareAtLeast(sorted: Float32Array, value: number): number {
  return (1 + atLeast(sorted, value)) / (1 + sorted.length);
}

/** How many of ascending values are at least that. */
function atLeast(sorted: Float32Array, value: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle] >= value) to = middle;
    else from = middle + 1;
  }
  return sorted.length - from;
}
