import {Random} from "../random.ts";
import type {Truth} from "../truth.ts";
import {toNumber} from "./frame.ts";

const isIpv4 = (address: string) => !address.includes(":");

/** IPv4 addresses of hosts that serve nothing and have one address alone. */
function plainHosts(truth: Truth): string[] {
  const serving = new Set(Object.values(truth.services).map((place) => place.slice(0, place.lastIndexOf(":"))));
  return Object.values(truth.hosts)
    .map((addresses) => addresses.filter(isIpv4))
    .filter((addresses) => addresses.length === 1 && !serving.has(addresses[0]))
    .map(([address]) => address);
}

/** Addresses of hosts that are left out: of those that neither attack nor serve, all but the share. */
export function thinned(truth: Truth, share: number, seed: number): Set<number> {
  const attacking = new Set(truth.events.flatMap(({src}) => src));
  const idle = plainHosts(truth).filter((address) => !attacking.has(address));
  const left = Random.named(seed, "thin")
    .shuffled(idle)
    .slice(Math.round(share * idle.length));
  return new Set(left.map(toNumber));
}

/** Groups of hosts that shall share an address: member → the group's address, which is its first member's. */
export function natGroups(truth: Truth, size: number, seed: number): Map<number, number> {
  // An attack that names its target's ports would miss it under others.
  const named = new Set(truth.events.flatMap(({ports, dst}) => (ports ? dst : [])));
  const plain = plainHosts(truth).filter(
    (address) => !named.has(address) && network(toNumber(address)) === homeNetwork(truth)
  );
  const members = Random.named(seed, "nat").shuffled(plain).map(toNumber);
  return new Map(
    members.flatMap((member, i) => {
      const first = i - (i % size);
      return members.length - first > 1 ? [[member, members[first]] as const] : [];
    })
  );
}

export function network(address: number): number {
  return Math.floor(address / 256);
}

/** The /24 network (an address without its last number) in which most hosts are. */
export function homeNetwork({hosts}: Truth): number {
  const counts = new Map<number, number>();
  for (const addresses of Object.values(hosts)) {
    const first = addresses.find(isIpv4);
    if (first) counts.set(network(toNumber(first)), (counts.get(network(toNumber(first))) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

/**
 * Other addresses for all: each /24 network becomes another, private ones stay private, last numbers change places
 * within a network. Multicast, broadcast and networks 0 and 127 stay.
 */
export class AddressMap {
  readonly #random: Random;
  readonly #networks = new Map<number, number>();
  readonly #used = new Set<number>();
  readonly #lasts: number[];

  constructor(seed: number) {
    this.#random = Random.named(seed, "remap");
    const inner = this.#random.shuffled(Array.from({length: 254}, (_, i) => i + 1));
    this.#lasts = [0, ...inner, 255];
  }

  of(address: number): number {
    const first = address >>> 24;
    if (first >= 224 || first === 0 || first === 127) return address;
    let to = this.#networks.get(network(address));
    if (to === undefined) {
      do to = this.#draw(address);
      while (this.#used.has(to));
      this.#used.add(to);
      this.#networks.set(network(address), to);
    }
    return to * 256 + this.#lasts[address & 255];
  }

  #draw(address: number): number {
    const [a, b] = [address >>> 24, (address >>> 16) & 255];
    const part = () => this.#random.integer(0, 255);
    if (a === 10) return (10 * 256 + part()) * 256 + part();
    if (a === 172 && b >= 16 && b < 32) return (172 * 256 + this.#random.integer(16, 31)) * 256 + part();
    if (a === 192 && b === 168) return (192 * 256 + 168) * 256 + part();
    return (this.#random.integer(11, 99) * 256 + part()) * 256 + part();
  }
}

/** Ports behind a shared address: a host keeps its own where it is free. */
export class Ports {
  readonly #taken = new Map<string, number>();
  readonly #ports = new Map<string, number>();
  #next = 20_000;

  /** The port under which the member's own is seen at the group's address. */
  of(proto: number, member: number, group: number, port: number): number {
    const key = `${proto} ${member} ${port}`;
    const known = this.#ports.get(key);
    if (known !== undefined) return known;
    let seen = port;
    while (this.#taken.has(`${proto} ${group} ${seen}`)) {
      seen = this.#next;
      this.#next = this.#next === 65_535 ? 20_000 : this.#next + 1;
      if (this.#taken.size > 2_000_000) throw new Error("nat: a shared address has no free port left");
    }
    this.#taken.set(`${proto} ${group} ${seen}`, member);
    this.#ports.set(key, seen);
    return seen;
  }
}
