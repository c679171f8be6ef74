import type {ReadingCore} from "../meter/core.ts";
import type {Payload} from "../meter/meter.ts";
import type {RowBuffer} from "./row-buffer.ts";

/** IANA protocol numbers of the transports whose payloads are looked at. */
export const transport = {tcp: 6, udp: 17} as const;

export type Transport = (typeof transport)[keyof typeof transport];

/** A protocol that the core recognises (core/protocols/index.ts) and that is read here: one file, one line in `protocols/index.ts`. */
export interface Protocol {
  /** What `flows.service` says, in lower case; a parser may name another. */
  readonly name: string;
  begin(): Parser;
  /**
   * True where one payload is no proof: the parser names the flow (`service`) once it is sure; where it wants no more
   * before, the flow is looked at anew.
   */
  readonly isTentative?: boolean;
}

/** Reads one flow of a protocol. State is bounded whatever the wire says. */
export interface Parser {
  /** Takes the next payload of the flow, the recognised one first. False: no more wanted. */
  take(payload: Payload, flow: DissectedFlow): boolean;
  /** The flow has ended: what is still open is written. */
  end?(flow: DissectedFlow): void;
  /**
   * After `end`: it forgets the flow and reads another, as if it was new. What flows leave behind when they end in their
   * tens of thousands costs more to collect than to use again.
   */
  renew?(): void;
  /** True where `take` wants no more because another protocol follows within the same connection. */
  readonly isTunnel?: boolean;
}

/** What parsers know of a flow, and where they put what they find. */
export interface DissectedFlow {
  readonly slot: number;
  readonly flowHi: number;
  readonly flowLo: number;
  /** `flows.service`. */
  service: string | null;
  readonly output: Output;
}

/** The tables records go to, and the counters of what was given up. */
export interface Output {
  readonly ssh: RowBuffer;
  readonly ftp: RowBuffer;
  readonly smb: RowBuffer;
  readonly counters: DissectionCounters;
  readonly budget: Budget;
}

/** What dissection met and what it gave up, for the capture's report. */
export interface DissectionCounters {
  /** Messages of a recognised protocol that contradict themselves. */
  malformed: number;
  /** Times that bytes waiting for others had to be given up: limits of a flow, or of all flows together. */
  givenUp: number;
  /** Rows not written because the tables were not taken away in time. */
  droppedRows: number;
  /** Flows recognised but not read because too many were being read. */
  unreadFlows: number;
  /** Names from DNS answers that were forgotten as there were too many. */
  forgottenNames: number;
}

/** Bytes that all flows together may hold while they wait for more; those that the core holds count too. */
export class Budget {
  readonly #core: Pick<ReadingCore, "hostHolds">;

  constructor(core: Pick<ReadingCore, "hostHolds">) {
    this.#core = core;
  }

  /** False where the bytes would pass the limit; else they are held until they are returned. */
  reserve(bytes: number): boolean {
    return this.#core.hostHolds(bytes) !== 0;
  }

  release(bytes: number): void {
    if (bytes > 0) this.#core.hostHolds(-bytes);
  }
}
