// Where the program runs from. A checkout runs where it lies, if it can be written. An installed package may be read-only, and
// Framework and the bundler write beside the sources, so it runs from a copy in the user's cache folder.
import {createHash, randomUUID} from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
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

/** Whether this user can write where Framework and the bundler do. */
export function isWritable(root) {
  try {
    for (const name of ["", "src", "build", "src/.observablehq"])
      if (existsSync(join(root, name))) accessSync(join(root, name), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The folder to run from: `root` itself, or the copy of an installed package or of a checkout that this user cannot write,
 * made if it is not there. What another process of ours started runs where that does: its user may have changed meanwhile.
 */
export function runFolder(root, env = process.env) {
  if (existsSync(join(root, marker))) return root;
  return isCheckout(root) && (env.FLOWBOOK_INSTALLED === root || isWritable(root)) ? root : workingCopy(root, env);
}

/** What a copy was made of; the folder itself where it is none. */
export const originalOf = (root) =>
  existsSync(join(root, marker)) ? readFileSync(join(root, marker), "utf8").trim() : root;

/**
 * The copy: the package's files, and links to the packages it needs. A package that was installed anew, or a checkout that
 * was changed, gets a new copy in place of the old one.
 */
function workingCopy(root, env) {
  const cache = cacheFolder(env);
  const manifest = join(root, "package.json");
  const {version, files} = JSON.parse(readFileSync(manifest, "utf8"));
  const parts = isCheckout(root) ? checkoutParts(root, files) : [""];
  const prefix = `${version}-${digest(root)}-`;
  const name = prefix + digest(isCheckout(root) ? listing(root, parts) : String(statSync(manifest).ctimeMs));
  const copy = join(cache, name);
  if (existsSync(copy)) {
    if (isCheckout(root)) linkPages(root, copy);
    return copy;
  }
  const temporary = join(cache, `.${randomUUID()}.tmp`);
  try {
    for (const part of parts) copyPart(join(root, part), join(temporary, part));
    if (isCheckout(root)) {
      copyPart(join(root, "package-lock.json"), join(temporary, "npm-shrinkwrap.json"));
      linkPages(root, temporary);
    }
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

/** What of a checkout goes into a package: neither lakes, caches nor tests; and no pages, which are linked. */
function checkoutParts(root, files) {
  const plain = files.filter((name) => !/[!*]/.test(name) && name !== "src" && existsSync(join(root, name)));
  return [...plain, "package.json"];
}

/** Links to the checkout's pages and what they are made of, so that an open page follows when one is edited. */
function linkPages(root, copy) {
  const folder = join(copy, "src");
  mkdirSync(folder, {recursive: true, mode: folderMode});
  const names = readdirSync(join(root, "src")).filter((name) => !left.has(name));
  for (const name of readdirSync(folder)) if (!left.has(name) && !names.includes(name)) rmSync(join(folder, name));
  for (const name of names) {
    const link = join(folder, name);
    if (!lstatSync(link, {throwIfNoEntry: false})) symlinkSync(join(root, "src", name), link, "junction");
  }
}

/** Names, sizes and times of what would be copied. */
function listing(root, parts) {
  const lines = [];
  const look = (path) => {
    const {mtimeMs, size} = statSync(path);
    lines.push(`${path} ${size} ${mtimeMs}`);
  };
  for (const part of parts) eachFile(join(root, part), look);
  return lines.join("\n");
}

/** What is no source: packages, those that the tarball carries, and caches. */
const left = new Set(["node_modules", "vendor", ".observablehq", "__pycache__"]);

/** Calls `take` with each file of a folder, or with the file, and with its path below; in order. */
function eachFile(path, take, below = "") {
  if (statSync(path).isFile()) return take(path, below);
  for (const entry of readdirSync(path, {withFileTypes: true}).sort((a, b) => (a.name < b.name ? -1 : 1)))
    if (!left.has(entry.name) && (entry.isDirectory() || entry.isFile()))
      eachFile(join(path, entry.name), take, join(below, entry.name));
}

/** Copies a folder or a file; what is copied can be written whatever it was. */
function copyPart(from, to) {
  eachFile(from, (source, below) => {
    const target = join(to, below);
    mkdirSync(dirname(target), {recursive: true, mode: folderMode});
    copyFileSync(source, target);
    chmodSync(target, fileMode);
  });
}

/** Links to the packages that `root` carries, those below it and beside it, where npm puts what several share; the nearest first. */
function linkPackages(root, folder) {
  mkdirSync(folder, {mode: folderMode});
  const isBeside = /[\\/]node_modules$/.test(dirname(root));
  for (const place of [join(root, "vendor"), join(root, "node_modules"), ...(isBeside ? [dirname(root)] : [])])
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
