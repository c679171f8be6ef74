import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {publish} from "../../capture/partitions/durable.ts";
import {noteBytes, readSmallFile, stateBytes} from "../../capture/partitions/small-file.ts";
import {anomalyFeatures, openForest, type Profile} from "../../models/anomaly/profile.ts";
import {readOnnx} from "../../models/onnx-file.ts";
import {allowedOperators} from "../../models/operators.ts";
import {scoringGeneration} from "../../schema/verdicts.ts";
import {stateFolder} from "../lake/state-folder.ts";

/** What is known of a lake's profile besides what scores flows. */
export interface ProfileFacts {
  /** Flows that it was made of, and flows that calibrate it. */
  readonly fitted: number;
  readonly calibrated: number;
  readonly captures: number;
  /** Flows of the lake then; when it has grown to twice as many a new profile is made. */
  readonly lakeFlows: number;
  /** First and last start of these flows, µs since 1970. */
  readonly from: number;
  readonly to: number;
  /** What both halves were parted by: whole captures, whole minutes, or flows. */
  readonly partedBy: "captures" | "minutes" | "flows";
  /** True where the flows that were scored first are those it was made of: nothing was there before them. */
  readonly isOfItself: boolean;
  /** Share of flows like those of the past that count as anomalous. */
  readonly rate: number;
  /** The period that was asked for, as it was written; null for all of the past. */
  readonly baseline: string | null;
  /** Wall clock, ms since 1970. */
  readonly madeAt: number;
}

/** The profile of a lake, ready to score; `hash` tells profiles apart. */
export interface LakeProfile extends ProfileFacts {
  readonly hash: string;
  readonly profile: Profile;
}

interface StoredProfile extends ProfileFacts {
  readonly format: typeof format;
  /** The generation of scoring that read its flows; profiles of the first do not say. */
  readonly scoring?: number;
  readonly features: readonly string[];
  readonly rareScores: readonly number[];
  readonly groups: readonly {
    readonly name: string;
    readonly kinds: readonly string[];
    readonly file: string;
    readonly offset: number;
    readonly scores: readonly number[];
    readonly deciles: readonly number[];
  }[];
}

const format = "flowbook-profile-1";
const folderOf = (lake: string) => join(stateFolder(lake), ".anomaly");

/** Hash of the lake's profile; null without one. */
export function profileHash(lake: string): string | null {
  const path = join(folderOf(lake), "current");
  if (!existsSync(path)) return null;
  try {
    const hash = readSmallFile(path, noteBytes).trim();
    return /^[0-9a-f]{16}$/.test(hash) ? hash : null;
  } catch {
    return null;
  }
}

/** What pages say of the lake's profile; null without one. */
export function profileSummary(lake: string) {
  const hash = profileHash(lake);
  if (hash === null) return null;
  try {
    const stored = JSON.parse(readSmallFile(join(folderOf(lake), hash, "profile.json"), stateBytes)) as StoredProfile;
    const {rate, fitted, calibrated, captures, isOfItself, baseline} = stored;
    return {rate, flows: fitted + calibrated, captures, isOfItself, baseline};
  } catch {
    return null;
  }
}

/** How the flows were spread that the lake's profile was made of; `features × 9` deciles. Null without a profile. */
export function readProfileDeciles(lake: string) {
  const hash = profileHash(lake);
  if (hash === null) return null;
  try {
    const stored = JSON.parse(readSmallFile(join(folderOf(lake), hash, "profile.json"), stateBytes)) as StoredProfile;
    const all = stored.groups.find(({name}) => name === "all");
    if (!isCurrent(stored) || !all) return null;
    const {fitted, captures, isOfItself} = stored;
    return {deciles: all.deciles, flows: fitted, captures, isOfItself};
  } catch {
    return null;
  }
}

/** Reads the lake's profile; null without one, and where it is of another version, an earlier generation of scoring, or was changed. */
export async function readProfile(lake: string): Promise<LakeProfile | null> {
  const hash = profileHash(lake);
  if (hash === null) return null;
  const folder = join(folderOf(lake), hash);
  const opened: Profile["groups"][number][] = [];
  try {
    const stored = JSON.parse(readSmallFile(join(folder, "profile.json"), stateBytes)) as StoredProfile;
    if (!isCurrent(stored)) return null;
    for (const [k, {name, kinds, offset, scores, deciles}] of stored.groups.entries()) {
      const path = join(folder, fileOf(k));
      if (statSync(path).size > stateBytes) return null;
      const bytes = readFileSync(path);
      const {operators, externalData} = readOnnx(bytes);
      if (externalData || operators.some((operator) => !allowedOperators.has(operator))) return null;
      const lists = {scores: Float32Array.from(scores), deciles: Float32Array.from(deciles)};
      opened.push({name, kinds, bytes, onnx: await openForest(bytes), offset, ...lists});
    }
    const {rareScores, fitted, calibrated} = stored;
    const profile = {groups: opened, rareScores: Float32Array.from(rareScores), fitted, calibrated};
    return {...factsOf(stored), hash, profile};
  } catch {
    await Promise.all(opened.map(({onnx}) => onnx.close()));
    return null;
  }
}

/** Keeps a profile in place of the one before: its forests as ONNX files in `LAKE/.anomaly/<hash>`. */
export function keepProfile(lake: string, facts: ProfileFacts, profile: Profile): LakeProfile {
  const stored: StoredProfile = {
    format,
    scoring: scoringGeneration,
    ...factsOf(facts),
    features: anomalyFeatures,
    rareScores: [...profile.rareScores],
    groups: profile.groups.map(({name, kinds, offset, scores, deciles}, k) => ({
      name,
      kinds,
      file: fileOf(k),
      offset,
      scores: [...scores],
      deciles: [...deciles]
    }))
  };
  const text = JSON.stringify(stored);
  const hash = hashOf([text, ...profile.groups.map(({bytes}) => bytes)]);
  const folder = folderOf(lake);
  mkdirSync(join(folder, hash), {recursive: true, mode: 0o700});
  for (const [k, {bytes}] of profile.groups.entries())
    writeFileSync(join(folder, hash, fileOf(k)), bytes, {mode: 0o600});
  writeFileSync(join(folder, hash, "profile.json"), text, {mode: 0o600});
  const current = join(folder, "current");
  writeFileSync(`${current}.${process.pid}`, `${hash}\n`);
  publish(`${current}.${process.pid}`, current);
  for (const name of readdirSync(folder))
    if (/^[0-9a-f]{16}$/.test(name) && name !== hash) rmSync(join(folder, name), {recursive: true, force: true});
  return {...facts, hash, profile};
}

export async function closeProfile(kept: LakeProfile | null): Promise<void> {
  for (const {onnx} of kept?.profile.groups ?? []) await onnx.close();
}

function isCurrent({format: found, features, scoring = 1}: StoredProfile): boolean {
  return found === format && features.join() === anomalyFeatures.join() && scoring >= scoringGeneration;
}

const fileOf = (group: number) => `group-${group}.onnx`;

function factsOf(facts: ProfileFacts): ProfileFacts {
  const {fitted, calibrated, captures, lakeFlows, from, to, partedBy, isOfItself, rate, baseline, madeAt} = facts;
  return {fitted, calibrated, captures, lakeFlows, from, to, partedBy, isOfItself, rate, baseline, madeAt};
}

function hashOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 16);
}
