import {basename, join} from "node:path";
import {partFiles} from "../../capture/partitions/layout.ts";
import {metadataValue} from "../../capture/partitions/parquet-metadata.ts";
import {modelHash} from "../../models/model.ts";
import {grouped} from "../../models/rules/merge.ts";
import type {QueryEngine} from "../../schema/engine.ts";
import {fewOf} from "../../src/lib/few-of.ts";
import type {Check} from "../../src/lib/health.js";
import {capturesOf} from "../judge/notices.ts";
import {isCurrentScore} from "../lake/scored-files.ts";

/** Captures that a model scored by an earlier generation of scoring: its numbers may be wrong. */
export interface OlderScores {
  /** Hash of the model; null where its files do not say. */
  readonly model: string | null;
  /** Their files' names, sorted. */
  readonly captures: readonly string[];
}

/** Models with verdicts that would come out otherwise today, and whose they are. */
export async function olderScores(engine: QueryEngine, lake: string): Promise<OlderScores[]> {
  const old = partFiles(lake, "verdicts").filter(({path}) => !isCurrentScore(path));
  if (old.length === 0) return [];
  const captures = await capturesOf(engine, lake);
  const {rows} = await engine.query("SELECT capture_sha256, min(path) FROM captures GROUP BY capture_sha256");
  const names = new Map(rows.map(([hash, path]) => [String(hash), basename(String(path))]));
  const byModel = grouped(old, ({path}) => metadataValue(path, "flowbook.model"));
  return [...byModel].map(([model, files]) => {
    const parts = new Set(files.map(({part}) => part));
    const own = captures.filter((capture) => capture.parts.some((part) => parts.has(part)));
    return {model, captures: own.map(({capture}) => names.get(capture) ?? capture).sort()};
  });
}

/** The line of `flowbook doctor` about them: `flowbook score` makes those of the project's model anew. */
export async function scoresCheck(engine: QueryEngine, lake: string, project: string): Promise<Check> {
  const current = modelHash(join(project, "models"));
  const older = await olderScores(engine, lake);
  if (older.length === 0)
    return {name: "verdicts", state: "ok", found: "none of an earlier way of scoring", remedy: null};
  const own = older.find(({model}) => model === current);
  const others = older.filter((one) => one !== own);
  const words = ({captures}: OlderScores, of: string) =>
    `${captures.length} ${captures.length === 1 ? "capture was" : "captures were"} scored by an earlier version${of}, whose numbers may be wrong: ${fewOf(captures, ", ")}`;
  const named = others.map((one) => words(one, ` with the model ${one.model?.slice(0, 16) ?? "of an unknown hash"}`));
  return {
    name: "verdicts",
    state: "warn",
    found: [...(own ? [words(own, "")] : []), ...named].join("; "),
    remedy: [
      ...(own ? ["flowbook score scores them again"] : []),
      ...(others.length > 0 ? ["flowbook score --models DIR does so with another model; pages show the project's"] : [])
    ].join("; ")
  };
}
