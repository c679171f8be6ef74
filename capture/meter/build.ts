import {join} from "node:path";
import {buildWasm} from "../wasm.ts";

/** Path of the meter's core as wasm, compiled where that has not been done for its sources (`buildWasm`). */
export function buildMeter(directory?: string): Promise<string> {
  return buildWasm(join(import.meta.dirname, "core"), "meter", directory);
}
