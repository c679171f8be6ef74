// `npx tsx test/capture/dissect/agreement/measure.ts [TABLE …] [--show COLUMN]`: the share of values, by table and column,
// that records and tshark's fields have in common, over all shared captures.
import {join} from "node:path";
import {sharedCaptures, sharedData} from "../../../shared-data.ts";
import {dissectCapture} from "../metered.ts";
import {type Compared, compared} from "./fields.ts";
import {tsharkFields} from "./tshark-fields.ts";

const args = process.argv.slice(2);
const shown = args.includes("--show") ? args[args.indexOf("--show") + 1] : null;
const tables = args.filter((arg, i) => !arg.startsWith("--") && args[i - 1] !== "--show");
const wanted = compared.filter(({table}) => tables.length === 0 || tables.includes(table));

interface Share {
  theirs: number;
  ours: number;
  equal: number;
  readonly differing: string[];
}

const shares = new Map<string, Share>();

for (const {file} of sharedCaptures("pcap")) {
  const {records} = await dissectCapture(file);
  for (const one of wanted)
    compare(file, one, records as Readonly<Record<string, Readonly<Record<string, unknown>>[]>>);
}

for (const [name, {theirs, ours, equal}] of shares) {
  const most = Math.max(theirs, ours);
  console.log(
    `${name.padEnd(28)} tshark ${theirs}, ours ${ours}, equal ${equal}: ${most === 0 ? "-" : `${((100 * equal) / most).toFixed(2)} %`}`
  );
}
if (shown) for (const line of shares.get(shown)?.differing ?? []) console.log(line);

function compare(
  file: string,
  one: Compared,
  records: Readonly<Record<string, Readonly<Record<string, unknown>>[]>>
): void {
  const packets = tsharkFields(join(sharedData, file), one.filter, one.fields, one.options);
  const rows = (records[one.table] ?? []).filter((row) => one.rows?.(row as never) ?? true);
  for (const [column, read] of Object.entries(one.columns)) {
    const name = `${one.table}.${column}`;
    const share = shares.get(name) ?? {theirs: 0, ours: 0, equal: 0, differing: []};
    shares.set(name, share);
    const theirs = packets.flatMap(read).filter((value) => value !== "");
    const ours = rows
      .map((row) => row[column])
      .filter((value) => value !== null && value !== "")
      .map(String);
    const left = new Map<string, number>();
    for (const value of theirs) left.set(value, (left.get(value) ?? 0) + 1);
    for (const value of ours) left.set(value, (left.get(value) ?? 0) - 1);
    const [missing, more] = [1, -1].map((sign) => [...left].filter(([, count]) => count * sign > 0));
    const missed = missing.reduce((sum, [, count]) => sum + count, 0);
    share.theirs += theirs.length;
    share.ours += ours.length;
    share.equal += theirs.length - missed;
    if (missed > 0 || more.length > 0)
      share.differing.push(
        `${file}\n  tshark's: ${JSON.stringify(missing.slice(0, 6))}\n  ours: ${JSON.stringify(more.slice(0, 6))}`
      );
  }
}
