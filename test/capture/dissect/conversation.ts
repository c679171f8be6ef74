import type {DissectionOptions} from "../../../capture/dissect/dissection.ts";
import type {Payload} from "../../../capture/meter/meter.ts";
import {textsOf} from "../../../capture/partitions/texts-of.ts";
import type {CodedTextColumn} from "../../../schema/rows.ts";
import type {TableName} from "../../../schema/tables.ts";
import {coreFor, OfferingDissection} from "./offering/offering-dissection.ts";
import {type RecordRow, rowsOf, type Value} from "./record-rows.ts";

export {type RecordRow, rowsOf, type Value};

/** Transports of conversations. */
export const protocolNumbers = {tcp: 6, udp: 17, sctp: 132} as const;
export type SpokenProtocol = (typeof protocolNumbers)[keyof typeof protocolNumbers];

/** That of all conversations: a dissection begins anew with it. */
const core = coreFor(16);

const addresses = [Uint8Array.of(192, 0, 2, 1), Uint8Array.of(198, 51, 100, 2)] as const;

/** One flow of given payloads through a dissection, as the meter would hand them over. */
export class Conversation {
  readonly dissection: OfferingDissection;
  readonly records: Partial<Record<TableName, RecordRow[]>> = {};
  /** Whether more payloads are wanted. */
  wanted = true;
  /** `service_inside`, once the flow has ended. */
  inside: string | null = null;
  /** `proxied_ip`, as well. */
  proxiedIp: string | null = null;
  readonly #proto: number;
  readonly #ports: readonly [number, number];
  readonly #offsets: [number, number] = [0, 0];
  #ts = 1_700_000_000_000_000;

  constructor(
    proto: SpokenProtocol,
    ports: readonly [number, number],
    options: Partial<Omit<DissectionOptions, "core">> = {}
  ) {
    this.#proto = proto;
    this.#ports = ports;
    this.dissection = new OfferingDissection({captureSha256: "c0ffee", core, ...options});
  }

  /**
   * The next payload of a side, 1 ms after the one before it. `offset` says where in the stream it lies, `cut` how
   * many more bytes were sent than captured.
   */
  send(direction: 0 | 1, content: string | Uint8Array, offset = this.#offsets[direction], cut = 0): this {
    const bytes = typeof content === "string" ? Buffer.from(content, "latin1") : content;
    this.#offsets[direction] = Math.max(this.#offsets[direction], offset + bytes.length + cut);
    this.#ts += 1000;
    // In the middle of a larger buffer, as packets are.
    const around = new Uint8Array(bytes.length + 20).fill(0x5a);
    around.set(bytes, 7);
    const streamOffset = this.#proto === 6 ? offset : 0;
    const payload = {...this.#payload(direction), bytes: around, start: 7, end: 7 + bytes.length, cut, streamOffset};
    if (this.wanted) this.wanted = this.dissection.offer(payload, addresses);
    return this;
  }

  #payload(direction: 0 | 1): Payload {
    return {
      slot: 3,
      flowHi: -2,
      flowLo: 5,
      direction,
      proto: this.#proto,
      ts: this.#ts,
      bytes: new Uint8Array(0),
      start: 0,
      end: 0,
      cut: 0,
      streamOffset: 0,
      srcPort: this.#ports[direction],
      dstPort: this.#ports[1 - direction]
    };
  }

  /** Ends the flow; its columns, and the records in `records`. */
  end(): {service: string | null; server_name: string | null; ja4: string | null} {
    this.dissection.offerEnd(this.#payload(0), 0, -1, addresses);
    const columns = this.dissection.takeColumns(1);
    this.take();
    const text = (column: CodedTextColumn) => (column.codes[0] < 0 ? null : textsOf(column)[column.codes[0]]);
    this.inside = text(columns.service_inside);
    this.proxiedIp = text(columns.proxied_ip);
    return {service: text(columns.service), server_name: text(columns.server_name), ja4: text(columns.ja4)};
  }

  /** Takes the records written so far. */
  take(): this {
    for (const batch of this.dissection.takeRecords())
      (this.records[batch.table as TableName] ??= []).push(...rowsOf(batch));
    return this;
  }
}
