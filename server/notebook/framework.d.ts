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
    /** Every page and other output, as `/index`. */
    paths(): AsyncIterable<string>;
  }
  export function readConfig(configPath?: string, root?: string): Promise<Config>;
}

declare module "@observablehq/framework/dist/loader.js" {
  export interface Loader {
    /** The source, from the root. */
    readonly path: string;
    readonly params?: Record<string, string>;
    /** Resolves with the path, from the root, of the file to serve. */
    load(options?: object, effects?: object): Promise<string>;
  }
  export interface Page {
    readonly body: string;
  }
  export interface Watchers {
    close(): void;
  }
  export class LoaderResolver {
    readonly root: string;
    readonly interpreters: Map<string, string[]>;
    constructor(options: {root: string; interpreters: Record<string, readonly string[]>});
    find(path: string): Loader | undefined;
    loadPage(path: string, options: object): Promise<Page>;
    getSourceFilePath(path: string): string;
    getOutputFilePath(path: string): string;
    getWatchPath(path: string): string | undefined;
    getSourceFileHash(name: string): string;
    watchFiles(path: string, names: Iterable<string>, changed: () => void): Promise<Watchers>;
  }
}

declare module "@observablehq/framework/dist/resolvers.js" {
  import type {Page} from "@observablehq/framework/dist/loader.js";

  /** Finds all that a page imports, and fills the module cache with it. */
  export function getResolvers(page: Page, options: object): Promise<{readonly hash: string}>;
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
