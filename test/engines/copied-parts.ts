import {readdirSync} from "node:fs";
import {join} from "node:path";
import {openEngine} from "../../capture/partitions/engine.ts";
import {sealedParts} from "../../capture/partitions/layout.ts";
import {literal} from "../../schema/ddl.ts";

/**
 * Adds copies of a lake's only part: the same flows with other ids, of another capture, in files of their own. For lakes
 * of many parts without the time that importing them takes. Copies have what scoring reads: captures, flows, features.
 */
export async function copyPart(lake: string, copies: number): Promise<void> {
  const [part, ...others] = sealedParts(lake);
  if (!part || others.length > 0)
    throw new Error(`${lake}: expected one part, found ${others.length + (part ? 1 : 0)}`);
  const instance = await openEngine("1GB");
  const connection = await instance.connect();
  for (let copy = 1; copy <= copies; copy++)
    for (const table of ["features", "flows", "captures"]) {
      const folder = join(lake, table);
      const paths = readdirSync(folder).filter((name) => name.startsWith(`${part}.`) && name.endsWith(".parquet"));
      const columns = [
        `md5(capture_sha256 || '${copy}') || md5('${copy}') AS capture_sha256`,
        ...(table === "captures" ? [] : [`flow_id + ${copy} AS flow_id`])
      ];
      const name = table === "captures" ? `copy${copy}-0.parquet` : `copy${copy}-0.${table}.0.parquet`;
      await connection.run(
        `COPY (SELECT * REPLACE (${columns.join(", ")}) FROM read_parquet([${paths.map((path) => literal(join(folder, path))).join(", ")}]))
         TO ${literal(join(folder, name))} (FORMAT parquet, COMPRESSION zstd)`
      );
    }
  connection.closeSync();
  instance.closeSync();
}
