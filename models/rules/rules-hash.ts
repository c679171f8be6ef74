import {createHash} from "node:crypto";
import {readdirSync, readFileSync} from "node:fs";
import {join} from "node:path";
import type {Surroundings} from "./rule.ts";

/** SHA-256 in hex over the sources of all rules, with their limits, and what they are told: changes with any answer. */
export function rulesHash(surroundings: Surroundings): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(import.meta.dirname).sort())
    if (name.endsWith(".ts"))
      hash
        .update(name)
        .update("\0")
        .update(readFileSync(join(import.meta.dirname, name)))
        .update("\0");
  return hash.update(JSON.stringify(surroundings)).digest("hex");
}
