import type {Random} from "../random.ts";

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** A banner of any length and end (RFC 4253 §4.2) and a KEXINIT (§7.1) whose packet, padding and name-lists lie. */
export function hostileSsh(random: Random): Buffer {
  const software = random.of(["OpenSSH_9.2p1", "x".repeat(random.length(60, 1000)), "\xff\x00", ""]);
  const before = random.chance(0.1) ? "welcome\r\n".repeat(random.below(60)) : "";
  const banner = Buffer.from(
    `${before}SSH-${random.of(["2.0", "1.99", "", "9"])}-${software}${random.of(["\r\n", "\n", "", " comment\r\n"])}`,
    "latin1"
  );
  const lists = Array.from({length: random.of([10, 10, 10, 3, 40])}, () => {
    const names = random.chance(0.8)
      ? Buffer.from(random.of(["curve25519-sha256,ecdh-sha2-nistp256", "aes128-ctr", "none", "", ",,,"]))
      : random.bytes(random.length(60, 3000));
    return Buffer.concat([
      u32(random.chance(0.9) ? names.length : random.of([0, names.length + 1, 0x7fffffff, 0xffffffff])),
      names
    ]);
  });
  const payload = Buffer.concat([
    Buffer.from([random.chance(0.95) ? 20 : random.byte()]),
    random.bytes(16),
    ...lists,
    Buffer.alloc(5)
  ]);
  const padding = random.of([4, 4, 8, 0, 255]);
  const length = random.chance(0.85)
    ? 1 + payload.length + padding
    : random.of([0, 11, 12, 35_000, 35_001, 0x7fffffff, 0xffffffff]);
  return Buffer.concat([banner, u32(length), Buffer.from([padding]), payload, Buffer.alloc(padding)]);
}
