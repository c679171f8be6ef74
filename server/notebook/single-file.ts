import {existsSync, readFileSync} from "node:fs";
import {dirname, extname, join, relative, resolve, sep} from "node:path";
import {gzipSync} from "node:zlib";
import {build, type Plugin} from "esbuild";
import {arrowStream} from "../../loaders/export/arrow-format.ts";
import type {LakeEngine} from "../../loaders/lake/duckdb.ts";
import {literal} from "../../schema/ddl.ts";
import {type Carried, carriedId} from "../../src/lib/carried.ts";
import {packedNames} from "../../src/lib/packed-flows.ts";
import {handlerPlaceholders, hashSource, scriptHashes} from "./content-policy.ts";
import type {FlowFiles, PackedFlows} from "./packed-flows.ts";

export interface SingleFileOptions {
  /** A built site, and the page of it to pack, as `report`. */
  readonly site: string;
  readonly page: string;
  /** Reads the site's Parquet files. */
  readonly engine: LakeEngine;
  /** Further files by name, gzipped, as `carriedBytes` finds them. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** Bytes that the file should not exceed. */
  readonly most: number;
  /** The flows of the page's own, in at most so many bytes of base64; called where the page reads them. */
  readonly packFlows: (files: FlowFiles, most: number) => PackedFlows;
  /** Said above everything else; may be empty. Given the flows that are in the file, null where the page reads none. */
  readonly notice: (packed: PackedFlows | null) => string;
}

/**
 * One page of a built site as one HTML file that opens from disk: its modules bundled, its styles in it, and its data
 * gzipped. Flows are packed by columns, as many as there is room for; other Parquet becomes Arrow, which pages read without a
 * decoder of megabytes.
 */
export async function singleFile(options: SingleFileOptions): Promise<{html: string; packed: PackedFlows | null}> {
  const {site, page, files, notice, packFlows, most} = options;
  const path = join(site, `${page}.html`);
  const folder = dirname(path);
  let html = readFileSync(path, "utf8");
  const preloads = [...html.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, href]) =>
    resolve(folder, href)
  );
  html = html
    .replace(/<link rel="(?:modulepreload|preload)"[^>]*>\n?/g, "")
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>\n?/, "")
    .replace(/<script>if \(location\.protocol === "file:"\)[\s\S]*?<\/script>\n?/, "")
    .replace(/<input id="observablehq-sidebar-toggle"[\s\S]*?<\/nav>\n?(?:<script>[\s\S]*?<\/script>)?/, "")
    .replace(/<link rel="stylesheet"[^>]*href="([^"]+)"[^>]*>/g, (_, href) => {
      const css = readFileSync(resolve(folder, href), "utf8");
      return `<style>${css.replaceAll("</style", "<\\/style")}</style>`;
    });
  const [tag, body] = /<script type="module">([\s\S]*?)<\/script>/.exec(html) ?? [];
  if (tag === undefined) throw new Error(`${page} has no cells: expected a page of the notebook`);
  const assets = new Assets(options);
  const script = await bundled(body, folder, new Set(preloads.map((file) => packageOf(site, file))), site, assets);
  const packedScript = gzipSync(script, packing).toString("base64");
  html = html.replace(
    tag,
    () =>
      `<script type="text/plain" data-module="${page}">${packedScript}</script>\n<script type="module">${begin}</script>`
  );
  const carried = new RegExp(`<script type="application/json" id="${carriedId}">([\\s\\S]*?)</script>`).exec(html)?.[1];
  const named = carried ? filesOf(JSON.parse(carried) as Carried) : [];
  const parts = [
    ...assets.elements(),
    ...named.map((href) => fileElement(href, readFileSync(resolve(folder, href)))),
    ...Object.entries(files).map(([name, bytes]) => fileElement(name, bytes))
  ];
  const used = parts.reduce((sum, part) => sum + part.length, Buffer.byteLength(html));
  const packed = assets.flowFiles
    ? packFlows(assets.flowFiles, Math.max(leastForFlows, most - used - roomForWords))
    : null;
  for (const [name, bytes] of Object.entries(packed?.files ?? {})) parts.push(fileElement(name, bytes));
  html = html.replace("</body>", () => `${parts.join("\n")}\n</body>`);
  const words = notice(packed);
  if (words !== "")
    html = html.replace(/(<main[^>]*>)/, (main) => `${main}\n<p class="fb-note" role="note">${escaped(words)}</p>`);
  return {html: html.replace('<meta charset="utf-8">', (meta) => `${meta}\n${policy(html, script)}`), packed};
}

const packing = {level: 9, memLevel: 9};
/** A page that carries DuckDB has megabytes already, and is given this for flows all the same. */
const leastForFlows = 1_000_000;
const roomForWords = 4_000;

/** In scripts of the file: the response that gives gzipped bytes in base64. A loop, as `from` with a function takes ten times as long. */
const unpacked = `function unpacked(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}`;

/** Unpacks the page's modules and runs them: packed they have a third of their size. */
const begin = `${unpacked}
const code = document.createElement("script");
code.type = "module";
code.textContent = await unpacked(document.querySelector("[data-module]").textContent).text();
document.body.append(code);`;

/** Files that the page's statements need, as the page names them. */
function filesOf({answers, tables, duckdb}: Carried): string[] {
  const files = [
    ...Object.values(answers),
    ...Object.values(tables),
    ...(duckdb ? [duckdb.worker, duckdb.module] : [])
  ];
  return [...new Set(files.flatMap((file) => ("href" in file ? file.href : [])))];
}

const escaped = (text: string) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);

function fileElement(name: string, packed: Buffer): string {
  return `<script type="text/plain" data-carried="${name}">${packed.toString("base64")}</script>`;
}

