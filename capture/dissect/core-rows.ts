import {type RecordKind, recordKind, recordTables} from "../../schema/records/index.ts";
import type {AddressColumn, ColumnData, EncodedTextColumn, RowBatch, TextColumn} from "../../schema/rows.ts";
import type {ReadingCore} from "../meter/core.ts";

/** The dissectors' core with its memory. */
export type Readings = ReadingCore & {readonly memory: WebAssembly.Memory};

/** What of a column is asked for (`recordColumn`): its values; what stands beside; of texts their bytes and number. */
const part = {values: 0, versions: 1, texts: 2, textBytes: 3, distinct: 4} as const;

/** Texts of the batch of finished flows, by number (core/index.ts). */
export const nameColumns = {server_name: 0, ja4: 1, proxied_ip: 2, dns_name: 3} as const;

const addressBytes = 16;

/** Rows of records that wait in the core. */
export function waitingCoreRows(core: Readings): number {
  return recordTables.reduce((sum, _, number) => sum + core.recordRows(number), 0);
}

/** Rows that the core dropped because they were not taken in time. */
export function droppedCoreRows(core: Readings): number {
  return recordTables.reduce((sum, _, number) => sum + core.readingsCounter(7 + number), 0);
}

/** The records that wait in the core, copied out of it: a batch per table that has any. */
export function takeCoreRecords(core: Readings, captureSha256: string): RowBatch[] {
  return recordTables.flatMap(({name, columns}, number) => {
    const rows = core.recordRows(number);
    if (rows === 0) return [];
    const batch = columns.map((column, i) =>
      recordKind(column) === "capture"
        ? {codes: new Int32Array(rows), values: [captureSha256]}
        : columnOf(core, number, i, rows, recordKind(column))
    );
    core.recordsDone(number);
    return [{table: name, rows, columns: batch}];
  });
}

function columnOf(
  core: Readings,
  number: number,
  i: number,
  rows: number,
  kind: RecordKind
): ColumnData | AddressColumn {
  const {buffer} = core.memory;
  const at = core.recordColumn(number, i, part.values);
  if (kind === "id") return new BigInt64Array(buffer, at, rows).slice();
  if (kind === "address")
    return {
      addresses: new Uint8Array(buffer, at, rows * addressBytes).slice(),
      stride: addressBytes,
      versions: new Uint8Array(buffer, core.recordColumn(number, i, part.versions), rows).slice(),
      versionStride: 1
    };
  if (kind === "number") return new Float64Array(buffer, at, rows).slice();
  return {
    codes: new Int32Array(buffer, at, rows).slice(),
    texts: new Uint8Array(
      buffer,
      core.recordColumn(number, i, part.texts),
      core.recordColumn(number, i, part.textBytes)
    ).slice(),
    distinct: core.recordColumn(number, i, part.distinct)
  };
}

const namesOf = new WeakMap<Readings, readonly string[]>();

/** Names of services, by the core's numbers; read once of each core, which serves many captures. */
export function serviceNames(core: Readings): readonly string[] {
  let names = namesOf.get(core);
  if (!names) {
    names = Array.from({length: core.protocolCount()}, (_, number) =>
      String.fromCharCode(
        ...new Uint16Array(core.memory.buffer, core.protocolName(number), core.protocolNameLength(number))
      )
    );
    namesOf.set(core, names);
  }
  return names;
}

/**
 * Copies of a batch's columns, in memory that the next batch's are copied to: memory of their own would make the garbage
 * collector run for every few thousand flows.
 */
export class BatchColumns {
  readonly #codes: Int32Array[] = [];
  readonly #texts: Uint8Array[] = [];

  /** `flows.service` of the batch's first rows, by the core's codes for `names`. */
  service(core: Readings, rows: number, names: readonly string[]): TextColumn {
    return {codes: this.#codesAt(0, core, core.namesColumn(0), rows), values: names};
  }

  /** `flows.service_inside` of the batch's first rows, by the same codes. */
  inside(core: Readings, rows: number, names: readonly string[]): TextColumn {
    return {codes: this.#codesAt(1, core, core.insidesColumn(), rows), values: names};
  }

  /** One of the batch's columns of texts, its first rows. */
  name(core: Readings, text: number, rows: number): EncodedTextColumn {
    const bytes = core.namesColumn(3 * text + 3);
    let kept = this.#texts[text];
    if (!kept || kept.length < bytes) kept = this.#texts[text] = new Uint8Array(bytes * 2);
    kept.set(new Uint8Array(core.memory.buffer, core.namesColumn(3 * text + 2), bytes));
    return {
      codes: this.#codesAt(2 + text, core, core.namesColumn(3 * text + 1), rows),
      texts: kept.subarray(0, bytes),
      distinct: core.namesCount(text)
    };
  }

  #codesAt(place: number, core: Readings, at: number, rows: number): Int32Array {
    let kept = this.#codes[place];
    if (!kept || kept.length < rows) kept = this.#codes[place] = new Int32Array(rows);
    kept.set(new Int32Array(core.memory.buffer, at, rows));
    return kept.length === rows ? kept : kept.subarray(0, rows);
  }
}
