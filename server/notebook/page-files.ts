import {closeSync, openSync, readdirSync, readFileSync, readSync, statSync} from "node:fs";
import {join} from "node:path";

/** A page that is larger is not one that somebody wrote. */
const largestPage = 1024 ** 2;
const largestFront = 64 * 1024;
/** A few of YAML's aliases, each within another, make gigabytes of a title. */
const mostAliases = 16;
/** Each becomes a cell, and finding the ends of very many holds the server for minutes. */
const mostExpressions = 2000;

/**
 * Files below the pages' folder whose names `isPage` takes, from it. What is hidden is left out, and so is what a file's name
 * leads to but is no file: who reads a pipe waits for ever. A notebook's folders are links that we made in the root; links to
 * folders further down could lead in circles or over the whole disk, and are not followed.
 */
export function pageFiles(root: string, isPage: (name: string) => boolean, folder = ""): string[] {
  return readdirSync(join(root, folder), {withFileTypes: true}).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.name.startsWith(".") || entry.name.includes("[")) return [];
    if (entry.isDirectory() || (folder === "" && isFolder(join(root, path)))) return pageFiles(root, isPage, path);
    return isPage(entry.name) && isFile(join(root, path)) ? [path] : [];
  });
}

/** What is wrong with a page's file before Framework reads it; null where nothing is. */
export function pageFileProblem(path: string): string | null {
  const found = statOf(path);
  if (!found?.isFile()) return "expected a plain file";
  if (found.size > largestPage)
    return `expected a page of ${largestPage / 1024 ** 2} MB at most, found ${found.size.toLocaleString("en")} bytes`;
  const text = readFileSync(path, "utf8");
  const expressions = text.split("${").length - 1;
  if (expressions > mostExpressions)
    return `expected ${mostExpressions.toLocaleString("en")} expressions \${…} at most, found ${expressions.toLocaleString("en")}`;
  const [front = ""] = /^---\r?\n[\s\S]*?\n---/.exec(text) ?? [];
  const aliases = front.match(/(?<=^|[\s[{,])\*[^\s,\]}]+/gm)?.length ?? 0;
  return front.length > largestFront || aliases > mostAliases
    ? `expected front matter of ${largestFront / 1024} KB and ${mostAliases} aliases at most, found ${front.length.toLocaleString("en")} characters and ${aliases} aliases`
    : null;
}

/** The first bytes of a file as text; empty where it is no plain file. */
export function beginningOf(path: string, bytes: number): string {
  if (!isFile(path)) return "";
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.toString("utf8", 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}

/** Whether a name leads to a plain file. */
export const isFile = (path: string) => statOf(path)?.isFile() === true;
const isFolder = (path: string) => statOf(path)?.isDirectory() === true;

/** Of what a link leads to; null where it leads nowhere. */
function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
