import {relative} from "node:path";
import {type DissectedRow, dissectFiles} from "../capture/dissect/metered.ts";
import {capturesOf} from "../health/captures.ts";
import {hasSharedData, sharedData} from "../shared-data.ts";
import {sideBySide} from "../side-by-side.ts";
import {agreement, better, type Comparison, shareEqual} from "./agreement.ts";
import {comparisons} from "./comparisons.ts";
import {explained} from "./explained.ts";
import {asItComes, tsharkValues} from "./tshark.ts";

/**
 * `npm run records [-- TABLE] [--differences] [--in=TEXT,TEXT] [--at-once=N]`: values of records beside tshark's, over all shared captures
 * (or those whose path has one of the texts): how many of each field are equal, of those that either has, and how many differ for a
 * reason that `explained.ts` gives. tshark is asked with disorder put right, and where a capture then differs also without: what
 * it passes over behind a lost segment it has there. The reading that agrees better with the capture's records counts.
 */
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const showsDifferences = process.argv.includes("--differences");
const within = process.argv
  .find((word) => word.startsWith("--in="))
  ?.slice(5)
  .split(",");
const wanted = comparisons.filter(({table}) => asked.length === 0 || asked.includes(table));

const files = hasSharedData
  ? capturesOf("pcap", "incidents").filter((file) => within?.some((text) => file.includes(text)) ?? true)
  : [];

/** tshark's dissector of a service, and the ports where it looks for it. */
const dissectors: Readonly<Record<string, {name: string; ports: readonly number[]}>> = {
  ftp: {name: "ftp", ports: [21]},
  http: {name: "http", ports: [80, 3128, 3132, 5985, 8080, 8088, 11371, 1900, 2869, 2710]},
  imap: {name: "imap", ports: [143]},
  mongodb: {name: "mongo", ports: []},
  mqtt: {name: "mqtt", ports: [1883]},
  mysql: {name: "mysql", ports: [3306]},
  pop3: {name: "pop", ports: [110]},
  postgresql: {name: "pgsql", ports: [5432]},
  redis: {name: "resp", ports: [6379]},
  smtp: {name: "smtp", ports: [25, 587]},
  ssh: {name: "ssh", ports: [22]},
  tls: {name: "tls", ports: [443, 636, 993, 995, 990, 5061, 465, 853, 989, 563, 8883, 4843, 6514, 10161, 2252, 8443]}
};

const sums = new Map(wanted.map((comparison) => [comparison, {equal: 0, all: 0, explained: 0, captures: 0}]));
for await (const {file, agreements} of sideBySide(files, agreementsOf)) {
  for (const comparison of wanted) {
    const {table, field} = comparison;
    const {equal, all, onlyOurs, onlyTheirs} = agreements.get(comparison)!;
    if (all === 0) continue;
    const sum = sums.get(comparison)!;
    sum.equal += equal;
    sum.all += all;
    sum.captures++;
    if (equal === all) continue;
    const why = explained.find(({captures, fields}) => captures.test(file) && fields.test(`${table}.${field}`))?.why;
    if (why) sum.explained += all - equal;
    if (showsDifferences)
      console.log(
        `${relative(sharedData, file)} ${table}.${field}: ${equal} of ${all}; ours alone ${brief(onlyOurs)}; tshark's alone ${brief(onlyTheirs)}${why ? `; ${why}` : ""}`
      );
  }
}
for (const [{table, field}, {equal, all, explained, captures}] of sums)
  console.log(
    `${table}.${field}: ${equal} of ${all} equal (${((100 * equal) / Math.max(all, 1)).toFixed(2)} %), ${explained} explained, ${captures} captures`
  );

/** How far both programs agree on a capture, by comparison. */
async function agreementsOf(file: string) {
  const {flows, records} = await dissectFiles([file]);
  const compare = (found: Map<Comparison, string[]>) =>
    new Map(
      wanted.map((comparison) => {
        const ours = (records[comparison.table] ?? []).flatMap((row) => comparison.ours(row));
        return [comparison, agreement(ours, found.get(comparison)!)];
      })
    );
  const ports = portsOf(flows);
  const agreements = compare(await tsharkValues(file, comparisons, ports));
  if (shareEqual(agreements) === 1) return {file, agreements};
  return {
    file,
    agreements: better(agreements, compare(await tsharkValues(file, comparisons, [...ports, ...asItComes])))
  };
}

/** What tshark is told of servers at ports that it does not know by default (`-d`): their service is content's to say. */
function portsOf(flows: readonly DissectedRow[]): string[] {
  const told = flows.flatMap(({proto, dstPort, service}) => {
    const known = dissectors[service ?? ""];
    if (!known || known.ports.includes(dstPort)) return [];
    return `${proto === 6 ? "tcp" : "udp"}.port==${dstPort},${known.name}`;
  });
  return [...new Set(told)].sort().flatMap((port) => ["-d", port]);
}

function brief(values: readonly string[]): string {
  return values.length === 0 ? "none" : `${values.length}: ${[...new Set(values)].slice(0, 6).join(" | ")}`;
}
