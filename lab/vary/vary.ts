import {createHash} from "node:crypto";
import {createReadStream, writeFileSync} from "node:fs";
import {basename} from "node:path";
import {labeller} from "../labels.ts";
import {Random} from "../random.ts";
import type {Connection, Truth, TruthEvent} from "../truth.ts";
import {isHost, type Parts, parts, toNumber, toText, translate} from "./frame.ts";
import {AddressMap, homeNetwork, natGroups, network, Ports, thinned} from "./hosts.ts";
import {type Packet, PcapFile, PcapOutput} from "./pcap-file.ts";
import {Stretch} from "./stretch.ts";
import type {Variation} from "./variation.ts";

export interface Varied {
  /** Packets read and written. */
  readonly read: number;
  readonly written: number;
  readonly events: number;
}

/**
 * Makes another labelled capture of one: `output` (`x.pcap`) and the truth beside it. The capture is read twice; in
 * memory are 24 bytes a packet, and the connections seen. What packets say of addresses in their contents stays.
 */
export async function vary(capture: string, truth: Truth, variation: Variation, output: string): Promise<Varied> {
  const file = new PcapFile(capture);
  const chosen = new Choice(truth, variation);
  const stretch = variation.stretch ? new Stretch(variation.stretch) : undefined;
  const places: number[] = [];
  const times: number[] = [];
  let read = 0;
  let [first, last] = [0, 0];
  for (const packet of file) {
    read++;
    first ||= packet.ts;
    const found = parts(packet.frame);
    if (!chosen.keeps(packet, found, packet.ts - first)) continue;
    places.push(packet.position);
    times.push(stretch ? stretch.of(packet.ts, found, packet.frame) : packet.ts);
    last = packet.ts;
  }
  const order = Array.from(places.keys());
  if (stretch) order.sort((a, b) => times[a] - times[b] || a - b);
  const snapLength = Math.min(variation.snapLength || file.snapLength, file.snapLength);
  const out = new PcapOutput(output, snapLength);
  for (const i of order) {
    const {frame, wireLength} = file.at(places[i])!;
    const copy = Buffer.from(frame.subarray(0, snapLength));
    translate(copy, parts(frame), chosen.translated);
    if (chosen.isBehindNat(frame)) takeHop(copy);
    out.write(times[i], wireLength, copy);
  }
  out.close();
  file.close();
  const at = (ts: number) => (stretch ? stretch.scaled(ts) : ts);
  const events = chosen
    .events(first, last)
    .map((event) => ({...event, t0: Math.round(at(event.t0)), t1: Math.round(at(event.t1))}));
  const hash = createHash("sha256");
  for await (const part of createReadStream(output)) hash.update(part);
  const varied: Truth = {
    ...truth,
    varied: {capture_sha256: truth.capture_sha256, ...madeOf(truth), ...variation},
    seconds: Math.round((at(last) - at(first)) / 1e6),
    capture: basename(output),
    capture_sha256: hash.digest("hex"),
    started: new Date(at(Date.parse(truth.started) * 1000) / 1000).toISOString(),
    hosts: Object.fromEntries(Object.entries(truth.hosts).map(([name, list]) => [name, list.map(chosen.named)])),
    services: Object.fromEntries(
      Object.entries(truth.services).map(([name, place]) => {
        const at = place.lastIndexOf(":");
        return [name, chosen.named(place.slice(0, at)) + place.slice(at)];
      })
    ),
    events
  };
  writeFileSync(output.replace(/\.pcap$/, ".truth.json"), `${JSON.stringify(varied, null, 1)}\n`);
  return {read, written: out.packets, events: events.length};
}

/** Which packets stay, under which addresses, and what that makes of the events. */
class Choice {
  readonly #truth: Truth;
  readonly #variation: Variation;
  readonly #gone: Set<number>;
  readonly #groups: Map<number, number>;
  readonly #ports = new Ports();
  readonly #map: AddressMap | undefined;
  readonly #home: number;
  readonly #random: Random;
  readonly #label: ReturnType<typeof labeller>;
  /** Ends of a conversation → the one that spoke first. */
  readonly #speakers = new Map<string, number>();
  /** Connections of attacks that come from behind a shared address, by event. */
  readonly #claimed = new Map<number, Map<string, Connection>>();
  readonly #asked = new Set<string>();

  constructor(truth: Truth, variation: Variation) {
    const {seed, thin, nat, remap} = variation;
    this.#truth = truth;
    this.#variation = variation;
    this.#gone = thin === undefined ? new Set() : thinned(truth, thin, seed);
    this.#groups = nat ? natGroups(truth, nat, seed) : new Map();
    this.#map = remap ? new AddressMap(seed) : undefined;
    this.#home = homeNetwork(truth);
    this.#random = Random.named(seed, "packets");
    this.#label = labeller(truth.events);
  }

