import {join} from "node:path";
import {buildWasm} from "../wasm.ts";

/** Folders of which the core takes its sources, beside its own. */
const parts = ["meter/core", "dissect/core", "partitions/encoder/core"];

/** Path of the core that meters and reads payloads as wasm, compiled where that has not been done for its sources. */
export function buildMeter(directory?: string): Promise<string> {
  const capture = join(import.meta.dirname, "..");
  const folders = parts.map((part) => join(capture, part));
  return buildWasm(join(capture, "core"), "meter", directory, folders);
}
