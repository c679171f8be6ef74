import {writeFileSync} from "node:fs";
import {stixBundle} from "../loaders/export/stix.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import {queryError} from "./query-output.ts";
import {type ExitCode, exit} from "./verb.ts";

/** Writes the indicators of the incidents that a condition selects as a STIX 2.1 bundle, to a file or to standard output (`-`). */
export async function writeStix(lake: string, where: string, file: string): Promise<ExitCode> {
  const engine = await openLake(lake, {maxRows: 1_000_000});
  try {
    const {bundle, indicators, incidents} = await stixBundle(engine, where, Date.now());
    const text = `${JSON.stringify(bundle, null, 1)}\n`;
    if (file === "-") process.stdout.write(text);
    else writeFileSync(file, text, {mode: 0o600});
    const words = `${indicators.toLocaleString("en")} indicators of ${incidents.toLocaleString("en")} incidents`;
    console.error(`flowbook: ${words}${file === "-" ? "" : ` to ${file}`}`);
    return exit.ok;
  } catch (error) {
    throw queryError(error);
  } finally {
    await engine.close();
  }
}
