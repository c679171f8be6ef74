import {partFiles} from "../../capture/partitions/layout.ts";
import {literal} from "../../schema/ddl.ts";
import {openLake} from "../lake/duckdb.ts";
import {Delays} from "./delays.ts";

/** How long a flow waits for its verdict, in ms. */
export interface VerdictDelay {
  readonly flows: number;
  /** Median and 95th percentile from a flow's end to its verdict. */
  readonly endP50Ms: number | null;
  readonly endP95Ms: number | null;
  /** The same from its last packet: closed TCP flows wait for stragglers first, others for their idle timeout. */
  readonly packetP50Ms: number | null;
  readonly packetP95Ms: number | null;
}

/** Collects delays of flows in a table of fixed size. */
export class VerdictDelays {
  readonly #end = new Delays();
  readonly #packet = new Delays();
  readonly #graceMs: number;
  readonly #idleMs: number;

  /** How long after its last packet the meter takes a flow for ended: closed by TCP, and idle. */
  constructor(graceMs: number, idleMs: number) {
    this.#graceMs = graceMs;
    this.#idleMs = idleMs;
  }

  /** Adds the flows of parts that got their verdicts at `scoredMs` (wall clock). */
  async add(lake: string, parts: readonly string[], scoredMs: number): Promise<void> {
    const files = partFiles(lake, "flows", parts);
    if (files.length === 0) return;
    const engine = await openLake(lake, {threads: 1, memoryMb: 256, hasRollups: false});
    try {
      const {rows} = await engine.query(
        `SELECT round(greatest(1, ${scoredMs} - epoch_ms(ts_end))) AS ms, CASE WHEN end_reason IN ('fin', 'rst') THEN ${this.#graceMs}
           WHEN end_reason = 'idle' THEN ${this.#idleMs} ELSE 0 END AS due, count(*)
         FROM read_parquet([${files.map(({path}) => literal(path)).join(", ")}], hive_partitioning = false) GROUP BY ALL`
      );
      for (const [ms, due, count] of rows) {
        this.#packet.add(Number(ms), Number(count));
        this.#end.add(Number(ms) - Number(due), Number(count));
      }
    } finally {
      await engine.close();
    }
  }

  get delay(): VerdictDelay {
    return {
      flows: this.#packet.count,
      endP50Ms: this.#end.percentile(0.5),
      endP95Ms: this.#end.percentile(0.95),
      packetP50Ms: this.#packet.percentile(0.5),
      packetP95Ms: this.#packet.percentile(0.95)
    };
  }
}
