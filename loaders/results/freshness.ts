/**
 * Everything a result was made from, by name: `table flows`, `source loaders/volume.ts`, `setting local_nets`,
 * `packages`, `model`. The value is the SHA-256 of the content, in hex.
 */
export type Inputs = Readonly<Record<string, string>>;

/** What a renewal did not bring about, kept until one succeeds. */
export interface ResultError {
  /** What the loader said last on stderr, or how it ended. */
  readonly message: string;
  readonly atMs: number;
}

/** One kept result: what it was made from, and what came of it. */
export interface ResultRecord {
  /** Inputs of the last result that succeeded; null before the first. */
  readonly inputs: Inputs | null;
  /** Tables of the lake that the loader asked for; null where it did not say, then every table counts. */
  readonly reads: readonly string[] | null;
  /** SHA-256 of the result in hex; null before the first. */
  readonly sha256: string | null;
  readonly bytes: number;
  /** How long the loader took, in milliseconds. */
  readonly tookMs: number;
  /** When the result was last made or found to be the same, in ms since 1970; null before the first. */
  readonly renewedAtMs: number | null;
  /** Why the last attempt failed; null where it succeeded. */
  readonly error: ResultError | null;
}

/** `fresh`: made from what is there now. `stale`: something changed since. `missing`: never made. */
export type Freshness = "fresh" | "stale" | "missing";

/** A result's state as pages, `flowbook run --why` and the server tell it. */
export interface ResultState extends Omit<ResultRecord, "inputs"> {
  /** Path of the result below the notebook, such as `data/captures.json`. */
  readonly name: string;
  readonly freshness: Freshness;
  /** Which inputs changed, in words; empty where fresh. */
  readonly why: readonly string[];
  /** Files of the project that it was made by. */
  readonly sources: number;
}

/** A record before its loader has run. */
export const noResult: ResultRecord = {
  inputs: null,
  reads: null,
  sha256: null,
  bytes: 0,
  tookMs: 0,
  renewedAtMs: null,
  error: null
};

/** Compares what a result was made from with what is there now: by content alone, so that touching a file is no change. */
export function stateOf(name: string, record: ResultRecord, now: Inputs): ResultState {
  const {inputs, ...rest} = record;
  if (inputs === null) return {name, freshness: "missing", why: ["never made"], sources: 0, ...rest};
  const sources = Object.keys(inputs).filter((input) => input.startsWith("source ")).length;
  const why = changes(inputs, now);
  return {name, freshness: why.length === 0 ? "fresh" : "stale", why, sources, ...rest};
}

/**
 * The inputs that concern a loader: all sources, settings and packages, of the tables those that it reads, and the model
 * where it reads verdicts.
 */
export function inputsOf(all: Inputs, reads: readonly string[] | null): Inputs {
  if (reads === null) return all;
  const asked = new Set(reads.map((table) => `table ${table}`));
  const concerns = (name: string) =>
    name.startsWith("table ") ? asked.has(name) : name !== "model" || reads.includes("verdicts");
  const kept = Object.entries(all).filter(([name]) => concerns(name));
  // A table that was read while empty has no part yet: its first part has to count as a change.
  return Object.fromEntries([...[...asked].map((name) => [name, noParts]), ...kept]);
}

/** Stands for a table without a part. */
export const noParts = "";

function changes(before: Inputs, after: Inputs): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].sort().flatMap((name) => {
    const [old, current] = [before[name] || undefined, after[name] || undefined];
    if (old === current) return [];
    return [`${name} ${old === undefined ? "is new" : current === undefined ? "is gone" : "changed"}`];
  });
}
