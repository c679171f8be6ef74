const etherTypes = {ipv4: 0x0800, ipv6: 0x86dd, vlan: 0x8100, qinq: 0x88a8} as const;
const tcp = 6;
const udp = 17;

/**
 * Moves the addresses of an Ethernet frame into another network, number `replica`, and mends the checksums
 * (RFC 1624), so that copies of a capture are other flows between other hosts. Frames without IP stay as they are.
 */
export function shiftAddresses(frame: Buffer, replica: number): void {
  let at = 12;
  let type = frame.length >= 14 ? frame.readUInt16BE(at) : 0;
  while ((type === etherTypes.vlan || type === etherTypes.qinq) && at + 6 <= frame.length) {
    at += 4;
    type = frame.readUInt16BE(at);
  }
  const ip = frame.subarray(at + 2);
  if (type === etherTypes.ipv4 && ip.length >= 20) shiftIpv4(ip, replica);
  else if (type === etherTypes.ipv6 && ip.length >= 40) shiftIpv6(ip, replica);
}

/** Changes the second and third octet of both addresses. */
function shiftIpv4(ip: Buffer, replica: number): void {
  const isFragment = (ip.readUInt16BE(6) & 0x1fff) !== 0;
  const transport = isFragment ? -1 : checksumOffset(ip, (ip[0] & 15) * 4, ip[9]);
  for (const address of [12, 16]) {
    replaceWord(ip, address, ip.readUInt16BE(address) ^ (replica & 0xff), [10, transport]);
    replaceWord(ip, address + 2, ip.readUInt16BE(address + 2) ^ (replica & 0xff00), [10, transport]);
  }
}

/** Changes the first word of both addresses. */
function shiftIpv6(ip: Buffer, replica: number): void {
  const transport = checksumOffset(ip, 40, ip[6]);
  for (const address of [8, 24]) replaceWord(ip, address, ip.readUInt16BE(address) ^ (replica & 0xffff), [transport]);
}

/** Where the transport's checksum stands, -1 where it has none. */
function checksumOffset(ip: Buffer, transport: number, protocol: number): number {
  if (protocol === tcp) return transport + 18 <= ip.length ? transport + 16 : -1;
  if (protocol !== udp || transport + 8 > ip.length) return -1;
  return ip.readUInt16BE(transport + 6) === 0 ? -1 : transport + 6;
}

function replaceWord(ip: Buffer, at: number, word: number, checksums: readonly number[]): void {
  const before = ip.readUInt16BE(at);
  ip.writeUInt16BE(word, at);
  for (const offset of checksums) if (offset >= 0) mend(ip, offset, before, word);
}

/** RFC 1624 equation 3. */
function mend(ip: Buffer, offset: number, before: number, after: number): void {
  let sum = (~ip.readUInt16BE(offset) & 0xffff) + (~before & 0xffff) + after;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  ip.writeUInt16BE(~sum & 0xffff, offset);
}
