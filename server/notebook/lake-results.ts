import {existsSync} from "node:fs";
import {extname, join, relative} from "node:path";
import {type Loader, LoaderResolver} from "@observablehq/framework/dist/loader.js";
import {readLedger, resultPath} from "../../loaders/results/freshness-ledger.ts";
import {interpreters} from "../../loaders/results/freshness-run.ts";
import {carriedResults} from "../../loaders/results/page-data.ts";

/**
 * Framework's finder of data, with the results below `data/` taken from the lake instead of its own cache, which knows
 * only file times. A result's file changes when its content does, so a page that is open hears of new data and of
 * nothing else, and two lakes can be served from one checkout.
 */
export class LakeResults extends LoaderResolver {
  readonly lake: string;
  /** Pages ask a server: what only a static site carries is not there. */
  readonly isServed: boolean;

  constructor(lake: string, plain: LoaderResolver, isServed: boolean) {
    super({root: plain.root, interpreters: Object.fromEntries(plain.interpreters)});
    this.lake = lake;
    this.isServed = isServed;
  }

  /** Absolute path of the result that `/data/x.parquet` names; null where no loader of the notebook makes it. */
  resultOf(path: string): string | null {
    const name = path.replace(/^\//, "");
    return this.loaderFile(name) === null ? null : resultPath(this.lake, name);
  }

  override find(path: string): Loader | undefined {
    const name = path.replace(/^\//, "");
    if (this.isAbsent(name)) return undefined;
    const source = this.loaderFile(name);
    if (source === null) return super.find(path);
    return {
      path: source,
      load: async () => {
        const result = resultPath(this.lake, name);
        if (existsSync(result)) return relative(this.root, result);
        throw new Error(readLedger(this.lake).results[name]?.error?.message ?? `${name} was never made: flowbook run`);
      }
    };
  }

  override getSourceFilePath(path: string): string {
    return this.fromRoot(path) ?? super.getSourceFilePath(path);
  }

  override getOutputFilePath(path: string): string {
    return this.fromRoot(path) ?? super.getOutputFilePath(path);
  }

  override getWatchPath(path: string): string | undefined {
    return this.resultOf(path) ?? super.getWatchPath(path);
  }

  private isAbsent(name: string): boolean {
    return this.isServed && carriedResults.includes(name);
  }

  private fromRoot(path: string): string | null {
    const result = this.resultOf(path);
    return result === null ? null : relative(this.root, result);
  }

  /** The loader of a result, from the root; null where there is none, or where the data lie there as a file. */
  private loaderFile(name: string): string | null {
    if (!name.startsWith("data/") || extname(name) === "" || name.split("/").includes("..")) return null;
    if (existsSync(join(this.root, name)) || this.isAbsent(name)) return null;
    const ending = Object.keys(interpreters).find((ending) => existsSync(join(this.root, name + ending)));
    return ending === undefined ? null : name + ending;
  }
}
