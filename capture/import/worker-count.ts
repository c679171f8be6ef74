import {availableParallelism, freemem} from "node:os";
import type {CaptureFile} from "./import-paths.ts";

/** What a process may take in all, what it takes by itself, and what each thread that reads a large capture adds. */
const processBytes = 1e9;
const ownBytes = 100e6;
const workerBytes = 400e6;

/** A thread with less to read than this is not worth its start (docs/decisions/parallel-import.md). */
const worthwhileBytes = 256e6;

/** The machine as `workersFor` sees it. */
export interface Machine {
  readonly cores: number;
  readonly freeBytes: number;
}

/**
 * How many threads are to read captures side by side: as many as there are cores and memory for, and files with enough
 * in them.
 */
export function workersFor(files: readonly Pick<CaptureFile, "bytes">[], machine = thisMachine()): number {
  const total = files.reduce((sum, {bytes}) => sum + bytes, 0);
  const largest = files.reduce((most, {bytes}) => Math.max(most, bytes), 0);
  // One has the largest file, the others share what is left.
  const worthwhile = 1 + Math.floor((total - largest) / worthwhileBytes);
  const room = Math.floor((Math.min(processBytes, machine.freeBytes) - ownBytes) / workerBytes);
  return Math.max(1, Math.min(machine.cores, room, files.length, worthwhile));
}

function thisMachine(): Machine {
  return {cores: availableParallelism(), freeBytes: process.availableMemory?.() ?? freemem()};
}
