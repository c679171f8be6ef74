// Renews loaders/lake/vendors/mac-vendors.parquet from the IEEE's lists as the npm package oui-data has them
// (docs/decisions/mac-vendors.md): node scripts/write-mac-vendors.js [VERSION]
import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {DuckDBInstance} from "@duckdb/node-api";

const version = process.argv[2] ?? "2.1.9";
const target = resolve(import.meta.dirname, "../loaders/lake/vendors/mac-vendors.parquet");
const folder = mkdtempSync(join(tmpdir(), "flowbook-vendors-"));
try {
  const [{filename}] = JSON.parse(
    execFileSync("npm", ["pack", `oui-data@${version}`, "--json", "--ignore-scripts"], {cwd: folder, encoding: "utf8"})
  );
  execFileSync("tar", ["xzf", filename], {cwd: folder});
  const list = JSON.parse(readFileSync(join(folder, "package/index.json"), "utf8"));
  const rows = Object.entries(list)
    // The name is the first line; an address of its office follows. Whoever keeps it private has no name.
    .map(([prefix, entry]) => ({prefix: prefix.toLowerCase(), vendor: entry.split("\n")[0].trim()}))
    .filter(({vendor}) => vendor !== "" && vendor !== "Private");
  writeFileSync(join(folder, "vendors.json"), JSON.stringify(rows));
  const instance = await DuckDBInstance.create(":memory:", {threads: "1"});
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT prefix, vendor FROM read_json('${join(folder, "vendors.json")}', columns = {prefix: 'VARCHAR', vendor: 'VARCHAR'}) ORDER BY prefix)
     TO '${target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, PARQUET_VERSION v2)`
  );
  connection.closeSync();
  instance.closeSync();
  console.log(`${target}: ${rows.length} prefixes`);
} finally {
  rmSync(folder, {recursive: true, force: true});
}
