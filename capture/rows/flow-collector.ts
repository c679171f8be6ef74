import type {AddressColumn, CodedTextColumn, ColumnData, RowBatch} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";
import type {FinishedFlows} from "../meter/meter.ts";
import {TextCodes} from "../partitions/text-codes.ts";
import type {LakeWriter} from "../partitions/writer.ts";

/** Rows of a block: so many that moving it to the writer's thread costs little for each. */
const blockRows = 16_384;
const addressBytes = 16;
const addressWords = 4;

/** The collectors of a meter's rows, for a writer: `flows` and `features`. */
export function flowCollectors(writer: Pick<LakeWriter, "memory">): readonly FlowCollector[] {
  const memory = (bytes: number) => writer.memory(bytes);
  return [new FlowCollector("flows", memory), new FlowCollector("features", memory)];
}

type Known = Readonly<Record<string, CodedTextColumn>>;

/** Space of one column in a block, and how a batch's part of it is copied there. */
interface Space {
  copy(flows: FinishedFlows, known: Known, row: number): void;
  /** The column's first `rows` rows. */
  column(rows: number): ColumnData | AddressColumn;
}

/**
 * Collects finished flows, copied out of the meter's memory, into blocks of rows for `flows` or `features`; a block
 * lies in one piece of memory, so that one move brings it to another thread. The meter's batches have 512 rows at most.
 */
export class FlowCollector {
  readonly #table: TableName;
  #memory: ArrayBuffer | null = null;
  #spaces: Space[] = [];
  #rows = 0;
  /** By column: its texts, in a block's layout; emptied for each block. */
  readonly #texts = new Map<string, TextCodes>();
  readonly #newMemory: (bytes: number) => ArrayBuffer;
  readonly #blockRows: number;

  /** `memory` gives that of a new block, whatever is in it; it holds so many rows. */
  constructor(name: TableName, memory: (bytes: number) => ArrayBuffer, rows = blockRows) {
    this.#table = name;
    this.#newMemory = memory;
    this.#blockRows = rows;
  }

  /** Adds a batch: the meter's columns, and by name those that are known otherwise. Returns a block that became full. */
  add(flows: FinishedFlows, known: Known): RowBatch | null {
    const full = this.#rows + flows.rows > this.#blockRows ? this.take() : null;
    if (!this.#memory) this.#begin(flows, known);
    for (const space of this.#spaces) space.copy(flows, known, this.#rows);
    this.#rows += flows.rows;
    return full;
  }

  /** The rows collected so far, null where there are none. */
  take(): RowBatch | null {
    const [rows, memory] = [this.#rows, this.#memory];
    if (rows === 0 || !memory) return null;
    this.#rows = 0;
    this.#memory = null;
    const columns = this.#spaces.map((space) => space.column(rows));
    // A block hardly filled is not moved: whoever keeps the rows would keep all of its memory.
    return rows * 4 > this.#blockRows * 3
      ? {table: this.#table, rows, columns, memory}
      : {table: this.#table, rows, columns};
  }

  #begin(flows: FinishedFlows, known: Known): void {
    const rows = Math.max(this.#blockRows, flows.rows);
    const layout = new Layout(rows);
    const makers = table(this.#table).columns.map(({name}) => {
      if (Object.hasOwn(known, name)) return textSpace(layout, this.#textsOf(name), (_, by) => by[name]);
      if (flows.addresses(name)) return addressSpace(layout, name);
      const sample = flows.column(name);
      if ("codes" in sample) return textSpace(layout, this.#textsOf(name), (by) => by.column(name) as CodedTextColumn);
      return "width" in sample ? fixedTextSpace(layout, name, sample.width) : numberSpace(layout, name, sample);
    });
    const memory = this.#newMemory(layout.bytes);
    this.#memory = memory;
    this.#spaces = makers.map((make) => make(memory));
  }

  #textsOf(name: string): TextCodes {
    let texts = this.#texts.get(name);
    if (!texts) this.#texts.set(name, (texts = new TextCodes()));
    return texts;
  }
}

/** Hands out places in a block, each at a multiple of 8 bytes. */
class Layout {
  bytes = 0;
  readonly rows: number;

  constructor(rows: number) {
    this.rows = rows;
  }

  place(bytesPerRow: number): number {
    const at = this.bytes;
    this.bytes += Math.ceil((this.rows * bytesPerRow) / 8) * 8;
    return at;
  }
}

type Maker = (memory: ArrayBuffer) => Space;

function numberSpace(layout: Layout, name: string, sample: Float64Array | Float32Array | BigInt64Array): Maker {
  const type = sample.constructor as new (memory: ArrayBuffer, at: number, length: number) => Float64Array;
  const at = layout.place(sample.BYTES_PER_ELEMENT);
  return (memory) => {
    const values = new type(memory, at, layout.rows);
    return {
      copy: (flows, _, row) => values.set(flows.column(name) as Float64Array, row),
      column: (rows) => values.subarray(0, rows)
    };
  };
}

function textSpace(
  layout: Layout,
  texts: TextCodes,
  from: (flows: FinishedFlows, known: Known) => CodedTextColumn
): Maker {
  const at = layout.place(4);
  return (memory) => {
    const codes = new Int32Array(memory, at, layout.rows);
    texts.clear();
    return {
      copy: (flows, known, row) => texts.add(from(flows, known), flows.rows, codes, row),
      column: (rows) => ({codes: codes.subarray(0, rows), texts: texts.bytes.slice(), distinct: texts.distinct})
    };
  };
}

function fixedTextSpace(layout: Layout, name: string, width: number): Maker {
  const at = layout.place(width);
  return (memory) => {
    const bytes = new Uint8Array(memory, at, layout.rows * width);
    return {
      copy(flows, _, row) {
        const column = flows.column(name) as {bytes: Uint8Array};
        bytes.set(column.bytes.subarray(0, flows.rows * width), row * width);
      },
      column: (rows) => ({width, bytes: bytes.subarray(0, rows * width)})
    };
  };
}

function addressSpace(layout: Layout, name: string): Maker {
  const at = layout.place(addressBytes);
  const versionsAt = layout.place(1);
  return (memory) => {
    const addresses = new Uint8Array(memory, at, layout.rows * addressBytes);
    const words = new Uint32Array(memory, at, layout.rows * addressWords);
    const versions = new Uint8Array(memory, versionsAt, layout.rows);
    return {
      copy(flows, _, row) {
        const column = flows.addresses(name)!;
        const {buffer, byteOffset, byteLength} = column.addresses;
        const from = new Uint32Array(buffer, byteOffset, byteLength / 4);
        const stride = column.stride / 4;
        for (let i = 0; i < flows.rows; i++) {
          const version = column.versions[i * column.versionStride];
          const source = i * stride;
          const target = (row + i) * addressWords;
          versions[row + i] = version;
          words[target] = from[source];
          if (version === 4) continue;
          words[target + 1] = from[source + 1];
          words[target + 2] = from[source + 2];
          words[target + 3] = from[source + 3];
        }
      },
      column: (rows) => ({
        addresses: addresses.subarray(0, rows * addressBytes),
        stride: addressBytes,
        versions: versions.subarray(0, rows),
        versionStride: 1
      })
    };
  };
}
