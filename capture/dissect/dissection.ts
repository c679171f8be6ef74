import type {EncodedTextColumn, RowBatch, TextColumn} from "../../schema/rows.ts";
import type {FinishedFlows} from "../meter/meter.ts";
import {
  BatchColumns,
  droppedCoreRows,
  nameColumns,
  type Readings,
  serviceNames,
  takeCoreRecords,
  waitingCoreRows
} from "./core-rows.ts";
import {guessedServices} from "./port-guess.ts";

export interface DissectionOptions {
  readonly captureSha256: string;
  /** The dissectors in the meter's core (`Meter.readings`), which are opened for this capture. */
  readonly core: Readings;
  /** Flows read at the same time at most; more are recognised but not read. */
  readonly maxFlows?: number;
  /** Bytes that flows together may hold while they wait for more. */
  readonly maxHeldBytes?: number;
  /** Rows of one table that may wait to be taken. */
  readonly maxRows?: number;
  /** Pairs of client and address of which the name is remembered that DNS answered for. */
  readonly maxNames?: number;
}

/** What dissection met and what it gave up, for the capture's report. */
export interface DissectionCounters {
  /** Messages of a recognised protocol that contradict themselves. */
  malformed: number;
  /** Times that bytes waiting for others had to be given up: limits of a flow, or of all flows together. */
  givenUp: number;
  /** Stretches of a connection's bytes that never came; records go on behind them. */
  gaps: number;
  /** Texts longer than what is kept of them. */
  cutTexts: number;
  /** Rows not written because the tables were not taken away in time. */
  droppedRows: number;
  /** Flows recognised but not read because too many were being read. */
  unreadFlows: number;
  /** Names from DNS answers that were forgotten as there were too many. */
  forgottenNames: number;
}

/** The columns of `flows` that dissection fills, for the rows of one batch of finished flows. */
export interface DissectedColumns {
  readonly service: TextColumn;
  readonly service_inside: TextColumn;
  readonly server_name: EncodedTextColumn;
  readonly ja4: EncodedTextColumn;
  readonly proxied_ip: EncodedTextColumn;
}

/** The columns of `flows` that dissection infers, without the flow itself having told. */
export interface InferredColumns {
  readonly dns_name: EncodedTextColumn;
  readonly service_guess: TextColumn;
}

/**
 * The application protocols of one capture, which the meter's core recognises by content and reads straight from its log:
 * after a meter's `onFlows`, `takeColumns` gives the batch's columns and `takeRecords` the records read so far.
 */
export class Dissection {
  readonly #core: Readings;
  readonly #columns = new BatchColumns();
  readonly #captureSha256: string;
  /** What `flows.service` may say, by the core's numbers. */
  readonly services: readonly string[];

  constructor(options: DissectionOptions) {
    const {captureSha256, core, maxFlows = 200_000} = options;
    const {maxHeldBytes = 64 << 20, maxRows = 500_000, maxNames = 1 << 17} = options;
    core.openReadings(maxFlows, maxHeldBytes, maxRows, maxNames);
    this.#core = core;
    this.#captureSha256 = captureSha256;
    this.services = serviceNames(core);
  }

  /** What dissection met and gave up so far. */
  get counters(): DissectionCounters {
    const counter = (number: number) => this.#core.readingsCounter(number);
    return {
      malformed: counter(0),
      givenUp: counter(1),
      unreadFlows: counter(2),
      gaps: counter(3),
      cutTexts: counter(4),
      forgottenNames: counter(5),
      droppedRows: droppedCoreRows(this.#core)
    };
  }

  /** Columns of the finished batch of `rows` flows, until the next ones are taken; the next batch begins. */
  takeColumns(rows: number): DissectedColumns {
    const core = this.#core;
    const columns = {
      service: this.#columns.service(core, rows, this.services),
      service_inside: this.#columns.inside(core, rows, this.services),
      server_name: this.#columns.name(core, nameColumns.server_name, rows),
      ja4: this.#columns.name(core, nameColumns.ja4, rows),
      proxied_ip: this.#columns.name(core, nameColumns.proxied_ip, rows)
    };
    core.clearColumns();
    return columns;
  }

  /** What is known so far of flows under way: the columns of the first `rows` rows of the meter's snapshot. */
  openColumns(rows: number): DissectedColumns {
    this.#core.nameOpenRows(rows);
    return this.takeColumns(rows);
  }

  /**
   * What follows from the addresses, ports and times of the batch (or snapshot), given the services known of it by
   * content.
   */
  inferredColumns(flows: FinishedFlows, service: TextColumn): InferredColumns {
    this.#core.nameByDns(flows.rows);
    return {
      dns_name: this.#columns.name(this.#core, nameColumns.dns_name, flows.rows),
      service_guess: guessedServices(flows, service)
    };
  }

  /** Rows of application records that wait; a good moment to take them is after each batch of flows. */
  get waitingRows(): number {
    return waitingCoreRows(this.#core);
  }

  /** Bytes that flows hold now while they wait for more. */
  get heldBytes(): number {
    return this.#core.readingsCounter(6);
  }

  /** The records read so far, a batch per table that has any. */
  takeRecords(): RowBatch[] {
    return takeCoreRecords(this.#core, this.#captureSha256);
  }
}
