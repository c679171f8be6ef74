import {readFileSync, statSync} from "node:fs";
import {basename, dirname, join, relative, resolve} from "node:path";
import {importCaptures} from "../../capture/import/import.ts";
import {openEngine} from "../../capture/partitions/engine.ts";
import {labeller} from "../../lab/labels.ts";
import type {Truth} from "../../lab/truth.ts";
import {type NumberedFlows, readNumberedFlows} from "../../loaders/judge/activity-flows.ts";
import {lakeViews} from "../../loaders/lake/lake-views.ts";
import {fb1Columns} from "../../schema/features.ts";
import {exit, UserError} from "../verb.ts";
import {readTruth} from "./labelled-lake.ts";
import {hashesOf, refuseTrainedTests} from "./splits.ts";

/**
 * Features that a model is not shown: initial windows are constants of the scanners' and flooders' own packets, so they
 * name the tool and not what it does.
 */
const toolMarks: readonly string[] = ["src_init_window_bytes", "dst_init_window_bytes"];

/** Features that `train` offers its learners, in their order. */
export const trainingFeatures: readonly string[] = fb1Columns
  .map(({name}) => name)
  .filter((name) => !toolMarks.includes(name));

/**
 * What flows are for: labelled traffic, ordinary traffic of others, figures only, a table of flows that others published,
 * or traffic of a lake that its readers labelled.
 */
export type Role = "train" | "background" | "test" | "table" | "labels";

/** A capture to learn from or to test with. */
export interface TrainingCapture {
  readonly path: string;
  readonly role: Role;
}

/** Where flows of a training set come from; kept in the model's card. */
export interface CaptureOrigin {
  readonly role: Role;
  /** What is left out together when figures are made: a network of the lab, or a repository. */
  readonly fold: string;
  readonly capture_sha256: string;
  /** Of a table: its format. */
  readonly table?: string;
  /** The captures that it was made of by `vary`, nearest first. */
  readonly made_of?: readonly string[];
  /** Of the lab's captures: configuration, seed and length. */
  readonly configuration?: string;
  readonly seed?: number;
  readonly seconds?: number;
  /** Of others': where it is public, and under what terms. */
  readonly repository?: string;
  readonly commit?: string;
  readonly licence?: string;
  readonly path?: string;
  readonly flows: Readonly<Record<string, number>>;
}

/** Labelled flows of several captures. */
export interface TrainingFlows extends NumberedFlows {
  /** Rows × `trainingFeatures`. */
  readonly matrix: Float32Array;
  /** Class of each row; null for what is neither an attack nor ordinary. */
  readonly labels: readonly (string | null)[];
  /** The attack's tool, or the host that ordinary traffic comes from. */
  readonly groups: readonly string[];
  /** By the place in `captures`. */
  readonly origins: readonly CaptureOrigin[];
}

/** No flows: where only tables are learnt from. */
export function noFlows(): TrainingFlows {
  const none = new Float64Array(0);
  const integers = new Int32Array(0);
  return {
    flows: {
      rows: 0,
      start: none,
      durationUs: none,
      source: none,
      responder: integers,
      scope: new Uint8Array(0),
      protocol: new Int16Array(0),
      srcPort: integers,
      dstPort: integers,
      state: new Uint8Array(0),
      srcPackets: none,
      dstPackets: none,
      srcPayload: none,
      dstPayload: none
    },
    matrix: new Float32Array(0),
    flowId: new BigInt64Array(0),
    capture: integers,
    captures: [],
    addresses: [],
    labels: [],
    groups: [],
    origins: []
  };
}

