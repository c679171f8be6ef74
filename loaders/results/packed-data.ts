import {createHash} from "node:crypto";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {Writable} from "node:stream";
import {pipeline} from "node:stream/promises";
import {createGzip} from "node:zlib";
import {openEngine} from "../../capture/partitions/engine.ts";
import {literal, quoted} from "../../schema/ddl.ts";
import type {Value} from "../../schema/engine.ts";
import {communityId} from "../../src/lib/community-id.js";
import {numberColumns as numbersOfFlows, textColumns} from "../../src/lib/flow-table.js";
import {listOf, ofFlow, packedDetailNumbers, packedDetailTexts} from "../../src/lib/packed-flows.js";
import {currentModel} from "../judge/current-model.ts";
import {type LakeEngine, openLake} from "../lake/duckdb.ts";
import {numberColumns} from "../lake/number-columns.ts";
import {ColumnPacker} from "./pack-columns.ts";
import {flowDetailsData, flowsData, incidentFlowsData, type PageData} from "./page-data.ts";

/** A table that a static site carries, by columns. */
export interface PackedData extends PageData {
  /** Columns of texts, and the list that each has its texts in. */
  readonly texts: readonly (readonly [name: string, list: string])[];
  readonly numbers: readonly string[];
  readonly ids: readonly string[];
  readonly shortened?: Readonly<Record<string, Shortened>>;
}

/** What stands in the place of a column's texts. */
interface Shortened {
  /** Further columns of the table, from which the text may follow. */
  readonly from: readonly string[];
  /** The text as it is packed, given the cells of `from` in its row. */
  text(text: string, cells: readonly Value[]): string;
}

const own = (names: readonly string[]) => names.map((name) => [name, listOf(name)] as const);

export const packedFlows: PackedData = {
  ...flowsData,
  texts: own(textColumns),
  numbers: numbersOfFlows,
  ids: ["flow_id"],
  // Charts ask for the bytes in each bin alone.
  shortened: {activity: {from: [], text: (text) => text.split(";", 3).join(";")}}
};

/** The rows are those of {@link packedFlows}. */
export const packedFlowDetails: PackedData = {
  ...flowDetailsData,
  texts: own(packedDetailTexts),
  numbers: packedDetailNumbers,
  ids: [],
  shortened: {
    outer_src_ip: {from: ["src_ip"], text: (text, [src]) => (text === src ? ofFlow.same : text)},
    outer_dst_ip: {from: ["dst_ip"], text: (text, [dst]) => (text === dst ? ofFlow.same : text)},
    community_id: {
      from: ["src_ip", "dst_ip", "src_port", "dst_port", "proto"],
      text(text, [src, dst, srcPort, dstPort, proto]) {
        if (src === null || dst === null) return text;
        const hosts = {src: String(src), dst: String(dst)};
        const ends = {...hosts, srcPort: Number(srcPort), dstPort: Number(dstPort), proto: Number(proto)};
        if (communityId(ends, false, sha1) === text) return ofFlow.ordered;
        return isIcmp(ends.proto) && communityId(ends, true, sha1) === text ? ofFlow.oneWay : text;
      }
    }
  }
};

/** A flow is its row among {@link packedFlows}. */
export const packedIncidentFlows: PackedData = {
  ...incidentFlowsData,
  texts: own(["incident_id"]),
  numbers: ["row", "contribution"],
  ids: []
};

/** Only its messages may be of one way. */
const isIcmp = (proto: number) => proto === 1 || proto === 58;

/** Texts of a column of which none became shorter, after which the others are taken as they are: to compare costs more than it may save. */
const mostTries = 5000;

const sha1 = (message: readonly number[]) =>
  createHash("sha1")
    .update(Buffer.from(message as number[]))
    .digest("base64");

/** The table as `PackedColumns` reads it, a column at a time from a file in `folder`, where the engine may write. */
export async function packed(
  engine: LakeEngine,
  data: PackedData,
  model: string | null,
  folder: string
): Promise<Buffer> {
  const file = join(folder, "data.parquet");
  const rows = await engine.copyToParquet(data.sql(model), file);
  const from = `FROM read_parquet(${literal(file)})`;
  const packer = new ColumnPacker(rows);
  const instance = await openEngine("1GB");
  const connection = await instance.connect();
  try {
    for (const name of data.ids) {
      const {ids} = await numberColumns(connection, `SELECT ${quoted(name)} AS ids ${from}`, {ids: "BIGINT"});
      packer.ids(name, ids);
    }
    for (const name of data.numbers) {
      const sql = `SELECT CAST(${quoted(name)} AS DOUBLE) AS numbers ${from}`;
      packer.numbers(name, (await numberColumns(connection, sql, {numbers: "DOUBLE"})).numbers);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  for (const [name, list] of data.texts) {
    const values: (string | null)[] = new Array(rows);
    const short = data.shortened?.[name];
    const {batches} = await engine.stream(`SELECT ${[name, ...(short?.from ?? [])].map(quoted).join(", ")} ${from}`);
    let [row, tried, hits] = [0, 0, 0];
    for await (const batch of batches)
      for (const [cell, ...cells] of batch) {
        let text = cell === null ? null : String(cell);
        if (text !== null && short && (hits > 0 || tried < mostTries)) {
          const shorter = short.text(text, cells);
          tried++;
          if (shorter !== text) hits++;
          text = shorter;
        }
        values[row++] = text;
      }
    packer.texts(name, values, list);
  }
  rmSync(file);
  return packer.bytes();
}

/**
 * Writes a table gzipped to a stream, from the lake that `FLOWBOOK_LAKE` names (`data/lake` without it), and the tables it
 * read to the file that `FLOWBOOK_READS` names.
 */
export async function writePackedData(data: PackedData, output: Writable = process.stdout): Promise<void> {
  const {FLOWBOOK_LAKE: lake = "data/lake", FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, JSON.stringify(data.reads));
  const folder = mkdtempSync(join(tmpdir(), "flowbook-page-data-"));
  try {
    const engine = await openLake(lake, {exportFolder: folder, timeoutMs: 240_000, hasRollups: false});
    try {
      const bytes = await packed(engine, data, await currentModel(engine), folder);
      await pipeline([bytes], createGzip({memLevel: 9}), output, {end: false});
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
