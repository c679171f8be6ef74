import type {Watchers} from "@observablehq/framework/dist/loader.js";
import {LakeResults, type LoadedPage} from "./lake-results.ts";

/** Reads a page by `anew`, or gives what was read before where nothing has changed since. */
export type ReadPage = (path: string, anew: () => Promise<LoadedPage>) => Promise<LoadedPage>;

/**
 * The lake's results as one request or one open page knows them. Framework tells an open page of data that differ from
 * those it had, but it compares first and watches then: what changes in between it would never tell.
 */
export class PageResults extends LakeResults {
  private readonly hashes = new Map<string, string>();
  private watchers: Watchers | null = null;
  private isOver = false;
  private readonly read: ReadPage;

  constructor(results: LakeResults, read: ReadPage) {
    super(results.lake, results, results.isServed);
    this.read = read;
  }

  /** From here to the next load a file has one hash: the code that Framework takes the page to have is what it compared. */
  override loadPage(path: string, options: object): Promise<LoadedPage> {
    this.hashes.clear();
    return this.read(path, () => super.loadPage(path, options));
  }

  override getSourceFileHash(name: string): string {
    const known = this.hashes.get(name);
    if (known !== undefined) return known;
    const hash = super.getSourceFileHash(name);
    this.hashes.set(name, hash);
    return hash;
  }

  /** Calls `changed` once when all files are watched, whereupon Framework compares again. Never resolves after `end`. */
  override async watchFiles(path: string, names: Iterable<string>, changed: () => void): Promise<Watchers> {
    const tell = () => {
      if (!this.isOver) changed();
    };
    const watchers = await super.watchFiles(path, names, tell);
    this.watchers?.close();
    this.watchers = watchers;
    if (this.isOver) {
      watchers.close();
      // Framework would watch further files for a page that is gone.
      return new Promise(() => {});
    }
    // Framework keeps the watchers first, and begins to watch the page's own file.
    setImmediate(tell);
    return watchers;
  }

  /** The page was closed. */
  end(): void {
    this.isOver = true;
    this.watchers?.close();
  }
}
