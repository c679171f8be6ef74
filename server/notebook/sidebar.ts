import {existsSync, readdirSync} from "node:fs";
import {join} from "node:path";
import {beginningOf, isFile} from "./page-files.ts";

/** A page in the sidebar. */
export interface ListedPage {
  readonly name: string;
  readonly path: string;
}

/** Pages under a heading, which a reader opens and closes. */
export interface Chapter {
  readonly name: string;
  /** Whether its pages are in sight from the start. */
  readonly open: boolean;
  readonly pages: readonly ListedPage[];
}

/** A chapter as Framework has it. */
export type Section = Chapter & {readonly collapsible: true; readonly path: null; readonly pager: null};

const readersChapter = "Your pages";

/**
 * The sidebar: of each chapter the pages that are there, and those that readers put beside them. A chapter without pages is
 * left out.
 */
export function sidebar(root: string, chapters: readonly Chapter[]): Section[] {
  const own = chapters
    .filter(({name}) => name !== readersChapter)
    .map(({name, open, pages}) => ({
      name,
      open,
      pages: pages.filter(({path}) => existsSync(join(root, `${path}.md`)))
    }));
  const readers = readersPages(
    root,
    own.flatMap(({pages}) => pages)
  );
  return [...own, {name: readersChapter, open: true, pages: readers}]
    .filter(({pages}) => pages.length > 0)
    .map((chapter) => ({...chapter, collapsible: true, path: null, pager: null}));
}

/** Pages that readers put beside the notebook's own, and those in its folder `pages`, under their titles, by file name. */
function readersPages(root: string, own: readonly ListedPage[]): ListedPage[] {
  return [...pagesIn(root, ""), ...pagesIn(root, "pages")].filter(
    ({path}) => path !== "/404" && !own.some((page) => page.path === path)
  );
}

function pagesIn(root: string, folder: string): ListedPage[] {
  return namesIn(join(root, folder))
    .filter((file) => file.endsWith(".md") && !/^\.|\[/.test(file) && isFile(join(root, folder, file)))
    .sort()
    .map((file) => {
      const name = file.slice(0, -".md".length);
      const path = `/${folder}${folder && "/"}${name}`;
      return {name: titleIn(join(root, folder, file)) ?? name.replaceAll("-", " "), path};
    });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The title of its front matter, or its first heading. */
function titleIn(file: string): string | null {
  try {
    const text = beginningOf(file, 4096);
    const front = /^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? "";
    const title = /^title:\s*(["']?)(.+)\1\s*$/m.exec(front)?.[2] ?? /^#\s+(.+)$/m.exec(text)?.[1];
    return title?.trim().slice(0, 60) || null;
  } catch {
    return null;
  }
}
