import {readdirSync, statSync} from "node:fs";
import {basename, join} from "node:path";
import {damageOf} from "../../capture/partitions/damage.ts";
import {type PartFile, partFiles, rollupsFolder, sealedParts} from "../../capture/partitions/layout.ts";
import {grouped} from "../../models/rules/merge.ts";
import {modelMark, type Rollup, rollups} from "../../schema/rollups.ts";
import {seriesFile} from "../../schema/series.ts";
import type {TableName} from "../../schema/tables.ts";
import {correctionKeys, hashOf} from "./corrected-parts.ts";
import {firstFlowsMade} from "./first-flows-sql.ts";
import {rolledFlows, rollupSql, widerRollupSql} from "./rollup-sql.ts";
import {generationOf} from "./scored-files.ts";
import {seriesIncidentsSql, seriesSql, sortedFlowsOf} from "./series-sql.ts";

/**
 * Roll-ups of a part, as `<part>.<model>.<key>[.<key>.corrections]/<rollup>_<seconds>.parquet` in their folder; theirs is there
 * whole or not at all. They are for the verdicts of a model; `corrections` is made anew when its incidents say something else. */
export interface PartRollups {
  readonly part: string;
  /** Folders of what counts now, whether they are there or not. `corrections`: null where no incident names its flows. */
  readonly base: string;
  readonly corrections: string | null;
}

/** The file of a roll-up's width in a part's folder. */
export function rollupFile({name}: Pick<Rollup, "name">, widthUs: number): string {
  return `${name}_${widthUs / 1e6}.parquet`;
}

/** Changes with the roll-ups that there are. */
export function rollupState(lake: string): string {
  return String(statSync(rollupsFolder(lake), {throwIfNoEntry: false, bigint: true})?.mtimeNs ?? 0n);
}

/** Names of the folders that there are, with all their files whole as far as their ends tell. */
export function rollupNames(lake: string): Set<string> {
  const folder = rollupsFolder(lake);
  const isWhole = (name: string) => filesOf(name).every((file) => damageOf(join(folder, name, file)) === null);
  return new Set(allRollupNames(lake).filter(isWhole));
}

/** As {@link rollupNames}, with those of which something is missing. */
export function allRollupNames(lake: string): string[] {
  try {
    return readdirSync(rollupsFolder(lake)).filter((name) => !name.startsWith("."));
  } catch {
    return [];
  }
}

/** The files of a folder. */
export function filesOf(name: string): readonly string[] {
  return name.endsWith(".corrections") ? filesOfAll : [...filesOfAll, sortedFile, firstFile];
}

const filesOfAll = [
  ...rollups.flatMap((rollup) => rollup.widthsUs.map((widthUs) => rollupFile(rollup, widthUs))),
  seriesFile
];

/** The flows of a part in another order ({@link sortedFlows}); what incidents change has none. */
export const sortedFile = "flows.parquet";

/** The flows that come first in each order ({@link firstFlows}). */
export const firstFile = "first.parquet";

/** Flows of smaller parts are asked for themselves: they take less than their sums would. */
export const leastBytes = 256 * 1024;

/** Changes with how roll-ups are made: older files count no more. */
const howMade = hashOf([
  JSON.stringify(rollups),
  ...[false, true].map((ofIncidents) => rolledFlows({flows: "flows", verdicts: "verdicts", model: "''"}, ofIncidents)),
  ...rollups.flatMap((rollup) =>
    rollup.widthsUs.flatMap((widthUs) => [
      rollupSql(rollup, widthUs, "rolled"),
      widerRollupSql(rollup, widthUs, "narrower")
    ])
  ),
  seriesSql("flows"),
  seriesIncidentsSql("flows"),
  sortedFlowsOf("flows"),
  firstFlowsMade.keyed("flows"),
  ...firstFlowsMade.lists,
  firstFlowsMade.shown("flows")
]);

/** The roll-ups of each part that is worth them. A name tells what it was made from: a sealed file never
 * changes, and one of verdicts by a later generation of scoring alone. */
export function partRollups(
  lake: string,
  parts: readonly string[],
  model: string | null,
  least = leastBytes
): PartRollups[] {
  const of = (table: TableName) => grouped(partFiles(lake, table, parts), ({part}) => part);
  const [flows, verdicts] = [of("flows"), of("verdicts")];
  const keyOf = correctionKeys(lake, parts);
  return parts.flatMap((part) => {
    const own = flows.get(part) ?? [];
    if (own.reduce((sum, {path}) => sum + sizeOf(path), 0) < least) return [];
    const key = hashOf([
      howMade,
      ...own.map(({path}) => `${basename(path)} ${sizeOf(path)}`),
      ...(verdicts.get(part) ?? []).map(({path}) => `${basename(path)} ${sizeOf(path)} ${generationOf(path)}`)
    ]);
    const base = `${part}.${modelMark(model)}.${key}`;
    const said = keyOf(part);
    return {part, base, corrections: said === null ? null : `${base}.${said}.corrections`};
  });
}

/** The model whose verdicts a folder's sums have. */
export function modelOf(name: string): string {
  return name.split(".")[1] ?? "";
}

const sizeOf = (path: string) => statSync(path, {throwIfNoEntry: false})?.size ?? 0;

/** The parts that have the roll-ups of a model, and the files of flows that are beside them. `names`: of folders that there are. */
export function rolledParts(
  lake: string,
  parts: readonly string[],
  model: string | null,
  names: ReadonlySet<string>
): {made: readonly PartRollups[]; beside: readonly PartFile[]} {
  const made = partRollups(lake, parts, model, 0).filter(({base}) => names.has(base));
  const covered = new Set(made.map(({part}) => part));
  return {made, beside: partFiles(lake, "flows", parts).filter(({part}) => !covered.has(part))};
}

/** Tells quickly of which models there are roll-ups. */
export class RolledModels {
  readonly #lake: string;
  #state = "";
  #marks: ReadonlySet<string> = new Set();
  #views = "";
  #isWhole = new Map<string | null, boolean>();

  constructor(lake: string) {
    this.#lake = lake;
  }

  has(model: string | null): boolean {
    const state = rollupState(this.#lake);
    if (state !== this.#state) {
      this.#state = state;
      this.#marks = new Set([...rollupNames(this.#lake)].map(modelOf));
    }
    return this.#marks.has(modelMark(model));
  }

  /** Whether no flow is beside the roll-ups of a model, as long as the views of the lake are of this state. */
  isWhole(model: string | null, views: string): boolean {
    if (views !== this.#views) {
      this.#views = views;
      this.#isWhole.clear();
    }
    let isWhole = this.#isWhole.get(model);
    if (isWhole === undefined) {
      isWhole = rolledParts(this.#lake, sealedParts(this.#lake), model, rollupNames(this.#lake)).beside.length === 0;
      this.#isWhole.set(model, isWhole);
    }
    return isWhole;
  }
}
