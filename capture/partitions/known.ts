import type {DuckDBConnection, DuckDBValue} from "@duckdb/node-api";
import {type CaptureRow, captureColumns} from "../../schema/captures.ts";
import type {Column} from "../../schema/column.ts";
import {columnList, emptyQuery, literal} from "../../schema/ddl.ts";
import {table} from "../../schema/tables.ts";
import {forgottenIn} from "./forgotten.ts";
import {partFiles, partOf} from "./layout.ts";

/** A capture of a lake, and the part that was sealed last with rows of it. */
export interface KnownCapture extends CaptureRow {
  readonly part: string;
}

/**
 * The captures of a lake, one row each: of one imported again, the row that was sealed last. `connect` opens the engine,
 * which an empty lake does not need.
 */
export async function knownCaptures(connect: () => Promise<DuckDBConnection>, lake: string): Promise<KnownCapture[]> {
  const files = partFiles(lake, "captures");
  if (files.length === 0) return [];
  const paths = files.map((file) => literal(file.path)).join(", ");
  const connection = await connect();
  const result = await connection.run(
    `SELECT ${columnList(captureColumns)}, parse_filename(filename) FROM (${emptyQuery(table("captures"))} UNION ALL BY NAME
       SELECT * FROM read_parquet([${paths}], filename = true, hive_partitioning = false, union_by_name = true))
     QUALIFY row_number() OVER (PARTITION BY capture_sha256 ORDER BY filename DESC) = 1`
  );
  const rows = (await result.getRows()).map((row) => ({
    ...(Object.fromEntries(
      captureColumns.map((column, k) => [column.name, plainValue(column, row[k])])
    ) as unknown as CaptureRow),
    part: partOf(String(row[captureColumns.length]))
  }));
  const forgotten = forgottenIn(lake, new Set(rows.map(({capture_sha256}) => capture_sha256)));
  return rows.filter(({capture_sha256, part}) => !forgotten(capture_sha256, part)).map(withContent);
}

/** As `knownCaptures`, with an engine that is loaded and opened only where there are captures. */
export async function capturesOf(lake: string): Promise<KnownCapture[]> {
  const opened: {closeSync(): void}[] = [];
  try {
    return await knownCaptures(async () => {
      const {openEngine} = await import("./engine.ts");
      const engine = await openEngine("384MB", "");
      const connection = await engine.connect();
      opened.push(connection, engine);
      return connection;
    }, lake);
  } finally {
    for (const one of opened) one.closeSync();
  }
}

/** Versions that did not keep the content's hash knew it of files that are not compressed. */
function withContent(row: KnownCapture): KnownCapture {
  return row.content_sha256 === null && /^pcap(?:ng)?$/.test(row.format)
    ? {...row, content_sha256: row.capture_sha256}
    : row;
}

function plainValue(column: Column, value: DuckDBValue): unknown {
  if (value === null) return null;
  return column.type === "TIMESTAMP" ? Number((value as {micros: bigint}).micros) : value;
}
