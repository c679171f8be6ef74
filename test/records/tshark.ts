import {execFile} from "node:child_process";
import {createHash} from "node:crypto";
import {mkdir, readFile, stat, writeFile} from "node:fs/promises";
import {join} from "node:path";
import type {Comparison} from "./agreement.ts";
import {displayFilter, type FilteredPacket} from "./display-filter.ts";

/** Between several values of a field in one packet. */
const between = "\u0001";
const cache = join(import.meta.dirname, "../../build/tshark-fields");

/**
 * What tshark finds in packets that pass a filter: a row a packet, a list of values a field; none where it cannot read the
 * file. It is asked once: the answer is kept in `build/` by capture, filter, fields and options.
 */
export async function tsharkFields(
  file: string,
  filter: string,
  fields: readonly string[],
  options: readonly string[] = []
): Promise<string[][][]> {
  return (await asked(file, filter, fields, options))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t").map((values) => (values === "" ? [] : values.split(between))));
}

async function asked(
  file: string,
  filter: string,
  fields: readonly string[],
  options: readonly string[]
): Promise<string> {
  const {size, mtimeMs} = await stat(file);
  const question = JSON.stringify([file, size, mtimeMs, filter, fields, options]);
  const kept = join(cache, `${createHash("sha256").update(question).digest("hex")}.txt`);
  const known = await readFile(kept, "utf8").catch(() => null);
  if (known !== null) return known;
  const format = ["-T", "fields", "-E", "occurrence=a", "-E", `aggregator=${between}`];
  const names = fields.flatMap((field) => ["-e", field]);
  const told = await output(["-n", "-r", file, ...options, "-Y", filter, ...format, ...names]);
  await mkdir(cache, {recursive: true});
  await writeFile(kept, told);
  return told;
}

/** What tshark prints. It ends with an error after a capture that was cut short, having told all it read. */
function output(words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile("tshark", words, {encoding: "utf8", maxBuffer: 1 << 28}, (error, printed) =>
      error && typeof error.code !== "number" ? reject(error) : resolve(printed)
    )
  );
}

/** A body in several segments is not waited for: its head counts where it stands, also before a hole; disorder is put right. */
const preferences = ["-o", "http.desegment_body:FALSE", "-o", "tcp.reassemble_out_of_order:TRUE"];

/** The option that leaves disorder as it comes, behind the others. */
export const asItComes = ["-o", "tcp.reassemble_out_of_order:FALSE"];

/**
 * What tshark has of a capture for comparisons, by comparison. All are asked at once, for starting tshark takes longer than
 * reading most captures.
 */
export async function tsharkValues(
  file: string,
  comparisons: readonly Comparison[],
  options: readonly string[] = []
): Promise<Map<Comparison, string[]>> {
  const filters = comparisons.map(({filter}) => displayFilter(filter));
  const fields = [
    ...new Set([
      "frame.protocols",
      ...filters.flatMap(({fields}) => fields),
      ...comparisons.flatMap((one) => one.fields)
    ])
  ];
  const filter = [...new Set(comparisons.map(({filter}) => `(${filter})`))].join(" || ");
  const found = await tsharkFields(file, filter, fields, [...preferences, ...options]);
  const packets = found.map((values) => {
    const byField = new Map(fields.map((field, i) => [field, values[i] ?? []]));
    const protocols = new Set(byField.get("frame.protocols")!.flatMap((names) => names.split(":")));
    return {values: (field) => byField.get(field)!, has: (name) => protocols.has(name)} satisfies FilteredPacket;
  });
  return new Map(
    comparisons.map((comparison, i) => [
      comparison,
      packets
        .filter(filters[i].passes)
        .flatMap((packet) => comparison.theirs(comparison.fields.map((field) => [...packet.values(field)])))
    ])
  );
}
