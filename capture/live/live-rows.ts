import type {LiveBatch} from "../../schema/live/batch.ts";
import type {AddressColumn, CodedTextColumn, ColumnData, RowBatch} from "../../schema/rows.ts";
import type {FinishedFlows} from "../meter/meter.ts";
import {FlowCollector} from "../rows/flow-collector.ts";

/** Rows of a block: the most that the meter hands out at once. */
const blockRows = 2048;
/** Rows of ended flows, of flows under way, and of records, that one batch has at most. */
export const mostRows = {ended: 8000, open: 8000, records: 20_000} as const;

/** Collects what a live capture's judge is told next. */
export class LiveRows {
  #flows: RowBatch[] = [];
  #features: RowBatch[] = [];
  #records: RowBatch[] = [];
  readonly #collectors = [
    new FlowCollector("flows", (bytes) => new ArrayBuffer(bytes), blockRows),
    new FlowCollector("features", (bytes) => new ArrayBuffer(bytes), blockRows)
  ];
  #rows = 0;
  #recordRows = 0;
  #left = 0;
  #sinceUs = 0;

  /** Time of the last packet that was told of, µs since 1970. */
  get sinceUs(): number {
    return this.#sinceUs;
  }

  /** Copies flows that ended, with the columns beside the meter's. */
  ended(flows: FinishedFlows, known: Readonly<Record<string, CodedTextColumn>>): void {
    if (this.#rows + flows.rows > mostRows.ended) this.#left += flows.rows;
    else this.#add(flows, known);
  }

  /** Copies flows under way. */
  open(flows: FinishedFlows, known: Readonly<Record<string, CodedTextColumn>>): void {
    this.#add(flows, known);
  }

  /** Copies records. */
  records(batch: RowBatch): void {
    if (this.#recordRows + batch.rows > mostRows.records) this.#left += batch.rows;
    else {
      this.#recordRows += batch.rows;
      this.#records.push(copied(batch));
    }
  }

  /** What was collected. `left`: flows under way that were not; `lastUs`: time of the last packet. */
  take(lastUs: number, nowUs: number, left: number): LiveBatch {
    this.#finishBlocks();
    const batch = {
      untilUs: Math.max(lastUs, nowUs),
      sinceUs: this.#sinceUs,
      flows: this.#flows,
      features: this.#features,
      records: this.#records,
      left: this.#left + left
    };
    [this.#flows, this.#features, this.#records] = [[], [], []];
    this.#rows = this.#recordRows = this.#left = 0;
    this.#sinceUs = lastUs;
    return batch;
  }

  #add(flows: FinishedFlows, known: Readonly<Record<string, CodedTextColumn>>): void {
    this.#rows += flows.rows;
    const [fullFlows, fullFeatures] = this.#collectors.map((collector) => collector.add(flows, known));
    if (fullFlows) this.#flows.push(fullFlows);
    if (fullFeatures) this.#features.push(fullFeatures);
  }

  #finishBlocks(): void {
    const [flows, features] = this.#collectors.map((collector) => collector.take());
    if (flows) this.#flows.push(flows);
    if (features) this.#features.push(features);
  }
}

/** A batch in memory of its own: as much as its rows take, whatever they lie in. */
function copied({table, rows, columns}: RowBatch): RowBatch {
  return {table, rows, columns: columns.map((data) => copiedColumn(data, rows))};
}

function copiedColumn(data: ColumnData | AddressColumn, rows: number): ColumnData | AddressColumn {
  if ("texts" in data) return {...data, codes: data.codes.slice(0, rows), texts: data.texts.slice()};
  if ("codes" in data) return {codes: data.codes.slice(0, rows), values: data.values};
  if ("width" in data) return {...data, bytes: data.bytes.slice(0, rows * data.width)};
  if ("addresses" in data) return {...data, addresses: data.addresses.slice(), versions: data.versions.slice()};
  return data.slice(0, rows);
}
