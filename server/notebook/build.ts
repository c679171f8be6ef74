import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {openLake} from "../../loaders/lake/duckdb.ts";
import type {CaseEntry} from "../../src/lib/case.js";
import {recordPages} from "../../src/lib/records/all.js";
import {BuildRefused} from "./build-refused.ts";
import {BuildResults} from "./build-results.ts";
import {carry} from "./carry.ts";
import {scriptHashes, staticPolicy} from "./content-policy.ts";
import type {LoadedPage} from "./lake-results.ts";
import {type NotebookConfig, withModuleCache} from "./notebook.ts";
import {mendPage, withCarried, withCase, withFileNotice} from "./page-html.ts";

/** What a build came to. */
export interface SiteSummary {
  readonly output: string;
  readonly pages: number;
  readonly files: number;
  readonly bytes: number;
  /** Pages with something wrong in them, which they show themselves. */
  readonly problems: readonly PageProblem[];
}

/** What is wrong with a page, in words. */
export interface PageProblem {
  readonly page: string;
  readonly problem: string;
}

export interface BuildOptions {
  /** One page alone, as `report` or `pages/guests`; all without it. */
  readonly only?: string;
  /** Shown on the pages that show a case, in its order. */
  readonly entries?: readonly CaseEntry[];
  /** Most that the tables of one page may take, gzipped. */
  readonly tableBytes?: number;
  /** Looks at what was made before it takes its place; what it throws ends the build. */
  readonly inspect?: (path: string) => Promise<void>;
  /** Said on the page of a single file. */
  readonly notice?: string | null;
}

/** The pages that show the case that a build was given. */
export const casePages: readonly string[] = ["report", "case"];

/** A page with tables in it should still open at once. */
export const usualTableBytes = 32e6;

/**
 * Builds the static site from the lake's results as they are, in a folder beside `output` that takes its place once it
 * is complete. A page with an error in it shows the error; the others are whole. Throws, and leaves `output` as it was,
 * where the site cannot be built at all or where `output` is a folder of something else.
 */
export async function buildSite(
  config: NotebookConfig,
  output: string,
  say: (line: string) => void,
  options: BuildOptions = {}
): Promise<SiteSummary> {
  if (!isReplaceable(output))
    throw new BuildRefused(
      `${output} exists and is not a site of flowbook's; nothing was written. Choose another folder`
    );
  const draft = `${output}.${process.pid}.tmp`;
  rmSync(draft, {recursive: true, force: true});
  mkdirSync(draft, {recursive: true});
  try {
    const loaders = new BuildResults(config.loaders);
    const {only} = options;
    const chosen =
      only === undefined
        ? config
        : {
            ...config,
            paths: async function* () {
              yield `/${only}`;
            }
          };
    await withModuleCache(config, async () => {
      await loaders.check(chosen);
      await frameworkBuild({...chosen, loaders, output: draft}, say);
    });
    const summary = await finish(draft, output, loaders.pages, config, options);
    await options.inspect?.(draft);
    rmSync(output, {recursive: true, force: true});
    renameSync(draft, output);
    return summary;
  } finally {
    rmSync(draft, {recursive: true, force: true});
  }
}

async function frameworkBuild(config: NotebookConfig, say: (line: string) => void): Promise<void> {
  const {build, FileBuildEffects} = await import("@observablehq/framework/dist/build.js");
  class DraftEffects extends FileBuildEffects {
    /** Framework would warn of a folder elsewhere that it does not clear; the draft is new. */
    override async prepare() {}
  }
  const manifest = join(config.output, "..", `.${process.pid}.manifest`);
  const logger = {log: () => {}, warn: say, error: say};
  try {
    await build({config}, new DraftEffects(config.output, manifest, {logger, output: {write: () => {}}}));
  } finally {
    rmSync(manifest, {recursive: true, force: true});
  }
}

/** Framework's own folder marks a site; an empty folder is nobody's. */
function isReplaceable(output: string): boolean {
  return !existsSync(output) || existsSync(join(output, "_observablehq")) || readdirSync(output).length === 0;
}

/** Gives each page what it carries of the lake, and the policy that allows its own scripts only. */
async function finish(
  draft: string,
  output: string,
  loaded: ReadonlyMap<string, LoadedPage>,
  config: NotebookConfig,
  {tableBytes = usualTableBytes, entries = []}: BuildOptions
): Promise<SiteSummary> {
  const problems: PageProblem[] = [];
  let pages = 0;
  const recordPage = (path: string) => recordPages.find((page) => page.path === path);
  const carrying = [...loaded].filter(
    ([path, {statements, problem}]) => problem === null && (statements.length > 0 || recordPage(path))
  );
  const folders = carrying.flatMap(([, {tables}]) =>
    tables.flatMap(({from}) => ("file" in from ? dirname(from.file) : []))
  );
  const engine =
    carrying.length > 0 ? await openLake(config.loaders.lake, {tableFolders: [...new Set(folders)]}) : null;
  try {
    for (const name of filesBelow(draft).filter((file) => file.endsWith(".html"))) {
      pages++;
      const file = join(draft, name);
      const page = name.replace(/\.html$/, "");
      let html = withFileNotice(mendPage(readFileSync(file, "utf8")));
      if (html.includes("observablehq--error")) problems.push({page, problem: errorText(html)});
      const asks = loaded.get(`/${page}`);
      if (engine && asks && carrying.some(([path]) => path === `/${page}`)) {
        const carried = {engine, project: config.project, site: draft, tableBytes, records: recordPage(`/${page}`)};
        const found = await carry(`/${page}`, asks, carried);
        problems.push(...found.problems.map((problem) => ({page, problem})));
        html = withCarried(html, found.carried);
      }
      if (entries.length > 0 && casePages.includes(page)) html = withCase(html, entries);
      writeFileSync(file, withPolicy(html));
    }
  } finally {
    await engine?.close();
  }
  const files = filesBelow(draft);
  const bytes = files.reduce((sum, name) => sum + statSync(join(draft, name)).size, 0);
  return {output, pages, files: files.length, bytes, problems};
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, {recursive: true, encoding: "utf8"}).filter((name) =>
    statSync(join(folder, name)).isFile()
  );
}

function withPolicy(html: string): string {
  const policy = staticPolicy(scriptHashes(html)).replaceAll('"', "&quot;");
  return html.replace(
    '<meta charset="utf-8">',
    (meta) => `${meta}\n<meta http-equiv="Content-Security-Policy" content="${policy}">`
  );
}

function errorText(html: string): string {
  const [, text = "see the page"] = /observablehq--error[^>]*>([\s\S]{0,300}?)<\//.exec(html) ?? [];
  return text
    .replace(/<[^>]*>/g, "")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .trim();
}
