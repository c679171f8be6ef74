import {createHash} from "node:crypto";
import {closeSync, openSync, readSync} from "node:fs";
import {setImmediate} from "node:timers/promises";

const bufferBytes = 256 * 1024;
/** Bytes after which others of this thread have their turn: about 20 ms. */
const turnBytes = 32 * 2 ** 20;

/**
 * SHA-256 (hex) of a file's bytes as stored, compressed or not. Throws the file system's error. It is read at once,
 * not by Node's thread pool: there, copying the bytes out of the page cache costs more than hashing them. `first`: only so
 * many bytes from its beginning.
 */
export async function hashFile(path: string, first = Number.POSITIVE_INFINITY): Promise<string> {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafeSlow(bufferBytes);
    let left = first;
    for (let untilTurn = turnBytes; ; untilTurn -= bufferBytes) {
      const bytes = readSync(file, buffer, 0, Math.min(bufferBytes, left), null);
      left -= bytes;
      if (bytes === 0) return hash.digest("hex");
      hash.update(bytes === bufferBytes ? buffer : buffer.subarray(0, bytes));
      if (untilTurn > 0) continue;
      untilTurn = turnBytes;
      await setImmediate();
    }
  } finally {
    closeSync(file);
  }
}
