import {join} from "node:path";
import {findModule, getModuleInfo, parseProgram, readJavaScript, resolvePath} from "./framework-modules.ts";
import {LakeResults, type LoadedPage} from "./lake-results.ts";
import type {NotebookConfig} from "./notebook.ts";
import {problemOf} from "./page-problems.ts";

/**
 * The lake's results for one build, in which a page that would end the build is replaced by what is wrong with it. Sources
 * stay as they were when the build began: each page is parsed once, and each file hashed once.
 */
export class BuildResults extends LakeResults {
  /** The pages that were loaded, as `/name`. */
  readonly pages = new Map<string, LoadedPage>();
  readonly #modules = new Map<string, Promise<void>>();
  readonly #hashes = new Map<string, string>();

  constructor(results: LakeResults) {
    super(results.lake, results, results.isServed);
  }

  /** Loads every page with everything that it needs; what is missing for one is known before the build begins. */
  async check(config: NotebookConfig): Promise<void> {
    for await (const path of config.paths()) if (this.findPage(path)) await this.loadPage(path, config);
  }

  override async loadPage(path: string, config: NotebookConfig): Promise<LoadedPage> {
    const known = this.pages.get(path);
    if (known) return known;
    const options = {...config, loaders: this};
    const page = await super.loadPage(path, options);
    const problem = await this.#missing(path, page).catch((error: unknown) => problemOf(error, this));
    const shown = problem === null ? page : this.problem(path, problem, options);
    this.pages.set(path, shown);
    return shown;
  }

  override getSourceFileHash(name: string): string {
    return this.#once(`source ${name}`, () => super.getSourceFileHash(name));
  }

  override getOutputFileHash(name: string): string {
    return this.#once(`output ${name}`, () => super.getOutputFileHash(name));
  }

  override getModuleHash(path: string): string {
    return this.#once(`module ${path}`, () => super.getModuleHash(path));
  }

  override resolveImportPath(path: string): string {
    return this.#once(`import ${path}`, () => super.resolveImportPath(path));
  }

  #once(key: string, make: () => string): string {
    const known = this.#hashes.get(key) ?? make();
    this.#hashes.set(key, known);
    return known;
  }

  /** Null where a page has everything that it needs; throws with what is missing. */
  async #missing(path: string, {problem, needs}: LoadedPage): Promise<null> {
    if (needs === null) throw new Error(problem ?? undefined);
    for (const name of [...needs.files, ...needs.assets]) {
      const loader = this.find(resolvePath(path, name));
      if (!loader) throw new Error(`${name} is not there`);
      await loader.load({useStale: true});
    }
    for (const name of needs.localImports) {
      const module = resolvePath(path, name);
      if (!module.endsWith(".js")) continue;
      const checked = this.#modules.get(module) ?? this.#checkModule(module);
      this.#modules.set(module, checked);
      await checked;
    }
    return null;
  }

  async #checkModule(path: string): Promise<void> {
    const module = findModule(this.root, path);
    if (!module) throw new Error(`${path}: expected a module in the notebook, found none`);
    // Framework knows those that parse; what is wrong with another, its parser tells.
    if (!getModuleInfo(this.root, path)) parseProgram(await readJavaScript(join(this.root, module.path)));
  }
}
