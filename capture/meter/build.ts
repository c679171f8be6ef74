import {join} from "node:path";
import {buildWasm} from "../wasm.ts";

/** Path of the core that meters and reads payloads as wasm, compiled where that has not been done for its sources. */
export function buildMeter(directory?: string): Promise<string> {
  return buildWasm(join(import.meta.dirname, "../core"), "meter", directory);
}
