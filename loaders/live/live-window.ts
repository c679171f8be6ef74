import type {DuckDBConnection, DuckDBInstance} from "@duckdb/node-api";
import {openEngine} from "../../capture/partitions/engine.ts";
import {evaluate} from "../../models/rules/evaluate.ts";
import type {Finding, Rule, Surroundings} from "../../models/rules/rule.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import type {RowBatch} from "../../schema/rows.ts";
import {type TableName, table} from "../../schema/tables.ts";
import type {Incident} from "../judge/incident-builder.ts";
import {incidentFlows} from "../judge/incident-flows.ts";
import {batchChunks} from "../lake/batch-cells.ts";
import {connectionEngine} from "../lake/connection-engine.ts";

/** How far back rules see in a live capture, and with how many rows at most; the oldest leave first. */
export const windowLimits = {seconds: 600, flows: 100_000, records: 50_000} as const;
/** A flow under way is judged by no rule before it is so old: most are answered by then. */
export const settledAfterUs = 1e6;

/** The time column by which rows leave, of each table that the window has. */
const leavesBy = {
  flows: "ts_end",
  http: "ts",
  dns: "ts",
  tls: "ts",
  smb: "ts",
  dcerpc: "ts",
  ntlm: "ts",
  kerberos: "ts",
  ldap: "ts",
  databases: "ts",
  files: "ts",
  mail: "ts",
  certificates: "ts",
  dhcp: "ts",
  sip: "ts",
  ftp: "ts",
  ssh: "ts",
  mqtt: "ts",
  logins: "ts",
  snmp: "ts",
  rdp: "ts",
  network_layer: "ts",
  industrial: "ts",
  arp: "ts"
} as const satisfies Partial<Record<TableName, string>>;
type WindowTable = keyof typeof leavesBy;
const names = Object.keys(leavesBy) as WindowTable[];
const noRows = () => Object.fromEntries(names.map((name) => [name, 0])) as Record<WindowTable, number>;

/** States in which TCP has closed a connection, though its row may wait for stragglers. */
const closedStates = ["SF", "REJ", "RSTO", "RSTR", "RSTOS0", "RSTRH"].map(literal).join(", ");

/** True where a rule can be asked about a window: it looks at nothing beyond flows and records of one capture. */
export function isForWindows({tables}: Rule): boolean {
  return tables.every((name) => names.some((own) => own === name));
}

/** The last minutes of a live capture in memory: flows that ended, and those under way as they were last told. */
export class LiveWindow {
  /** Rows that left because there were too many. */
  crowdedOut = 0;
  /** The last moment of which rows left because there were too many, µs since 1970. */
  #crowdedUs = 0;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #engine: QueryEngine;
  readonly #rows = noRows();
  /** Rows taken out since the table was made: their memory is still held. */
  readonly #gone = noRows();

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
    this.#engine = connectionEngine(connection);
  }

  static async open(): Promise<LiveWindow> {
    const instance = await openEngine("512MB", "", false);
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    for (const name of names) {
      const columns = table(name)
        .columns.map((column) => `${quoted(column.name)} ${column.type}`)
        .join(", ");
      for (const made of [name, `new_${name}`]) await connection.run(`CREATE TABLE ${made} (${columns})`);
    }
    return new LiveWindow(instance, connection);
  }

  /** Rows of flows that it holds. */
  get flows(): number {
    return this.#rows.flows;
  }

  /** The first moment of which it holds everything it was given, at that time of packets, µs since 1970. */
  fromUs(untilUs: number): number {
    return Math.max(untilUs - windowLimits.seconds * 1e6, this.#crowdedUs + 1);
  }

  /** Takes rows in, newer ones of a flow in place of older ones; `untilUs` is now in packet time, µs since 1970. */
  async add(batches: readonly RowBatch[], untilUs: number): Promise<void> {
    for (const name of names) {
      const own = batches.filter((batch) => batch.table === name && batch.rows > 0);
      if (own.length > 0) await this.#insert(name, own);
      await this.#limit(name, untilUs);
    }
  }

  /** Asks rules about what the window holds of these captures. */
  async judge(
    rules: readonly Rule[],
    captures: readonly string[],
    surroundings: Surroundings,
    untilUs: number
  ): Promise<Finding[]> {
    const settled = `make_timestamp(${Math.round(untilUs - settledAfterUs)})`;
    return evaluate(this.#engine, rules.filter(isForWindows), captures, surroundings, ({judgesOpen}, name) =>
      name !== "flows"
        ? null
        : judgesOpen
          ? `(end_reason <> 'open' OR ts_start <= ${settled})`
          : `(end_reason <> 'open' OR (proto = 6 AND conn_state IN (${closedStates})))`
    );
  }

  /** Ids of the flows that belong to these incidents, as text. */
  async flowsOf(incidents: readonly Incident[]): Promise<ReadonlySet<string>> {
    if (incidents.length === 0) return new Set();
    const {flowId} = await incidentFlows(this.#engine, incidents, null);
    return new Set(Array.from(flowId, String));
  }

  async close(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  async #insert(name: WindowTable, batches: readonly RowBatch[]): Promise<void> {
    const appender = await this.#connection.createAppender(`new_${name}`);
    for (const batch of batches) for (const chunk of batchChunks(table(name), batch)) appender.appendDataChunk(chunk);
    appender.closeSync();
    const key = name === "flows" ? "flow_id" : null;
    if (key) await this.#remove(name, `${key} IN (SELECT ${key} FROM new_${name})`);
    await this.#connection.run(`INSERT INTO ${name} SELECT * FROM new_${name}`);
    await this.#connection.run(`TRUNCATE new_${name}`);
    this.#rows[name] += batches.reduce((sum, {rows}) => sum + rows, 0);
  }

  async #limit(name: WindowTable, untilUs: number): Promise<void> {
    const by = leavesBy[name];
    const most = name === "flows" ? windowLimits.flows : windowLimits.records;
    await this.#remove(name, `${by} < make_timestamp(${Math.round(untilUs - windowLimits.seconds * 1e6)})`);
    // A tenth more than needed, so that it is not done for every batch.
    if (this.#rows[name] > most) {
      const {rows} = await this.#engine.query(
        `SELECT epoch_us(${by}) FROM ${name} ORDER BY ${by} DESC LIMIT 1 OFFSET ${Math.floor(most * 0.9)}`
      );
      this.#crowdedUs = Math.max(this.#crowdedUs, Number(rows[0][0]));
      this.crowdedOut += await this.#remove(name, `${by} <= make_timestamp(${rows[0][0]})`);
    }
    if (this.#gone[name] > Math.max(20_000, this.#rows[name])) {
      this.#gone[name] = 0;
      await this.#connection.run(`CREATE OR REPLACE TABLE ${name} AS SELECT * FROM ${name}`);
    }
  }

  async #remove(name: WindowTable, condition: string): Promise<number> {
    const result = await this.#connection.run(`DELETE FROM ${name} WHERE ${condition}`);
    const count = Number((await result.getRows())[0][0]);
    this.#rows[name] -= count;
    this.#gone[name] += count;
    return count;
  }
}
