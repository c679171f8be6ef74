import type {Truth} from "../../lab/truth.ts";
import {exit, UserError} from "../verb.ts";
import type {Role} from "./training-flows.ts";

/** What tells whether two captures are of the same packets. */
export interface Lineage {
  /** As an error names it. */
  readonly path: string;
  readonly role: Role;
  /** Its own hash, and those of the captures that `vary` made it of. */
  readonly hashes: readonly string[];
}

/** The hashes of a capture and of those that it was made of. */
export function hashesOf({capture_sha256, varied}: Pick<Truth, "capture_sha256" | "varied">): string[] {
  return [capture_sha256, ...(varied ? [varied.capture_sha256, ...(varied.made_of ?? [])] : [])];
}

/**
 * Throws where a test capture was trained on: the same content, one made of the other by `vary`, or both made of a third.
 * Figures of such a capture are of what the model has seen.
 */
export function refuseTrainedTests(captures: readonly Lineage[], verb = "train"): void {
  const learnt = new Map<string, Lineage>();
  for (const capture of captures)
    if (capture.role !== "test") for (const hash of capture.hashes) learnt.set(hash, capture);
  for (const test of captures) {
    if (test.role !== "test") continue;
    const shared = test.hashes.find((hash) => learnt.has(hash));
    if (shared === undefined) continue;
    const trained = learnt.get(shared)!;
    const how =
      test.hashes[0] === trained.hashes[0]
        ? `has the same content as ${trained.path}`
        : test.hashes[0] === shared
          ? `was varied to make ${trained.path}`
          : trained.hashes[0] === shared
            ? `was made by vary of ${trained.path}`
            : `was made by vary of the same capture as ${trained.path}`;
    throw new UserError(exit.usage, `${verb}: ${test.path}: ${how}, which is trained on (${shared.slice(0, 16)})`, {
      hint: "Figures of what was trained on say nothing. Test with captures of another run, best of another network."
    });
  }
}
