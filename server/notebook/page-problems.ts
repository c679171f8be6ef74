import type {LoaderResolver, Page} from "@observablehq/framework/dist/loader.js";
import {parseMarkdown} from "./framework-modules.ts";

/** A page in the place of one that cannot be shown: its name, and what is wrong with it. */
export function problemPage(path: string, problem: string, options: object): Page {
  const name = path.replace(/^\//, "");
  const text = `# ${name}\n\nThis page cannot be shown; the others can.\n\n<pre class="observablehq--inspect observablehq--error">${escaped(problem)}</pre>\n`;
  return parseMarkdown(text, {source: `${name}.md`, ...options, path});
}

/** Text that is no markup, and no expression of Framework's. */
function escaped(text: string): string {
  return text.replace(/[&<>$`{}\\]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The error of a page's loading in words; a file that is not there is named from the pages' folder. */
export function problemOf(error: unknown, {root}: LoaderResolver): string {
  const {code, path, message} = error as NodeJS.ErrnoException;
  if (code === "ENOENT" && path) return `${path.replace(`${root}/`, "")} is not there`;
  return message.replaceAll(`${root}/`, "");
}
