// The parts of Observable Framework that the notebook uses; it publishes no types. The version is pinned.
declare module "@observablehq/framework/dist/config.js" {
  import type {LoaderResolver} from "@observablehq/framework/dist/loader.js";

  export interface Config {
    /** The pages' folder. */
    root: string;
    output: string;
    /** HTML for every page's head. */
    head: string;
    loaders: LoaderResolver;
    /** The sidebar, in sections. */
    pages: readonly {
      readonly name: string;
      readonly open: boolean;
      readonly pages: readonly {readonly name: string; readonly path: string}[];
    }[];
    /** Every page and other output, as `/index`. */
    paths(): AsyncIterable<string>;
  }
  export function readConfig(configPath?: string, root?: string): Promise<Config>;
}

declare module "@observablehq/framework/dist/loader.js" {
  import type {ParsedCell} from "@observablehq/framework/dist/javascript/parse.js";

  export interface Loader {
    /** The source, from the root. */
    readonly path: string;
    readonly params?: Record<string, string>;
    /** Resolves with the path, from the root, of the file to serve. */
    load(options?: object, effects?: object): Promise<string>;
  }
  export interface CodeCell {
    readonly id: string;
    readonly node: ParsedCell;
    readonly mode: "block" | "inline" | "jsx";
  }
  export interface Page {
    readonly body: string;
    /** The front matter. */
    readonly data: {readonly sql?: Readonly<Record<string, string>>; readonly draft?: boolean};
    readonly code: readonly CodeCell[];
    readonly params?: Record<string, string>;
  }
  export interface Watchers {
    close(): void;
  }
  export class LoaderResolver {
    readonly root: string;
    readonly interpreters: Map<string, string[]>;
    constructor(options: {root: string; interpreters: Record<string, readonly string[]>});
    find(path: string): Loader | undefined;
    findPage(path: string): Loader | undefined;
    /** Every page, as `/index`. */
    findPagePaths(): Iterable<string>;
    loadPage(path: string, options: object): Promise<Page>;
    getSourceFilePath(path: string): string;
    getOutputFilePath(path: string): string;
    getWatchPath(path: string): string | undefined;
    getSourceFileHash(name: string): string;
    getOutputFileHash(name: string): string;
    getModuleHash(path: string): string;
    getLocalModuleHash(path: string): Promise<string>;
    /** The address of a module, with its hash. */
    resolveImportPath(path: string): string;
    watchFiles(path: string, names: Iterable<string>, changed: () => void): Promise<Watchers>;
  }
}

declare module "@observablehq/framework/dist/npm.js" {
  /** Where a package's module is served, as `/_npm/d3@7.9.2/_esm.js`. */
  export function resolveNpmImport(root: string, specifier: string): Promise<string>;
}

declare module "@observablehq/framework/dist/resolvers.js" {
  import type {Page} from "@observablehq/framework/dist/loader.js";

  /** What a page needs, by the names that it has for them. */
  export interface Resolvers {
    readonly hash: string;
    readonly assets: ReadonlySet<string>;
    readonly files: ReadonlySet<string>;
    readonly localImports: ReadonlySet<string>;
  }

  /** Finds all that a page imports, and fills the module cache with it. */
  export function getResolvers(page: Page, options: object): Promise<Resolvers>;
}

declare module "@observablehq/framework/dist/javascript/parse.js" {
  /** A cell's source with its syntax tree (acorn's). */
  export interface ParsedCell {
    readonly body: object;
    readonly input: string;
    readonly references: readonly {readonly name: string}[];
    readonly declarations: readonly {readonly name: string}[] | null;
  }
  export function parseJavaScript(
    input: string,
    options: {path: string; params?: Record<string, string>; inline?: boolean}
  ): ParsedCell;
  /** Throws where the text is no module. */
  export function parseProgram(input: string): object;
}

declare module "@observablehq/framework/dist/javascript/module.js" {
  /** The module's source, which may be TypeScript; undefined where there is none. */
  export function findModule(root: string, path: string): {readonly path: string} | undefined;
  /** What is known of a module; undefined where there is none, or it does not parse. */
  export function getModuleInfo(
    root: string,
    path: string
  ):
    | {
        readonly hash: string;
        /** Data that it names, as it names them. */
        readonly files: ReadonlySet<string>;
        readonly localStaticImports: ReadonlySet<string>;
        readonly globalStaticImports: ReadonlySet<string>;
        readonly globalDynamicImports: ReadonlySet<string>;
      }
    | undefined;
  export function readJavaScript(sourcePath: string): Promise<string>;
}

declare module "@observablehq/framework/dist/markdown.js" {
  import type {Page} from "@observablehq/framework/dist/loader.js";

  export function parseMarkdown(input: string, options: object): Page;
}

declare module "@observablehq/framework/dist/path.js" {
  /** The address of `target` as `source` has it; both from the root. */
  export function relativePath(source: string, target: string): string;
  export function resolvePath(source: string, target: string): string;
}

declare module "@observablehq/framework/dist/preview.js" {
  import type {Server} from "node:http";
  import type {Config} from "@observablehq/framework/dist/config.js";

  export class PreviewServer {
    constructor(options: {server: Server; verbose: boolean; config?: string; root?: string});
    _readConfig(): Promise<Config>;
  }
}

declare module "@observablehq/framework/dist/build.js" {
  import type {Config} from "@observablehq/framework/dist/config.js";

  export class FileBuildEffects {
    constructor(
      outputRoot: string,
      cacheDir: string,
      options: {logger: Pick<Console, "log" | "warn" | "error">; output: {write(text: string): void}}
    );
    prepare(): Promise<void>;
  }
  export function build(options: {config: Config}, effects: FileBuildEffects): Promise<void>;
}

declare module "@observablehq/framework/dist/frontMatter.js" {
  export function readFrontMatter(input: string): {
    readonly content: string;
    readonly data: {readonly sql?: Readonly<Record<string, string>>};
  };
}

declare module "@observablehq/framework/dist/html.js" {
  export function parseHtml(html: string): {readonly document: Document};
}
