import {coreBytes} from "../cores.ts";
import {hostDigests} from "./host-digests.ts";

/** What the meter's core (`core/index.ts`) exports. Addresses are offsets in its memory. */
interface MeterCore {
  readonly memory: WebAssembly.Memory;
  /** Begins a capture; again where all flows of the one before were handed out, with the same `maxFlows`. */
  initialize(
    maxFlows: number,
    idleTimeoutUs: number,
    activeTimeoutUs: number,
    seed: bigint,
    verifiesChecksums: boolean,
    leavesOutDuplicates: boolean
  ): void;
  region(number: number): number;
  bytesCapacity(): number;
  eventBytes(): number;
  outputRows(): number;
  columnStride(): number;
  featureCount(): number;
  numberCount(): number;
  rowBytes(): number;
  rowCapacity(): number;
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
  /** Makes the column of histories; how many distinct texts it has. */
  histories(): number;
  historiesBytes(): number;
  /** Makes the texts of the column of activity; how many there are. `activityBytes` says how long they are then. */
  activities(): number;
  activityBytes(): number;
  /** 0 fragments forgotten, 1 context starts dropped, 2 pairs of hosts evicted. */
  lost(number: number): number;
  /** Whether the host wants payloads of the packets that come; else it hears of no payload. */
  ask(payloads: number): void;
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

/** What the dissectors in the core export (`capture/core/dissect/index.ts`): they read the payloads in the meter's log. */
export interface ReadingCore {
  /** Begins to read payloads, from nothing. */
  openReadings(maxFlows: number, maxHeldBytes: number, maxRows: number, maxNames: number): void;
  /** Reads no more: all payloads are the host's. */
  closeReadings(): void;
  /** Reads the log; 0 where payloads are not read here, but the host's. */
  readEvents(): number;
  nameOpenRows(rows: number): void;
  nameByDns(rows: number): void;
  namesColumn(number: number): number;
  insidesColumn(): number;
  namesCount(text: number): number;
  clearColumns(): void;
  recordRows(table: number): number;
  recordColumn(table: number, column: number, part: number): number;
  recordsDone(table: number): void;
  readingsCounter(number: number): number;
  /** Whether contents of files go to `files`; not so after `openReadings`. */
  handOverFiles(isWanted: boolean): void;
  /** Who takes the contents of files. */
  readonly files: FileTaker;
  /** How many protocols (and variants) there are, and their names: where, and how many UTF-16 units. */
  protocolCount(): number;
  protocolName(number: number): number;
  protocolNameLength(number: number): number;
}

/** Takes contents of files while they are read. A file is told from others under way by `transfer`, a number used again later. */
export interface FileTaker {
  /** Bytes are those of the core's memory from `start` to before `end`, during the call only; `ts` is the file's, in µs. */
  bytes: (transfer: number, ts: number, start: number, end: number) => void;
  /** Its row, where it has one, has this flow (as a signed number) and time. */
  end: (transfer: number, flow: bigint, ts: number) => void;
}

export type Core = MeterCore & ReadingCore;

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
  arp: 19,
  historyCodes: 20,
  historyTexts: 21,
  activityCodes: 22,
  activityTexts: 23
} as const;

let compiled: Promise<WebAssembly.Module> | null = null;

/** The core's module, compiled once a process. */
export async function coreModule(): Promise<WebAssembly.Module> {
  compiled ??= coreBytes("meter").then((bytes) => WebAssembly.compile(bytes));
  return await compiled.catch((error: unknown) => {
    compiled = null;
    throw error;
  });
}

/** A fresh instance of the core. */
export function newCore(module: WebAssembly.Module): Core {
  const abort = (): never => {
    throw new Error("the meter's core ran out of memory");
  };
  const files: FileTaker = {bytes: () => {}, end: () => {}};
  const {exports} = new WebAssembly.Instance(module, {
    env: {abort},
    "host-files": {
      fileBytes: (transfer: number, ts: number, start: number, end: number) => files.bytes(transfer, ts, start, end),
      fileEnd: (transfer: number, flow: bigint, ts: number) => files.end(transfer, flow, ts)
    },
    "host-digests": {...hostDigests(() => core.memory)}
  });
  const core = {...exports, files} as unknown as Core;
  return core;
}
