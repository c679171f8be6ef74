import {createHash} from "node:crypto";
import {open} from "node:fs/promises";

/**
 * SHA-256 (hex) of a file's bytes as stored, compressed or not. Throws the file system's error. Hashing costs about
 * a CPU second for 1.5 GB, much of what metering the file does.
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    const buffer = new Uint8Array(1 << 20);
    for (;;) {
      const {bytesRead} = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
