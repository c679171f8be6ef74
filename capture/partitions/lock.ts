import {linkSync, rmSync, statSync, writeFileSync} from "node:fs";
import {hostname} from "node:os";
import {setTimeout as sleep} from "node:timers/promises";
import {mayLive, type Owner, ownerOfThis} from "./owner.ts";
import {noteBytes, readSmallFile} from "./small-file.ts";

export interface LockOptions {
  /** Wall clock in ms since 1970. */
  readonly nowMs?: number;
  /**
   * A holder whose lock has not changed for so long counts as gone. By default a day for a holder on another machine,
   * which cannot be asked; on this machine a process that runs holds its lock for ever.
   */
  readonly silentMs?: number;
  /** A file or folder that the holder changes instead of the lock. */
  readonly changes?: string;
}

const dayMs = 24 * 3600 * 1000;
/** Longer than any process needs to remove a lock. */
const removalMs = 10_000;

/**
 * Takes a lock between processes: a file that names the process that holds it. Returns the function that releases it,
 * or who holds it. The lock of a process that is gone is taken over; one process gets it, however many try. The folder
 * must be there.
 */
export function takeLock(path: string, options: LockOptions = {}): (() => void) | Owner {
  const mine = `${path}.${process.pid}`;
  const text = JSON.stringify(ownerOfThis());
  writeFileSync(mine, text, {mode: 0o600});
  try {
    for (;;) {
      if (linked(mine, path)) return () => release(path, text);
      const holder = readHolder(path);
      if (holder?.owner && isHeld(path, options)) return holder.owner;
      if (holder) removeStale(path, holder.text, mine);
    }
  } finally {
    rmSync(mine, {force: true});
  }
}

/** Waits for a lock and returns the function that releases it. Throws where it is still held after `longestMs`. */
export async function waitForLock(path: string, longestMs: number): Promise<() => void> {
  const stepMs = 100;
  for (let waited = 0; ; waited += stepMs) {
    const held = takeLock(path);
    if (typeof held === "function") return held;
    if (waited >= longestMs) throw new Error(`${path}: still held by process ${held.pid} after ${longestMs / 1000} s`);
    await sleep(stepMs);
  }
}

/** Whether there is a lock whose holder lives, as far as anyone can tell. */
export function isHeld(path: string, {nowMs = Date.now(), silentMs, changes = path}: LockOptions = {}): boolean {
  const owner = readHolder(path)?.owner;
  if (!owner || !mayLive(owner)) return false;
  const longestMs = silentMs ?? (owner.host === hostname() ? Number.POSITIVE_INFINITY : dayMs);
  return nowMs - (statSync(changes, {throwIfNoEntry: false})?.mtimeMs ?? nowMs) < longestMs;
}

/** A link appears together with its content, so that nobody reads a lock without a holder. False where there is one. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Null where there is no file; a file that names nobody has no owner. */
function readHolder(path: string): {readonly owner: Owner | null; readonly text: string} | null {
  try {
    const text = readSmallFile(path, noteBytes);
    return {owner: parseOwner(text), text};
  } catch {
    return null;
  }
}

function parseOwner(text: string): Owner | null {
  try {
    const owner = JSON.parse(text);
    return typeof owner?.pid === "number" && typeof owner.host === "string" ? owner : null;
  } catch {
    return null;
  }
}

/**
 * Removes a lock whose holder is gone. One process at a time does so, and looks again first: otherwise it could remove
 * the lock that another one took meanwhile.
 */
function removeStale(path: string, stale: string, mine: string): void {
  const gate = `${path}.stale`;
  if (!linked(mine, gate)) {
    const sinceMs = statSync(gate, {throwIfNoEntry: false})?.mtimeMs;
    if (sinceMs !== undefined && Date.now() - sinceMs > removalMs) rmSync(gate, {force: true});
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    return;
  }
  try {
    if (readHolder(path)?.text === stale) rmSync(path, {force: true});
  } finally {
    rmSync(gate, {force: true});
  }
}

/** Leaves the lock alone where another process took it over. */
function release(path: string, text: string): void {
  if (readHolder(path)?.text === text) rmSync(path, {force: true});
}
