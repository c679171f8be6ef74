// Where the program runs from. A checkout runs where it lies. An installed package may be read-only, and Framework and the
// bundler write beside the sources, so it runs from a copy in the user's cache folder.
import {createHash, randomUUID} from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs";
import {homedir, tmpdir} from "node:os";
import {dirname, join} from "node:path";

/** Root gives itself up before it meters, so what it made has to be readable by others; else a copy is its user's alone. */
const isRoot = process.getuid?.() === 0;
const folderMode = isRoot ? 0o755 : 0o700;
const fileMode = isRoot ? 0o644 : 0o600;

/** Marks a copy. */
const marker = ".working-copy";

/** Whether the folder is a checkout: npm's lock is never part of a package. */
export const isCheckout = (root) => existsSync(join(root, "package-lock.json"));

/** npm's lock of a checkout, or the one that a package carries. */
export const lockPath = (root) => join(root, isCheckout(root) ? "package-lock.json" : "npm-shrinkwrap.json");

/** The folder to run from: `root` itself, or the copy of an installed package, made if it is not there. */
export function runFolder(root, env = process.env) {
  return isCheckout(root) || existsSync(join(root, marker)) ? root : workingCopy(root, env);
}

/**
 * The package's copy: its files, and links to the packages it needs. A package that was installed anew gets a new copy
 * in place of the old one.
 */
function workingCopy(root, env) {
  const cache = cacheFolder(env);
  const manifest = join(root, "package.json");
  const {version} = JSON.parse(readFileSync(manifest, "utf8"));
  const prefix = `${version}-${digest(root)}-`;
  const name = prefix + digest(String(statSync(manifest).ctimeMs));
  const copy = join(cache, name);
  if (existsSync(copy)) return copy;
  const temporary = join(cache, `.${randomUUID()}.tmp`);
  try {
    copyFolder(root, temporary);
    linkPackages(root, join(temporary, "node_modules"));
    writeFileSync(join(temporary, marker), `${root}\n`);
    for (const old of readdirSync(cache))
      if (old.startsWith(prefix) && old !== name) rmSync(join(cache, old), {recursive: true, force: true});
    renameSync(temporary, copy);
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(temporary, {recursive: true, force: true});
  }
  return copy;
}

const digest = (text) => createHash("sha256").update(text).digest("hex").slice(0, 8);

/** Copies what is not a package; files can be written whatever they were. */
function copyFolder(from, to) {
  mkdirSync(to, {mode: folderMode});
  for (const entry of readdirSync(from, {withFileTypes: true})) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.name === "node_modules") continue;
    if (entry.isDirectory()) copyFolder(source, target);
    else if (entry.isFile()) {
      copyFileSync(source, target);
      chmodSync(target, fileMode);
    }
  }
}

/** Links to the packages below `root` and beside it, where npm puts what several packages share; the nearest first. */
function linkPackages(root, folder) {
  mkdirSync(folder, {mode: folderMode});
  const isBeside = /[\\/]node_modules$/.test(dirname(root));
  for (const place of [join(root, "node_modules"), ...(isBeside ? [dirname(root)] : [])])
    for (const name of packageNames(place)) {
      const link = join(folder, name);
      if (existsSync(link)) continue;
      mkdirSync(dirname(link), {recursive: true, mode: folderMode});
      symlinkSync(join(place, name), link, "junction");
    }
}

/** Names of the packages in a folder node_modules, scoped ones included. */
export function packageNames(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  return names.flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name]
  );
}

/**
 * The user's folder for what can be made again. Code runs from it, so it must belong to this user alone. Throws if
 * neither the usual one nor one in the temporary folder can be had.
 */
export function cacheFolder(env = process.env) {
  const home = env.HOME || homedir();
  const {XDG_CACHE_HOME, LOCALAPPDATA} = env;
  const ofSystem = {darwin: join(home, "Library/Caches"), win32: LOCALAPPDATA ?? join(home, "AppData/Local")};
  const ofUser = ofSystem[process.platform] ?? (isRoot ? "/var/cache" : join(home, ".cache"));
  const usual = join(XDG_CACHE_HOME || ofUser, "flowbook");
  for (const folder of [usual, join(tmpdir(), `flowbook-${process.getuid?.() ?? "cache"}`)])
    try {
      mkdirSync(folder, {recursive: true, mode: folderMode});
      if (isOwn(folder)) return folder;
    } catch {
      // The next one.
    }
  throw new Error(`no cache folder can be made at ${usual}; name another place by XDG_CACHE_HOME`);
}

/** A folder, not a link, that nobody else can write; Windows keeps profiles apart by itself. */
function isOwn(folder) {
  const {mode, uid} = lstatSync(folder);
  const isFolder = (mode & 0o170000) === 0o040000;
  return process.getuid === undefined || (isFolder && uid === process.getuid() && (mode & 0o022) === 0);
}
