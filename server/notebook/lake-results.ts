import {existsSync} from "node:fs";
import {extname, join, relative} from "node:path";
import type {Loader, Page, LoaderResolver as Plain} from "@observablehq/framework/dist/loader.js";
import type {Resolvers} from "@observablehq/framework/dist/resolvers.js";
import type {PageTable} from "../../loaders/lake/page-tables.ts";
import {isResult, readLedger, resultPath} from "../../loaders/results/freshness-ledger.ts";
import {interpreters} from "../../loaders/results/freshness-run.ts";
import {carriedResults} from "../../loaders/results/page-data.ts";
import {findModule, getResolvers, LoaderResolver, resolvePath} from "./framework-modules.ts";
import {pageFileProblem, pageFiles} from "./page-files.ts";
import {problemOf, problemPage} from "./page-problems.ts";
import {pageTables} from "./page-tables.ts";
import {type PageStatement, withLakeSql} from "./sql-cells.ts";

/** A page with what it asks the lake. */
export interface LoadedPage extends Page {
  readonly statements: readonly PageStatement[];
  /** Those that its front matter names. */
  readonly tables: readonly PageTable[];
  /** Why another page stands in its place; null where none does. */
  readonly problem: string | null;
  /** What it loads, which is not known of one in whose place another stands. */
  readonly needs: Resolvers | null;
}

/**
 * Framework's finder of data, with the results below `data/` taken from the lake instead of its own cache, which knows
 * only file times. A result's file changes when its content does, so a page that is open hears of new data and of
 * nothing else, and two lakes can be served from one checkout.
 */
export class LakeResults extends LoaderResolver {
  readonly lake: string;
  /** Pages ask a server: what only a static site carries is not there. */
  readonly isServed: boolean;

  constructor(lake: string, plain: Plain, isServed: boolean) {
    super({root: plain.root, interpreters: Object.fromEntries(plain.interpreters)});
    this.lake = lake;
    this.isServed = isServed;
  }

  /** The page with `sql` over the lake; what is wrong with one that cannot be shown stands in its place. */
  override async loadPage(path: string, options: object): Promise<LoadedPage> {
    // That there is none is no problem of a page's.
    const source = this.findPage(path);
    if (!source) return super.loadPage(path, options) as Promise<LoadedPage>;
    const unreadable = pageFileProblem(join(this.root, source.path));
    if (unreadable !== null) return this.problem(path, `${source.path}: ${unreadable}`, options);
    try {
      const page = withLakeSql(await super.loadPage(path, {...options, path}), path);
      const needs = await getResolvers(page, {...options, path});
      const tables = page.statements.length > 0 ? await pageTables(this, path) : [];
      return {...page, tables, problem: null, needs};
    } catch (error) {
      return this.problem(path, problemOf(error, this), options);
    }
  }

  /**
   * The results that a page loads, itself or by modules that it imports, such as `data/flows.packed`; none of a page that is
   * not there. Null where the page cannot be read: then nobody knows.
   */
  async resultsOf(path: string, options: object): Promise<ReadonlySet<string> | null> {
    const source = this.findPage(path);
    if (!source) return new Set();
    if (pageFileProblem(join(this.root, source.path)) !== null) return null;
    try {
      const plain = await super.loadPage(path, {...options, path});
      const {files, assets} = await getResolvers(withLakeSql(plain, path), {...options, path});
      const tables = Object.values(plain.data.sql ?? {});
      const names = [...files, ...assets, ...tables].map((name) => resolvePath(path, name).slice(1));
      return new Set(names.filter((name) => this.loaderFile(name) !== null));
    } catch {
      return null;
    }
  }

  /** Framework follows every link, and ends with one that leads to itself. */
  override *findPagePaths(): Generator<string> {
    const endings = ["", ...this.interpreters.keys()].map((ending) => `.md${ending}`);
    const isPage = (name: string) => endings.some((ending) => name.endsWith(ending));
    for (const file of pageFiles(this.root, isPage)) {
      const path = `/${file.slice(0, file.lastIndexOf(".md"))}`;
      // `x.js.md` is no page where the module `x.js` is there.
      if (extname(path) !== ".js" || !findModule(this.root, path)) yield path;
    }
  }

  /** The page that stands in the place of one that cannot be shown. */
  protected problem(path: string, problem: string, options: object): LoadedPage {
    return {...problemPage(path, problem, {...options, path}), statements: [], tables: [], problem, needs: null};
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
        if (isResult(result)) return relative(this.root, result);
        throw new Error(
          readLedger(this.lake).results[name]?.error?.message ?? `${name} was never made; to make it, run: flowbook run`
        );
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
