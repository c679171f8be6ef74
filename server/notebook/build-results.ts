import {join} from "node:path";
import {findModule, readJavaScript} from "@observablehq/framework/dist/javascript/module.js";
import {parseProgram} from "@observablehq/framework/dist/javascript/parse.js";
import {resolvePath} from "@observablehq/framework/dist/path.js";
import {getResolvers} from "@observablehq/framework/dist/resolvers.js";
import {LakeResults, type LoadedPage} from "./lake-results.ts";
import type {NotebookConfig} from "./notebook.ts";
import {problemOf} from "./page-problems.ts";

/** The lake's results for one build, in which a page that would end the build is replaced by what is wrong with it. */
export class BuildResults extends LakeResults {
  /** The pages that were loaded, as `/name`. */
  readonly pages = new Map<string, LoadedPage>();
  readonly #problems = new Map<string, string>();

  constructor(results: LakeResults) {
    super(results.lake, results, results.isServed);
  }

  /** Looks for everything that each page needs; what is missing for one is known before the build begins. */
  async check(config: NotebookConfig): Promise<void> {
    for await (const path of config.paths()) {
      if (!this.findPage(path)) continue;
      try {
        await this.#checkPage(path, config);
      } catch (error) {
        this.#problems.set(path, problemOf(error, this));
      }
    }
  }

  override async loadPage(path: string, options: object): Promise<LoadedPage> {
    const problem = this.#problems.get(path);
    const page = problem === undefined ? await super.loadPage(path, options) : this.problem(path, problem, options);
    this.pages.set(path, page);
    return page;
  }

  async #checkPage(path: string, config: NotebookConfig): Promise<void> {
    const page = await super.loadPage(path, config);
    if (page.problem !== null) throw new Error(page.problem);
    const {files, assets, localImports} = await getResolvers(page, {...config, path});
    for (const name of [...files, ...assets]) {
      const loader = this.find(resolvePath(path, name));
      if (!loader) throw new Error(`${name} is not there`);
      await loader.load({useStale: true});
    }
    for (const name of localImports) {
      if (!name.endsWith(".js")) continue;
      const module = findModule(this.root, resolvePath(path, name));
      if (!module) throw new Error(`${name}: expected a module in the notebook, found none`);
      parseProgram(await readJavaScript(join(this.root, module.path)));
    }
  }
}