/** The page without its data, which are no scripts that run. */
const code = (html: string) =>
  html.replace(/<script type="(?:text\/plain|application\/json)"[^>]*>[^<]*<\/script>/g, "");

/** Nothing from anywhere: what the page needs is in it. */
function policy(html: string, script: string): string {
  const rules = [
    "default-src 'none'",
    `script-src 'unsafe-eval' blob: ${[...scriptHashes(code(html)), hashSource(script)].join(" ")}`,
    `script-src-attr 'unsafe-hashes' ${handlerPlaceholders}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "connect-src data: blob:",
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'"
  ];
  return `<meta http-equiv="Content-Security-Policy" content="${rules.join("; ").replaceAll('"', "&quot;")}">`;
}

const types: Readonly<Record<string, string>> = {".json": "application/json", ".csv": "text/csv"};

const flowNames = [packedNames.flows, packedNames.details, packedNames.incidents].map((name) => `data/${name}`);

/** Data files that the page's modules name; handed out as addresses of blobs. */
class Assets {
  readonly #options: SingleFileOptions;
  readonly #packed = new Map<string, string>();
  readonly #flows = new Map<string, string>();

  constructor(options: SingleFileOptions) {
    this.#options = options;
  }

  /** The site's files with flows, once the page has named them: they are packed in another way. */
  get flowFiles(): FlowFiles | null {
    const [flows, details, incidentFlows] = flowNames.map((name) => this.#flows.get(name));
    return flows && details && incidentFlows ? {flows, details, incidentFlows} : null;
  }

  /** The expression that gives the file's address. */
  async add(file: string): Promise<string> {
    const {site, engine} = this.#options;
    const name = relative(site, file).split(sep).join("/");
    const plain = name.replace(/^_file\//, "").replace(/\.[0-9a-f]{8}(?=\.\w+$)/, "");
    if (flowNames.includes(plain)) {
      this.#flows.set(plain, file);
      return '""';
    }
    if (!this.#packed.has(name)) {
      this.#packed.set(name, "");
      const bytes =
        extname(file) === ".parquet"
          ? await arrowOf(engine, `SELECT * FROM read_parquet(${literal(file)})`)
          : readFileSync(file);
      this.#packed.set(name, gzipSync(bytes, packing).toString("base64"));
    }
    return `__assets[${JSON.stringify(name)}]`;
  }

  elements(): string[] {
    return [...this.#packed].map(
      ([name, text]) =>
        `<script type="text/plain" data-asset="${name}" data-type="${types[extname(name)] ?? "application/octet-stream"}">${text}</script>`
    );
  }
}

async function arrowOf(engine: LakeEngine, sql: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of arrowStream(await engine.stream(sql), {rows: 0})) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Before all modules: data become blobs of the page. */
const unpack = `${unpacked}
const __assets = Object.fromEntries(await Promise.all([...document.querySelectorAll("[data-asset]")].map(async (element) => {
  const bytes = await unpacked(element.textContent).arrayBuffer();
  element.remove();
  return [element.dataset.asset, URL.createObjectURL(new Blob([bytes], {type: element.dataset.type}))];
})));`;

/** In the place of the Parquet decoder: what it is given is an Arrow stream already. */
const arrowForParquet = `export default async function () {}
export const readParquet = (bytes) => ({intoIPCStream: () => bytes});`;

async function bundled(
  body: string,
  folder: string,
  used: ReadonlySet<string>,
  site: string,
  assets: Assets
): Promise<string> {
  const {outputFiles} = await build({
    stdin: {contents: await withAssets(body, folder, assets), resolveDir: folder},
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "silent",
    banner: {js: unpack},
    plugins: [siteModules(used, site, assets)]
  });
  return outputFiles[0].text;
}

function siteModules(used: ReadonlySet<string>, site: string, assets: Assets): Plugin {
  return {
    name: "modules of the site",
    setup({onResolve, onLoad}) {
      onResolve({filter: /^\.{1,2}\//}, ({path, kind, resolveDir}) => {
        const file = resolve(resolveDir, path);
        if (/\/parquet-wasm@/.test(file)) return {path: file, namespace: "arrow for parquet"};
        const home = packageOf(site, file);
        // Framework's client names libraries that other pages use.
        const isElsewhere = !existsSync(file) || (home !== "" && !used.has(home));
        return kind === "dynamic-import" && isElsewhere ? {path, external: true} : undefined;
      });
      onLoad({filter: /.*/, namespace: "arrow for parquet"}, () => ({contents: arrowForParquet, loader: "js"}));
      onLoad({filter: /\.js$/}, async ({path}) => {
        const text = readFileSync(path, "utf8").replace(/import\.meta\.resolve\(("[^"]+")\)/g, '""');
        return {loader: "js", contents: await withAssets(text, dirname(path), assets)};
      });
    }
  };
}

/** Files' addresses as the site has them, replaced by those of blobs. */
async function withAssets(text: string, folder: string, assets: Assets): Promise<string> {
  const found = [...text.matchAll(/"path":\s*("[^"]*\/_file\/[^"]+")(?:\/\*[^*]*\*\/)?/g)];
  let made = text;
  for (const [whole, href] of found)
    made = made.replace(whole, `"path":${await assets.add(resolve(folder, JSON.parse(href)))}`);
  return made;
}

/** The package of a module below `_npm` or `_node`; empty for the notebook's own. */
function packageOf(site: string, file: string): string {
  return /^_(?:npm|node)\/(?:@[^/]+\/)?[^/]+/.exec(relative(site, file).split(sep).join("/"))?.[0] ?? "";
}
