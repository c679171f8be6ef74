import {BlockList, isIP} from "node:net";

/**
 * True where nothing may be sent to an address: where clouds answer with credentials, what is no single host, what leads
 * through a carrier's translator. An IPv6 address that carries an IPv4 address is judged by what it carries. Loopback and
 * private networks stay allowed: receivers stand there.
 */
export function isForbidden(address: string): boolean {
  if (isIP(address) !== 6) return ipv4.check(address, "ipv4");
  const groups = groupsOf(address);
  // IPv4-compatible (RFC 4291 §2.5.5.1), which nothing uses any more, with :: among them and all but ::1.
  if (begins(groups, 0, 0, 0, 0, 0, 0)) return groups[6] !== 0 || groups[7] !== 1;
  if (ipv6.check(groups.map((group) => group.toString(16)).join(":"), "ipv6")) return true;
  const carrier = carriers.find(({holds}) => holds(groups));
  if (!carrier) return false;
  const carried = dotted(groups[carrier.at], groups[carrier.at + 1]);
  // Only global addresses may be translated or tunnelled (RFC 6052 §3.1, RFC 3056 §2); a mapped one is IPv4 itself.
  return ipv4.check(carried, "ipv4") || (!carrier.isMapped && local.check(carried, "ipv4"));
}

/** True for names by which clouds' metadata services are reached, whatever they lead to. */
export function isMetadataName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return metadataNames.some((known) => name === known || name.endsWith(`.${known}`));
}

const metadataNames = [
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
  "metadata.azure.internal",
  "metadata.tencentyun.com",
  "metadata.platformequinix.com"
];

const ipv4 = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  // Carriers' translators (RFC 6598), where Alibaba's metadata service stands too.
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
  // IETF protocol assignments (RFC 6890), where Oracle's metadata service stands.
  ["192.0.0.0", 24],
  ["224.0.0.0", 3],
  // Azure's agent service.
  ["168.63.129.16", 32]
] as const)
  ipv4.addSubnet(network, prefix, "ipv4");

/** Addresses of this machine or network only. */
const local = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16]
] as const)
  local.addSubnet(network, prefix, "ipv4");

const ipv6 = new BlockList();
for (const [network, prefix] of [
  // A translator's own prefix (RFC 8215): where in it the IPv4 address stands is its owner's choice.
  ["64:ff9b:1::", 48],
  ["100::", 64],
  // Teredo (RFC 4380) leads to whatever its server says.
  ["2001::", 32],
  ["fe80::", 10],
  // Site-local (RFC 3879): of whichever site.
  ["fec0::", 10],
  ["ff00::", 8],
  // Metadata services of Amazon and Google.
  ["fd00:ec2::", 32],
  ["fd20:ce::254", 128]
] as const)
  ipv6.addSubnet(network, prefix, "ipv6");

interface Carrier {
  holds(groups: readonly number[]): boolean;
  /** The group that the IPv4 address begins at. */
  readonly at: number;
  readonly isMapped?: boolean;
}

const begins = (groups: readonly number[], ...first: readonly number[]) =>
  first.every((value, k) => groups[k] === value);

/** Ways to write an IPv4 address in an IPv6 address. */
const carriers: readonly Carrier[] = [
  // Mapped (RFC 4291 §2.5.5.2).
  {holds: (groups) => begins(groups, 0, 0, 0, 0, 0, 0xffff), at: 6, isMapped: true},
  // Translated (RFC 2765 §2.1).
  {holds: (groups) => begins(groups, 0, 0, 0, 0, 0xffff, 0), at: 6},
  // Behind a translator (RFC 6052).
  {holds: (groups) => begins(groups, 0x64, 0xff9b, 0, 0, 0, 0), at: 6},
  // 6to4 (RFC 3056).
  {holds: (groups) => begins(groups, 0x2002), at: 1},
  // ISATAP (RFC 5214 §6.1), under any prefix.
  {holds: (groups) => (groups[4] & 0xfdff) === 0 && groups[5] === 0x5efe, at: 6}
];

/** The eight groups of an IPv6 address, however it is written. */
function groupsOf(address: string): number[] {
  const [bare] = address.split("%");
  const [head, tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split("::");
  const numbers = (text: string | undefined) =>
    text ? text.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const [first, last] = [numbers(head), numbers(tail)];
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

const dotted = (high: number, low: number) => [high >> 8, high & 255, low >> 8, low & 255].join(".");
