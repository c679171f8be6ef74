import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {join, resolve, sep} from "node:path";
import {fileURLToPath} from "node:url";
import {build, type Plugin} from "esbuild";
import {packagesOf} from "./packages-of.ts";

/** Installed packages by name, then by version: the folder each lies in, relative to the checkout. */
export type InstalledPackages = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface LocalModulesOptions {
  /** Folder that holds node_modules. */
  readonly root: string;
  /** Framework's cache, relative to the root; its module folders are dropped when the installed packages change. */
  readonly cache: string;
}

/**
 * Replaces the process's `fetch` by one that answers Observable Framework's requests for packages from node_modules, so
 * that pages need no network and run exactly what npm installed. Requests are told apart by shape, not by host: a path
 * that begins with `npm/` wants a module, a path that is a package's name wants its versions; every other request to
 * another machine is refused. Requests to this machine pass. Calling it again changes nothing.
 */
export function useLocalModules(options: LocalModulesOptions): void {
  if (globalThis.fetch.name === localFetch) return;
  const packages = packagesOf(options.root);
  discardStaleModules(join(options.root, options.cache), JSON.stringify(packages));
  const answer = localModules(options.root, readInstalled(packages));
  const online = globalThis.fetch;
  const replacement: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    return loopback.has(url.hostname) ? online(input, init) : answer(url);
  };
  Object.defineProperty(replacement, "name", {value: localFetch});
  globalThis.fetch = replacement;
}

const localFetch = "fetchLocalModule";
const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * A function from a request's address to its answer out of the installed packages. It throws where a package is not
 * installed, a file lies outside its package, or the address is neither a module nor a package's name.
 */
export function localModules(root: string, installed: InstalledPackages): (url: URL) => Promise<Response> {
  return async (url) => {
    const path = decodeURIComponent(url.pathname.slice(1));
    if (path.startsWith("npm/")) return serveModule(root, installed, path.slice("npm/".length));
    if (/^(@[^/]+\/)?[^/@]+(\/[^/]+)?$/.test(path)) return Response.json(versionsOf(installed, path));
    throw new Error(`no network: ${url} is not a package`);
  };
}

/** Reads the packages of npm's lock; hoisted copies come first, so that the first version of a name is its latest. */
export function readInstalled(packages: Readonly<Record<string, {readonly version?: string}>>): InstalledPackages {
  const installed = new Map<string, Map<string, string>>();
  const depth = (folder: string) => folder.split("node_modules/").length;
  const folders = Object.keys(packages).filter((folder) => folder.includes("node_modules/"));
  for (const folder of folders.sort((a, b) => depth(a) - depth(b))) {
    const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
    const version = packages[folder].version;
    if (!version) continue;
    const versions = installed.get(name) ?? new Map<string, string>();
    installed.set(name, versions);
    if (!versions.has(version)) versions.set(version, folder);
  }
  return installed;
}

/** Framework never looks again at a module it has cached, so what was made from other packages has to go. */
function discardStaleModules(cache: string, manifest: string): void {
  const source = readFileSync(fileURLToPath(import.meta.url));
  const key = createHash("sha256").update(manifest).update(source).digest("hex");
  const keyPath = join(cache, "installed-packages.sha256");
  if (existsSync(keyPath) && readFileSync(keyPath, "utf8") === key) return;
  for (const folder of ["_npm", "_node"]) rmSync(join(cache, folder), {recursive: true, force: true});
  mkdirSync(cache, {recursive: true});
  writeFileSync(keyPath, key);
}

/**
 * Framework's client names every library that a page could import, installed or not, and asks the version of each; only
 * those that a page uses are requested, so a name that is not installed gets a version that says so.
 */
function versionsOf(installed: InstalledPackages, path: string): object {
  const {name, rest: tag} = parseSpecifier(path);
  const versions = [...(installed.get(name)?.keys() ?? ["0.0.0-not-installed"])];
  return tag ? {version: versions[0]} : {versions: Object.fromEntries(versions.map((version) => [version, {}]))};
}

async function serveModule(root: string, installed: InstalledPackages, path: string): Promise<Response> {
  const {name, version, rest} = parseSpecifier(path);
  const versions = installed.get(name);
  if (!versions) throw new Error(`a page imports ${name}, which is not installed: npm install ${name}`);
  const folder = versions.get(version);
  if (!folder) throw new Error(`a page imports ${name}@${version}; installed is ${[...versions.keys()].join(", ")}`);
  const module = /(^|\/)\+esm$/;
  if (module.test(rest)) return javaScript(await bundle(root, folder, name, rest.replace(module, "")));
  const home = resolve(root, folder);
  const file = resolve(home, rest);
  if (!file.startsWith(home + sep)) throw new Error(`${rest} lies outside the package ${name}`);
  const contents = new Uint8Array(readFileSync(file));
  return /\.m?js$/.test(rest)
    ? javaScript(contents)
    : new Response(contents, {headers: {"content-type": "application/octet-stream"}});
}

function javaScript(contents: Uint8Array<ArrayBuffer>): Response {
  return new Response(contents, {headers: {"content-type": "application/javascript"}});
}

/** One package's module as one file; imports of other packages stay requests, so that a page loads each once. */
async function bundle(root: string, folder: string, name: string, entry: string): Promise<Uint8Array<ArrayBuffer>> {
  const {outputFiles} = await build({
    entryPoints: [entry ? `${name}/${entry}` : name],
    absWorkingDir: join(root, folder.slice(0, folder.lastIndexOf("node_modules/"))),
    plugins: [otherPackagesStayOutside(name)],
    define: {"process.env.NODE_ENV": '"production"'},
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "silent"
  });
  return new Uint8Array(outputFiles[0].contents);
}

function otherPackagesStayOutside(self: string): Plugin {
  return {
    name: "other packages stay outside",
    setup({onResolve}) {
      onResolve({filter: /^[^./\0]/}, ({path, kind}) => {
        // What is required, not imported, cannot be a request of its own: CommonJS runs at once.
        if (kind === "entry-point" || kind === "require-call") return;
        // It is thirty packages that come together: as a request each they are a fifth of what a page asks for.
        if (self === "d3") return;
        const {name, rest} = parseSpecifier(path);
        return name === self ? undefined : {path: `/npm/${name}${rest && `/${rest}`}/+esm`, external: true};
      });
    }
  };
}

/** `@scope/name@version/rest` in parts; version and rest are empty where absent. */
function parseSpecifier(path: string): {name: string; version: string; rest: string} {
  const [, name, version = "", rest = ""] = /^((?:@[^/]+\/)?[^/@]+)(?:@([^/]+))?(?:\/(.*))?$/.exec(path) ?? [];
  if (!name) throw new Error(`not a package: ${path}`);
  return {name, version, rest};
}
