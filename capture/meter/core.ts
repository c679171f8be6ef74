import {readFile} from "node:fs/promises";
import {buildMeter} from "./build.ts";

/** What `core/index.ts` exports. Addresses are offsets in its memory. */
export interface Core {
  readonly memory: WebAssembly.Memory;
  initialize(
    maxFlows: number,
    idleTimeoutUs: number,
    activeTimeoutUs: number,
    seed: bigint,
    verifiesChecksums: boolean
  ): void;
  region(number: number): number;
  bytesCapacity(): number;
  eventBytes(): number;
  outputRows(): number;
  columnStride(): number;
  featureCount(): number;
  numberCount(): number;
  rowBytes(): number;
  /** Events in the log, rows in the output, live flows. */
  events(): number;
  rows(): number;
  live(): number;
  /** Records of ARP packets; `arpDone` forgets them. */
  arp(): number;
  arpDone(): void;
  eventsDone(): void;
  rowsDone(): void;
  communities(): void;
  /** 0 fragments forgotten, 1 context starts dropped, 2 pairs of hosts evicted. */
  lost(number: number): number;
  mute(slot: number, high: number, low: number): void;
  run(from: number, count: number): number;
  /** As a packet of that time would: ends flows whose time is over; 0 where there is no room for all of them. */
  advance(time: number): number;
  finish(): number;
  /** Begins a snapshot of flows under way with a packet since `time`; `snapshot` fills the output: 0 after the last. */
  snapshotFrom(time: number, most: number): void;
  snapshot(): number;
  /** Flows it had no room for. */
  snapshotLeft(): number;
}

/** Numbers of the core's memory regions (`region` in core/index.ts). */
export const regions = {
  bytes: 0,
  offset: 1,
  captured: 2,
  wire: 3,
  ts: 4,
  link: 5,
  counters: 6,
  links: 7,
  events: 8,
  numbers: 9,
  features: 10,
  identifiers: 11,
  marks: 12,
  addresses: 13,
  histories: 14,
  tunnels: 15,
  communities: 16,
  flowIds: 17,
  openSlots: 18,
  arp: 19
} as const;

let compiled: Promise<WebAssembly.Module> | null = null;

/** A fresh instance of the core; the module is compiled once a process. */
export async function loadCore(): Promise<Core> {
  compiled ??= buildMeter()
    .then((path) => readFile(path))
    .then((bytes) => WebAssembly.compile(bytes));
  const module = await compiled.catch((error: unknown) => {
    compiled = null;
    throw error;
  });
  const abort = (): never => {
    throw new Error("the meter's core ran out of memory");
  };
  return (await WebAssembly.instantiate(module, {env: {abort}})).exports as unknown as Core;
}