  keeps(packet: Packet, found: Parts, sinceFirst: number): boolean {
    const {cut, border, oneWay, loss} = this.#variation;
    if (cut && (sinceFirst < cut[0] * 1e6 || sinceFirst >= cut[1] * 1e6)) return false;
    if (this.#gone.has(found.src) || this.#gone.has(found.dst)) return false;
    if (border && !this.#crosses(found)) return false;
    if (this.#groups.size > 0 && !this.#leaves(found)) return false;
    if (oneWay && !this.#speaksFirst(found)) return false;
    if (loss && this.#random.chance(loss)) return false;
    this.#claim(packet, found);
    return true;
  }

  #crosses({version, src, dst}: Parts): boolean {
    const inside = (address: number) => network(address) === this.#home;
    return version === 4 && isHost(src) && isHost(dst) && inside(src) !== inside(dst);
  }

  /** A shared address hides what its hosts say to each other and to their neighbours at large. */
  #leaves({src, dst, version, arp}: Parts): boolean {
    const [from, to] = [this.#groups.get(src), this.#groups.get(dst)];
    if (from === undefined && to === undefined) return true;
    return version === 4 && !arp && from !== to && isHost(src) && isHost(dst);
  }

  #speaksFirst({version, proto, src, dst, srcPort, dstPort, layer4}: Parts): boolean {
    if (version !== 4) return true;
    const [a, b] = [`${src}:${layer4 && proto !== 1 ? srcPort : 0}`, `${dst}:${layer4 && proto !== 1 ? dstPort : 0}`];
    const key = a < b ? `${proto} ${a} ${b}` : `${proto} ${b} ${a}`;
    const first = this.#speakers.get(key) ?? src;
    this.#speakers.set(key, first);
    return first === src;
  }

  /** Which attack's connection it is, asked once a connection, before the shared address hides who made it. */
  #claim({ts}: Packet, {src, dst, proto, srcPort, dstPort}: Parts): void {
    const group = this.#groups.get(src);
    if (group === undefined) return;
    const key = `${proto} ${src} ${srcPort} ${dst} ${dstPort}`;
    if (this.#asked.has(key)) return;
    const {label, event} = this.#label({
      ts_start: ts,
      ts_end: ts,
      src_ip: toText(src),
      src_port: srcPort,
      dst_ip: toText(dst),
      dst_port: dstPort,
      proto
    });
    // An echo flow has no ports that tell an attack from the ping before it.
    if (proto !== 1 || label !== "Normal") this.#asked.add(key);
    if (event === undefined || label === null) return;
    const seen = {address: dst, port: dstPort};
    const connection: Connection = {
      proto,
      src_port: proto === 1 ? srcPort : this.#ports.of(proto, src, group, srcPort),
      dst: toText(this.translated(proto, seen.address, seen.port).address),
      dst_port: proto === 1 ? dstPort : this.translated(proto, seen.address, seen.port).port
    };
    const claimed = this.#claimed.get(event) ?? new Map<string, Connection>();
    claimed.set(key, connection);
    this.#claimed.set(event, claimed);
  }

  readonly translated = (proto: number, address: number, port: number): {address: number; port: number} => {
    const group = this.#groups.get(address);
    const to = this.#map ? this.#map.of(group ?? address) : (group ?? address);
    return {address: to, port: group !== undefined && port > 0 ? this.#ports.of(proto, address, group, port) : port};
  };

  /** An address of the truth as it is now. */
  readonly named = (text: string): string =>
    text.includes(":") ? text : toText(this.translated(0, toNumber(text), 0).address);

  isBehindNat(frame: Buffer): boolean {
    return this.#groups.size > 0 && frame.length >= 34 && this.#groups.has(parts(frame).src);
  }

  /** Events that overlap the time left and of which hosts are left, as they are to be told now. */
  events(first: number, last: number): TruthEvent[] {
    const {cut} = this.#variation;
    const from = cut ? first + cut[0] * 1e6 : Number.NEGATIVE_INFINITY;
    return this.#truth.events.flatMap((event, i): TruthEvent[] => {
      if (event.t1 < from || (cut && event.t0 > last)) return [];
      const text = event.commands.map((command) => command.replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, this.named));
      const [src, dst] = [event.src, event.dst].map((list) => [...new Set(list.map(this.named))]);
      const told = {...event, src, dst, commands: text};
      const isShared = event.src.some((address) => !address.includes(":") && this.#groups.has(toNumber(address)));
      if (isShared) return [{...told, connections: [...(this.#claimed.get(i)?.values() ?? [])]}];
      const connections = event.connections?.map((one) => {
        const {address, port} = this.translated(one.proto, toNumber(one.dst), one.dst_port);
        return {...one, dst: toText(address), dst_port: port};
      });
      return [connections ? {...told, connections} : told];
    });
  }
}

/** One router more on the way of an IPv4 packet. */
function takeHop(frame: Buffer): void {
  if (frame[22] < 2) return;
  frame[22]--;
  let sum = (~frame.readUInt16BE(24) & 0xffff) + 0xfeff;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  frame.writeUInt16BE(~sum & 0xffff, 24);
}

/** The captures before the one that is varied, where it was made by varying itself. */
function madeOf({varied}: Truth): {readonly made_of?: readonly string[]} {
  return varied ? {made_of: [varied.capture_sha256, ...(varied.made_of ?? [])]} : {};
}
