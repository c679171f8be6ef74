import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {scriptHashes, staticPolicy} from "./content-policy.ts";
import {type NotebookConfig, withModuleCache} from "./notebook.ts";
import {mendPage} from "./page-html.ts";

/** What a build came to. */
export interface SiteSummary {
  readonly output: string;
  readonly pages: number;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Builds the static site from the lake's results as they are, in a folder beside `output` that takes its place once it
 * is complete. Throws, and leaves `output` as it was, where a page holds an error or where `output` is a folder of
 * something else.
 */
export async function buildSite(
  config: NotebookConfig,
  output: string,
  say: (line: string) => void
): Promise<SiteSummary> {
  if (!isReplaceable(output))
    throw new Error(`${output} is there and is not a site of flowbook's: nothing was written`);
  const draft = `${output}.${process.pid}.tmp`;
  rmSync(draft, {recursive: true, force: true});
  mkdirSync(draft, {recursive: true});
  try {
    await withModuleCache(config, () => frameworkBuild({...config, output: draft}, say));
    const summary = finish(draft, output);
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

/** Refuses pages with errors in them, and gives each page the policy that allows its own scripts only. */
function finish(draft: string, output: string): SiteSummary {
  let pages = 0;
  let bytes = 0;
  const files = readdirSync(draft, {recursive: true, encoding: "utf8"}).filter((name) =>
    statSync(join(draft, name)).isFile()
  );
  for (const name of files) {
    const path = join(draft, name);
    let content: Buffer | string = readFileSync(path);
    if (name.endsWith(".html")) {
      pages++;
      const html = content.toString("utf8");
      if (html.includes("observablehq--error"))
        throw new Error(`${name} holds an error: ${errorText(html)}; ${output} stays as it was`);
      content = withPolicy(mendPage(html));
      writeFileSync(path, content);
    }
    bytes += Buffer.byteLength(content);
  }
  return {output, pages, files: files.length, bytes};
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
  return text.replace(/<[^>]*>/g, "").trim();
}
