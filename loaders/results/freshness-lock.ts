import {linkSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {setTimeout as sleep} from "node:timers/promises";

/**
 * Takes a lock between processes, a file with the holder's process id: returns a function that lets go, or the id of
 * who holds it. A lock whose process is gone is taken over.
 */
export function takeLock(path: string): (() => void) | number {
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, String(process.pid), {mode: 0o600});
  try {
    for (;;) {
      try {
        // A link appears together with its content, so that nobody reads a lock without a holder.
        linkSync(mine, path);
        return () => rmSync(path, {force: true});
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = readHolder(path);
      if (holder !== null && isAlive(holder)) return holder;
      rmSync(path, {force: true});
    }
  } finally {
    rmSync(mine, {force: true});
  }
}

/** Waits for a lock and returns the function that lets go. Throws where it is still held after `longestMs`. */
export async function waitForLock(path: string, longestMs: number): Promise<() => void> {
  const stepMs = 100;
  for (let waited = 0; ; waited += stepMs) {
    const held = takeLock(path);
    if (typeof held === "function") return held;
    if (waited >= longestMs) throw new Error(`${path}: still held by process ${held} after ${longestMs / 1000} s`);
    await sleep(stepMs);
  }
}

function readHolder(path: string): number | null {
  try {
    return Number(readFileSync(path, "utf8")) || null;
  } catch {
    return null;
  }
}

/** Whether a process of that number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
