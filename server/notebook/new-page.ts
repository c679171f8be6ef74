import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {isCheckout} from "../../scripts/working-copy.js";

/** A page cannot be made as it was asked for; the message says why. */
export class PageRefused extends Error {
  override readonly name = "PageRefused";
}

/** A page's name is its file's and part of its address. */
export const pageName = /^[a-z0-9][a-z0-9-]{0,63}$/;

/**
 * Where a notebook's own pages lie: its folder `pages`, or the checkout's pages where there is no folder of one's own. Throws
 * for an installed package, which has no place for them.
 */
export function pagesFolder(project: string): string {
  const own = join(project, "src/pages");
  if (existsSync(own)) return own;
  if (isCheckout(project)) return join(project, "src");
  throw new PageRefused(
    "an installed package has no place for pages of your own; flowbook init DIR makes a folder for them"
  );
}

/** Names of the templates that pages can begin from. */
export function pageTemplates(project: string): string[] {
  return readdirSync(templatesFolder(project))
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -".md".length))
    .sort();
}

/** The text of a page that begins from a template. Throws where there is none of that name. */
export function templateText(project: string, template: string, title: string): string {
  const known = pageTemplates(project);
  if (!known.includes(template)) throw new PageRefused(`no template ${template}; there are ${known.join(", ")}`);
  return readFileSync(join(templatesFolder(project), `${template}.md`), "utf8").replaceAll("TITLE", () => title);
}

/** A page's title as its name says it: `dns-of-guests` is `Dns of guests`. */
export function titleOf(name: string): string {
  const words = name.replaceAll("-", " ");
  return words[0].toUpperCase() + words.slice(1);
}

/** Writes a new page; returns its file and its address. Throws where the name is none, or a page is there already. */
export function writePage(project: string, name: string, text: string): {file: string; path: string} {
  if (!pageName.test(name))
    throw new PageRefused(
      `a page's name is of small letters, digits and hyphens, at most 64; found ${JSON.stringify(name)}`
    );
  const folder = pagesFolder(project);
  mkdirSync(folder, {recursive: true});
  const file = join(folder, `${name}.md`);
  try {
    writeFileSync(file, text, {flag: "wx"});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new PageRefused(`page ${name} already exists; nothing was written`);
  }
  return {file, path: folder.endsWith("pages") ? `/pages/${name}` : `/${name}`};
}

const templatesFolder = (project: string) => join(project, "server/notebook/templates");
