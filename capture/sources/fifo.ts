import {closeSync, constants, openSync, readSync} from "node:fs";
import {Socket} from "node:net";
import type {Readable} from "node:stream";
import {setTimeout as sleep} from "node:timers/promises";

const askEveryMs = 50;

/**
 * Opens a named pipe for reading and waits until somebody writes to it; null where the signal comes first. An ordinary
 * open would wait in the system until then, where no signal of ours reaches it.
 */
export async function openFifo(path: string, signal?: AbortSignal): Promise<Readable | null> {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const first = Buffer.alloc(1);
  try {
    while (!signal?.aborted) {
      const got = bytesNow(file, first);
      if (got === 0) {
        await sleep(askEveryMs);
        continue;
      }
      const stream = new Socket({fd: file, readable: true, writable: false});
      if (got === 1) stream.unshift(first);
      return stream;
    }
  } catch (error) {
    closeSync(file);
    throw error;
  }
  closeSync(file);
  return null;
}

/** Bytes read: 0 where nobody writes to the pipe, -1 where somebody will. */
function bytesNow(file: number, into: Buffer): number {
  try {
    return readSync(file, into, 0, into.length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return -1;
    throw error;
  }
}
