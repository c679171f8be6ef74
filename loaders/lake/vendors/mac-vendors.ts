import {existsSync} from "node:fs";
import {join, resolve} from "node:path";
import {literal} from "../../../schema/ddl.ts";

const project = resolve(import.meta.dirname, "../../..");

/** Where the IEEE's prefixes lie that ship with the program (scripts/write-mac-vendors.js). */
export const vendorsFolder = join(project, "loaders/lake/vendors");

/** A view over them: prefixes of 6, 7 or 9 digits in lower case, and whom each was assigned to. Empty where the file is missing. */
export function macVendorsView(): {readonly name: string; readonly sql: string} {
  const file = join(vendorsFolder, "mac-vendors.parquet");
  const sql = existsSync(file)
    ? `SELECT prefix, vendor FROM read_parquet(${literal(file)})`
    : "SELECT CAST(NULL AS VARCHAR) AS prefix, CAST(NULL AS VARCHAR) AS vendor WHERE FALSE";
  return {name: "mac_vendors", sql};
}
