import {existsSync, readFileSync, realpathSync} from "node:fs";
import {extname, join, sep} from "node:path";
import type {LoaderResolver} from "@observablehq/framework/dist/loader.js";
import {type PageTable, tableEndings} from "../../loaders/lake/page-tables.ts";
import {readFrontMatter, resolvePath} from "./framework-modules.ts";

/** The pages' finder of files, and the lake whose results it finds. */
type PageFiles = LoaderResolver & {readonly lake: string};

/**
 * The tables that a page's front matter names (`sql: {mine: ./mine.parquet, recent: flows, some: sample of flows}`): files
 * beside the page, results of loaders, or tables of the lake, of which a static site may carry a sample. Throws where one is not there, or lies outside the notebook.
 */
export async function pageTables(files: PageFiles, path: string): Promise<PageTable[]> {
  const page = files.findPage(path);
  if (!page) return [];
  const source = await page.load({useStale: true});
  const {data} = readFrontMatter(readFileSync(join(files.root, source), "utf8"));
  return Promise.all(
    Object.entries(data.sql ?? {}).map(async ([name, value]) => {
      const [, sample, table] = /^(sample of )?([a-z_]\w*)$/i.exec(value) ?? [];
      if (table) return {name, from: {table}, ...(sample && {isSampled: true})};
      return {name, from: {file: await fileOf(files, path, name, value)}};
    })
  );
}

async function fileOf(files: PageFiles, path: string, name: string, value: string): Promise<string> {
  if (!tableEndings.includes(extname(value).toLowerCase()))
    throw new Error(`sql: ${name}: expected a file ending in ${tableEndings.join(", ")}, or a table; found ${value}`);
  const loader = files.find(resolvePath(path, value));
  if (!loader) throw new Error(`sql: ${name}: expected a file or loader, found none at ${value}`);
  const file = realpathSync(join(files.root, await loader.load({useStale: true})));
  // A notebook folder's project has links to its own pages and loaders, and to the pages that came with flowbook.
  const linked = ["pages", "data/own", "components"].map((name) => join(files.root, name)).filter(existsSync);
  const folders = [
    files.root,
    files.lake,
    ...linked.map((path) => (path.endsWith("components") ? join(realpathSync(path), "..") : path))
  ];
  const isInside = folders.some((folder) => file.startsWith(realpathSync(folder) + sep));
  if (!isInside) throw new Error(`sql: ${name}: expected a file inside the notebook, found ${value}`);
  return file;
}
