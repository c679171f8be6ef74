import {readdirSync} from "node:fs";
import {join, relative} from "node:path";
import {dissectFiles} from "../capture/dissect/metered.ts";
import {hasSharedData, sharedData} from "../shared-data.ts";
import {agreement} from "./agreement.ts";
import {comparisons} from "./comparisons.ts";
import {tsharkFields} from "./tshark.ts";

/**
 * `npm run records [-- TABLE] [--differences] [--in=TEXT,TEXT]`: values of records beside tshark's, over all shared captures
 * (or those whose path has one of the texts): how many of each field are equal, of those that either has.
 */
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const showsDifferences = process.argv.includes("--differences");
const within = process.argv
  .find((word) => word.startsWith("--in="))
  ?.slice(5)
  .split(",");
const wanted = comparisons.filter(({table}) => asked.length === 0 || asked.includes(table));

const isCapture = /\.(pcap|pcapng|cap)(\.gz|\.zst)?$/;
const folders = ["pcap", "incidents"].map((name) => join(sharedData, name));
const files = hasSharedData
  ? folders.flatMap((folder) =>
      readdirSync(folder, {recursive: true, encoding: "utf8"})
        .filter((name) => isCapture.test(name) && (within?.some((text) => name.includes(text)) ?? true))
        .map((name) => join(folder, name))
        .sort()
    )
  : [];

/** What tshark calls the protocols of a table, where that is another name. */
const protocols: Readonly<Record<string, readonly string[]>> = {
  industrial: ["modbus", "dnp3", "iec60870_asdu", "s7comm", "bacapp", "enip"],
  databases: ["mysql", "pgsql", "tds"],
  mail: ["imap", "pop"],
  ntlm: ["ntlmssp"],
  smb: ["smb2"],
  http: ["http2"]
};
const protocolsOf = (table: string) => protocols[table] ?? [table];

const sums = new Map(wanted.map((comparison) => [comparison, {equal: 0, all: 0, captures: 0}]));
for (const file of files) {
  const {records} = await dissectFiles([file]);
  const present = protocolsIn(file);
  for (const comparison of wanted) {
    const {table, field, filter, fields, decode} = comparison;
    if (!protocolsOf(table).some((name) => present.has(name)) && !records[table]) continue;
    const ours = (records[table] ?? []).flatMap((row) => comparison.ours(row));
    const theirs = tsharkFields(file, filter, fields, decode).flatMap((packet) => comparison.theirs(packet));
    const {equal, all, onlyOurs, onlyTheirs} = agreement(ours, theirs);
    if (all === 0) continue;
    const sum = sums.get(comparison)!;
    sum.equal += equal;
    sum.all += all;
    sum.captures++;
    if (showsDifferences && equal < all)
      console.log(
        `${relative(sharedData, file)} ${table}.${field}: ${equal} of ${all}; ours alone ${brief(onlyOurs)}; tshark's alone ${brief(onlyTheirs)}`
      );
  }
}
for (const [{table, field}, {equal, all, captures}] of sums)
  console.log(
    `${table}.${field}: ${equal} of ${all} equal (${((100 * equal) / Math.max(all, 1)).toFixed(2)} %), ${captures} captures`
  );

/** Names of the protocols that tshark finds in a capture, of those that are compared: most have none, and are passed over. */
function protocolsIn(file: string): ReadonlySet<string> {
  const filter = [...new Set(wanted.flatMap(({table}) => protocolsOf(table)))].join(" || ");
  return new Set(
    tsharkFields(file, filter, ["frame.protocols"]).flatMap(([names]) => names.flatMap((name) => name.split(":")))
  );
}

function brief(values: readonly string[]): string {
  return values.length === 0 ? "none" : `${values.length}: ${[...new Set(values)].slice(0, 6).join(" | ")}`;
}
