import {createHash} from "node:crypto";

/** Protocols whose ports are part of the ID; the ICMPs pair their types, and others have none. */
const withPorts = new Set([6, 17, 132]);

/**
 * Community ID v1 with seed 0 of a flow with ports; null for other protocols. Addresses as bytes, in network order.
 * Source: corelight/community-id-spec.
 */
export function communityId(
  proto: number,
  src: Uint8Array,
  srcPort: number,
  dst: Uint8Array,
  dstPort: number
): string | null {
  if (!withPorts.has(proto) || src.length !== dst.length) return null;
  const order = Buffer.compare(src, dst);
  const isOrdered = order < 0 || (order === 0 && srcPort <= dstPort);
  const [low, lowPort, high, highPort] = isOrdered ? [src, srcPort, dst, dstPort] : [dst, dstPort, src, srcPort];
  const ports = Buffer.alloc(6);
  ports[0] = proto;
  ports.writeUInt16BE(lowPort, 2);
  ports.writeUInt16BE(highPort, 4);
  const hash = createHash("sha1").update(Buffer.alloc(2)).update(low).update(high).update(ports);
  return `1:${hash.digest("base64")}`;
}
