import {makeFolder} from "../partitions/durable.ts";
import {forget} from "../partitions/forgotten.ts";
import {noteBytes} from "../partitions/small-file.ts";
import {forgottenFolder} from "./object-keys.ts";
import type {ObjectStore} from "./object-store.ts";

/**
 * Says to everybody who reads a store that a capture is forgotten: `PREFIX/forgotten/<hash>.json`. It stays: mirrors that
 * have the rows already take them out at their next sync, and whoever sends them again does not bring them back.
 */
export interface StoreTombstone {
  readonly sha256: string;
  /** The last run whose parts are meant: a capture imported again later counts. */
  readonly upTo: string;
  /** Parts that held nothing else. */
  readonly parts: readonly string[];
  /** Of the object: tells whether it was seen. */
  readonly tag: string;
}

const keyOf = (sha256: string) => `${forgottenFolder}${sha256}.json`;

/** Leaves a tombstone in the store. */
export async function forgetInStore(
  store: ObjectStore,
  {sha256, upTo, parts}: Omit<StoreTombstone, "tag">
): Promise<void> {
  await store.put(keyOf(sha256), Buffer.from(JSON.stringify({upTo, parts})));
}

/** The tombstones of a store. What has another form counts for nothing. */
export async function storeTombstones(store: ObjectStore): Promise<StoreTombstone[]> {
  const found: StoreTombstone[] = [];
  for (const {key, tag} of await store.list(forgottenFolder)) {
    const [, sha256] = /^forgotten\/([0-9a-f]{64})\.json$/.exec(key) ?? [];
    if (!sha256) continue;
    const {upTo, parts} = parsed((await store.get(key, noteBytes * 64)).toString("utf8"));
    const isName = (name: unknown) => typeof name === "string" && /^[A-Za-z0-9_-]{1,200}$/.test(name);
    if (isName(upTo) && Array.isArray(parts) && parts.every(isName))
      found.push({sha256, upTo: upTo as string, parts: parts as string[], tag});
  }
  return found;
}

/** Has the readers of a lake leave the capture's rows out at once; `finishForgetting` then removes them. */
export function applyTombstone(lake: string, {sha256, upTo}: StoreTombstone): void {
  makeFolder(`${lake}/captures`);
  forget(lake, sha256, {upTo, after: null});
}

function parsed(text: string): {readonly upTo?: unknown; readonly parts?: unknown} {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
