/** A condition: the address column holds a multicast, broadcast or unspecified address, of IPv4 or IPv6. */
export function isGroupAddress(column: string): string {
  return `(${column} LIKE '23_.%' OR (${column} LIKE '22_.%' AND ${column} >= '224') OR ${column} LIKE '%.255' OR ${column} LIKE 'ff%' OR ${column} IN ('0.0.0.0', '::'))`;
}

/** A condition: the address column holds an address of a private network (RFC 1918, RFC 4193) or a link. */
export function isPrivateAddress(column: string): string {
  return `(coalesce(regexp_extract(${column}, '^(10|192[.]168|172[.](1[6-9]|2[0-9]|3[01])|169[.]254)[.]|^f[cd][0-9a-f]{2}:|^fe80:'), '') <> '')`;
}

/** A condition that holds for all addresses of the networks and for some others: keeps strangers' rows in the engine. */
export function isPerhapsIn(networks: readonly string[], column: string): string {
  const patterns = networks.map((text) => {
    const {bits, start, shift} = parseNetwork(text);
    const length = bits - Number(shift);
    if (bits === 32) return length < 8 ? "%.%" : `${(start << shift) >> 24n}.%`;
    const group = (start << shift) >> 112n;
    // The first group's leading digit is written only where it is not zero.
    return length < 4 || group < 0x1000n ? "%:%" : `${(group >> 12n).toString(16)}%:%`;
  });
  return patterns.length === 0
    ? "1 = 0"
    : `(${[...new Set(patterns)].map((pattern) => `${column} LIKE '${pattern}'`).join(" OR ")})`;
}

/** A test whether an address (text, IPv4 or IPv6) lies in one of the networks; throws where a network is not CIDR. */
export function inNetworks(networks: readonly string[]): (address: string) => boolean {
  const parsed = networks.map(parseNetwork);
  return (address) => {
    const value = parseAddress(address);
    if (!value) return false;
    return parsed.some(({bits, start, shift}) => bits === value.bits && value.number >> shift === start);
  };
}

function parseNetwork(text: string): {bits: number; start: bigint; shift: bigint} {
  const [address, length] = text.split("/");
  const value = parseAddress(address);
  const prefix = length === undefined ? value?.bits : Number(length);
  if (!value || prefix === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > value.bits)
    throw new Error(`local network: expected CIDR notation such as 10.0.0.0/8, found ${text}`);
  const shift = BigInt(value.bits - prefix);
  return {bits: value.bits, start: value.number >> shift, shift};
}

function parseAddress(text: string): {bits: number; number: bigint} | null {
  if (!text.includes(":")) {
    const octets = text.split(".").map(Number);
    if (octets.length !== 4 || octets.some((n) => !Number.isInteger(n) || n < 0 || n > 255)) return null;
    return {bits: 32, number: octets.reduce((sum, n) => (sum << 8n) | BigInt(n), 0n)};
  }
  const [head, tail] = text.split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return null;
  const all = [...before, ...new Array<number>(missing).fill(0), ...after];
  if (all.some((n) => !Number.isInteger(n) || n < 0 || n > 0xffff)) return null;
  return {bits: 128, number: all.reduce((sum, n) => (sum << 16n) | BigInt(n), 0n)};
}

/** Groups of 16 bits; a dotted IPv4 end counts as two. */
function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [/^[0-9a-f]{1,4}$/i.test(part) ? Number.parseInt(part, 16) : Number.NaN];
    const value = parseAddress(part);
    return value ? [Number(value.number >> 16n), Number(value.number & 0xffffn)] : [Number.NaN];
  });
}

/** A condition: a MAC address that routers share, by VRRP (RFC 9568 §7.3), HSRP and GLBP, go from one station to another by design. */
export const isSharedMac = (column: string) =>
  `(${["00:00:5e:00:01:%", "00:00:0c:07:ac:%", "00:00:0c:9f:f%", "00:07:b4:%"].map((start) => `${column} LIKE '${start}'`).join(" OR ")})`;
