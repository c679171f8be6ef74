import {createCipheriv, createHmac} from "node:crypto";

/** Keys of a client's Initial packets. */
export interface InitialKeys {
  readonly key: Buffer;
  readonly iv: Buffer;
  /** Key of header protection. */
  readonly hp: Buffer;
}

/** Initial salts: RFC 9001 §5.2, RFC 9369 §3.3.1, those of the drafts from 29, 23 and 21 on, and Google's with TLS. */
const salts = {
  version1: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
  version2: "0dede3def700a6db819381be6e269dcbf9bd2ed9",
  draft29: "afbfec289993d24c9e9786f19c6111e04390a899",
  draft23: "c3eef712c72ebb5a11a7d2432bb46365bef9f502",
  draft22: "7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a",
  google50: "7ff579e5acd072915580304c43a2367c60488310",
  google51: "7a4edef4e7ccee5fa4506c19124fc8ccda6e033d"
} as const;

const version2 = 0x6b3343cf;

/** Bits of the first byte of an Initial packet: a long header (RFC 9000 §17.2), its type (RFC 9369 §3.2) and a packet number of two bytes. */
export const firstByte = (version: number): number => 0xc1 | (version === version2 ? 0x10 : 0);

function saltOf(version: number): string | null {
  if (version === 1 || version === 0xff000021 || version === 0xff000022) return salts.version1;
  if (version === version2) return salts.version2;
  // Also the versions that do not exist (RFC 9000 §15), which are tested with.
  if ((version & 0x0f0f0f0f) === 0x0a0a0a0a || (version >= 0xff00001d && version <= 0xff000020)) return salts.draft29;
  if (version === 0xff000015 || version === 0xff000016 || version === 0xfaceb001) return salts.draft22;
  if (version === 0x54303530) return salts.google50;
  if (version === 0x54303531) return salts.google51;
  if (version === 0xfaceb002 || version === 0xfaceb00e) return salts.draft23;
  return version >= 0xff000017 && version <= 0xff00001c ? salts.draft23 : null;
}

/** The client's keys, by the connection id that its first packet goes to (RFC 9001 §5.2); null where the version has no known salt. */
export function initialKeys(version: number, connectionId: Uint8Array): InitialKeys | null {
  const salt = saltOf(version);
  if (salt === null) return null;
  const initial = createHmac("sha256", Buffer.from(salt, "hex")).update(connectionId).digest();
  const client = expandLabel(initial, "client in", 32);
  const prefix = version === version2 ? "quicv2" : "quic";
  return {
    key: expandLabel(client, `${prefix} key`, 16),
    iv: expandLabel(client, `${prefix} iv`, 12),
    hp: expandLabel(client, `${prefix} hp`, 16)
  };
}

/** HKDF-Expand-Label (RFC 8446 §7.1) without a context, of at most 32 bytes. */
function expandLabel(secret: Uint8Array, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]);
  return createHmac("sha256", secret).update(info).digest().subarray(0, length);
}

/** The packet of a header, which ends with its packet number of two bytes, and frames, protected (RFC 9001 §5.3, §5.4). */
export function protectedPacket(header: Uint8Array, frames: Uint8Array, {key, iv, hp}: InitialKeys): Buffer {
  const number = header.length - 2;
  const nonce = Buffer.from(iv);
  nonce[10] ^= header[number];
  nonce[11] ^= header[number + 1];
  const cipher = createCipheriv("aes-128-gcm", key, nonce).setAAD(header);
  const packet = Buffer.concat([header, cipher.update(frames), cipher.final(), cipher.getAuthTag()]);
  const mask = createCipheriv("aes-128-ecb", hp, null).update(packet.subarray(number + 4, number + 20));
  packet[0] ^= mask[0] & 15;
  packet[number] ^= mask[1];
  packet[number + 1] ^= mask[2];
  return packet;
}
