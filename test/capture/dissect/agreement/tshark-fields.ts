import {spawnSync} from "node:child_process";
import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";

/** A packet's fields as tshark prints them: every occurrence, in order; none where the packet has none. */
export type Fields = Readonly<Record<string, readonly string[]>>;

const separator = "\u0001";
const cache = join(import.meta.dirname, "../../../../build/tshark-fields");

/**
 * The fields of the packets of a capture that a display filter selects. Asked once: the answer is kept in `build/` by the
 * capture, the filter, the fields and the options.
 */
export function tsharkFields(file: string, filter: string, fields: readonly string[], options: readonly string[] = []) {
  const key = createHash("sha256")
    .update(JSON.stringify([file, filter, fields, options]))
    .digest("hex");
  const kept = join(cache, `${key}.txt`);
  if (!existsSync(kept)) {
    const asked = fields.flatMap((field) => ["-e", field]);
    const format = ["-T", "fields", "-E", "occurrence=a", "-E", `aggregator=${separator}`];
    const {stdout, error} = spawnSync("tshark", ["-n", "-r", file, ...options, "-Y", filter, ...format, ...asked], {
      encoding: "utf8",
      maxBuffer: 1 << 28
    });
    if (error) throw error;
    mkdirSync(cache, {recursive: true});
    writeFileSync(kept, stdout);
  }
  return readFileSync(kept, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Fields => {
      const values = line.split("\t");
      return Object.fromEntries(
        fields.map((field, i) => [field, (values[i] ?? "") === "" ? [] : values[i].split(separator)])
      );
    });
}