/** Imports captures into a lake and labels their flows: the lab's by the truth beside them, background as Normal. */
export async function trainingFlows(
  captures: readonly TrainingCapture[],
  lake: string,
  clock: () => number
): Promise<TrainingFlows> {
  if (captures.length === 0) return noFlows();
  refuseTrainedTests(
    captures.map((capture) => ({
      ...capture,
      hashes: capture.role === "background" ? [] : hashesOf(readTruth(capture.path))
    }))
  );
  const imported = await importCaptures(
    captures.map(({path}) => path),
    {lake, clock}
  );
  if (imported.failed.length > 0) throw new UserError(exit.input, imported.failed[0].problem);
  // With the same content under two names, one may be a test of the other.
  refuseTrainedTests(captures.map((capture, i) => ({...capture, hashes: [imported.captures[i].row.capture_sha256]})));
  const byHash = new Map(imported.captures.map(({row}) => [row.capture_sha256, row.path]));
  const byPath = new Map(captures.map((capture) => [resolve(capture.path), capture]));
  const flows = await readAll(lake);
  const labels: (string | null)[] = new Array(flows.flows.rows).fill("Normal");
  const groups: string[] = new Array(flows.flows.rows);
  const counts = flows.captures.map((): Record<string, number> => ({}));
  const sources = flows.captures.map((hash) => {
    const capture = byPath.get(resolve(byHash.get(hash) ?? ""));
    if (!capture) throw new Error(`${hash}: expected one of the captures given, found none with this hash`);
    const truth = capture.role === "background" ? null : readTruth(capture.path);
    if (truth && truth.capture_sha256 !== hash)
      throw new UserError(
        exit.stale,
        `${capture.path}: expected a truth file for this capture, found one for capture ${truth.capture_sha256}`
      );
    return {capture, truth, label: truth && labeller(truth.events)};
  });
  for (let i = 0; i < flows.flows.rows; i++) {
    const {truth, label} = sources[flows.capture[i]];
    const found = label?.(tupleOf(flows, i)) ?? {label: "Normal" as const, event: undefined};
    labels[i] = found.label;
    groups[i] =
      found.event !== undefined
        ? truth!.events[found.event].tool
        : flows.addresses[flows.flows.source[i] % flows.addresses.length];
    if (found.label !== null) counts[flows.capture[i]][found.label] = (counts[flows.capture[i]][found.label] ?? 0) + 1;
  }
  const origins = sources.map(({capture, truth}, k) =>
    truth ? labOrigin(capture.role, truth, counts[k]) : backgroundOrigin(capture.path, flows.captures[k], counts[k])
  );
  return {...flows, labels, groups, origins};
}

async function readAll(lake: string): Promise<NumberedFlows> {
  const instance = await openEngine("2GB");
  const connection = await instance.connect();
  try {
    for (const statement of await lakeViews(connection, lake)) await connection.run(statement);
    return await readNumberedFlows(
      connection,
      {flows: "flows", joined: "JOIN features USING (flow_id, capture_sha256)", isOrdered: true},
      trainingFeatures
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function tupleOf({flows, addresses}: NumberedFlows, row: number) {
  return {
    ts_start: flows.start[row],
    ts_end: flows.start[row] + flows.durationUs[row],
    src_ip: addresses[flows.source[row] % addresses.length],
    src_port: flows.srcPort[row],
    dst_ip: addresses[flows.responder[row]],
    dst_port: flows.dstPort[row],
    proto: flows.protocol[row]
  };
}

/** Runs of one configuration show one network; those that are drawn by seed each their own. */
function labOrigin(role: Role, truth: Truth, flows: Record<string, number>): CaptureOrigin {
  const {configuration, seed, seconds, capture_sha256} = truth;
  const made_of = hashesOf(truth).slice(1);
  const isDrawn = !/^([ab]|demo)$/.test(configuration);
  const fold = `lab ${configuration}${isDrawn ? ` ${seed}` : ""}`;
  return {role, fold, configuration, seed, seconds, capture_sha256, ...(made_of.length > 0 ? {made_of} : {}), flows};
}

function backgroundOrigin(path: string, capture_sha256: string, flows: Record<string, number>): CaptureOrigin {
  const known = manifestEntry(path);
  if (!known) return {role: "background", fold: basename(dirname(resolve(path))), capture_sha256, flows};
  const {repo, commit, licence} = known;
  return {
    role: "background",
    fold: repo,
    repository: repo,
    commit,
    licence,
    path: known.path_in_repo ?? known.file,
    capture_sha256,
    flows
  };
}

interface ManifestEntry {
  readonly file: string;
  readonly repo: string;
  readonly commit: string;
  readonly licence: string;
  readonly path_in_repo?: string;
}

const manifests = new Map<string, ReadonlyMap<string, ManifestEntry> | null>();

/** What a MANIFEST.json above the capture says of it: `files`, each with file, repo, commit and licence. */
function manifestEntry(path: string): ManifestEntry | undefined {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if (!manifests.has(folder)) manifests.set(folder, readManifest(join(folder, "MANIFEST.json")));
    const entry = manifests.get(folder)?.get(relative(folder, resolve(path)));
    if (entry) return entry;
    if (folder === dirname(folder)) return undefined;
  }
}

function readManifest(path: string): ReadonlyMap<string, ManifestEntry> | null {
  if (!statSync(path, {throwIfNoEntry: false})) return null;
  const {files} = JSON.parse(readFileSync(path, "utf8")) as {files?: readonly ManifestEntry[]};
  return new Map((files ?? []).map((entry) => [entry.file, entry]));
}
