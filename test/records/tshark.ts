import {spawnSync} from "node:child_process";
import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from "node:fs";
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
export function tsharkFields(
  file: string,
  filter: string,
  fields: readonly string[],
  options: readonly string[] = []
): string[][][] {
  return asked(file, filter, fields, options)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t").map((values) => (values === "" ? [] : values.split(between))));
}

function asked(file: string, filter: string, fields: readonly string[], options: readonly string[]): string {
  const {size, mtimeMs} = statSync(file);
  const question = JSON.stringify([file, size, mtimeMs, filter, fields, options]);
  const kept = join(cache, `${createHash("sha256").update(question).digest("hex")}.txt`);
  if (existsSync(kept)) return readFileSync(kept, "utf8");
  const format = ["-T", "fields", "-E", "occurrence=a", "-E", `aggregator=${between}`];
  const names = fields.flatMap((field) => ["-e", field]);
  // It ends with an error after a capture that was cut short, having told all it read.
  const {stdout, error} = spawnSync("tshark", ["-n", "-r", file, ...options, "-Y", filter, ...format, ...names], {
    encoding: "utf8",
    maxBuffer: 1 << 28
  });
  if (error) throw error;
  mkdirSync(cache, {recursive: true});
  writeFileSync(kept, stdout);
  return stdout;
}

/** A body in several segments is not waited for: its head counts where it stands, also before a hole. */
const preferences = ["-o", "http.desegment_body:FALSE"];

/**
 * What tshark has of a capture for comparisons, by comparison. All are asked at once, for starting tshark takes longer than
 * reading most captures.
 */
export function tsharkValues(
  file: string,
  comparisons: readonly Comparison[],
  options: readonly string[] = []
): Map<Comparison, string[]> {
  const filters = comparisons.map(({filter}) => displayFilter(filter));
  const fields = [
    ...new Set([
      "frame.protocols",
      ...filters.flatMap(({fields}) => fields),
      ...comparisons.flatMap((one) => one.fields)
    ])
  ];
  const filter = [...new Set(comparisons.map(({filter}) => `(${filter})`))].join(" || ");
  const packets = tsharkFields(file, filter, fields, [...preferences, ...options]).map((values) => {
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
