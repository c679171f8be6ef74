import {createHash, type Hash} from "node:crypto";

/** What the core asks of its host about contents that cross (`core/dissect/crypto/host-digests.ts`). */
export interface HostDigests {
  /** 0 where a hash is forbidden here (MD5, where OpenSSL follows FIPS). */
  openDigests(): number;
  takeBytes(digests: number, at: number, length: number): void;
  closeDigests(digests: number, at: number): void;
  dropDigests(digests: number): void;
}

/** MD5 and SHA-256 of contents in a core's memory, by number. */
export function hostDigests(memory: () => WebAssembly.Memory): HostDigests {
  const open: (readonly Hash[])[] = [];
  const free: number[] = [];
  let bytes = new Uint8Array(0);
  const view = () => {
    const {buffer} = memory();
    if (bytes.buffer !== buffer) bytes = new Uint8Array(buffer);
    return bytes;
  };
  const drop = (digests: number) => {
    open[digests - 1] = [];
    free.push(digests);
  };
  return {
    openDigests() {
      const hashes = newHashes();
      if (!hashes) return 0;
      const digests = free.pop() ?? open.length + 1;
      open[digests - 1] = hashes;
      return digests;
    },
    takeBytes(digests, at, length) {
      const content = view().subarray(at, at + length);
      for (const hash of open[digests - 1]) hash.update(content);
    },
    closeDigests(digests, at) {
      const [md5, sha256] = open[digests - 1].map((hash) => hash.digest());
      view().set(md5, at);
      view().set(sha256, at + md5.length);
      drop(digests);
    },
    dropDigests: drop
  };
}

function newHashes(): Hash[] | null {
  try {
    return [createHash("md5"), createHash("sha256")];
  } catch {
    return null;
  }
}
