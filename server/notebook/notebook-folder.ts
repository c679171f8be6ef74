import {copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync} from "node:fs";
import {join} from "node:path";

/**
 * A notebook folder as a project: links to the installation with the folder's own pages (below `/pages/`) and loaders
 * (results below `data/own/`) in it, so that an installation serves many notebooks and none writes into it. Lies in
 * `.flowbook` of the folder, and is brought up to date by each call. Returns its path.
 */
export function notebookProject(installation: string, notebook: string): string {
  const project = join(notebook, ".flowbook");
  mkdirSync(join(project, "src/data"), {recursive: true, mode: 0o700});
  for (const folder of ["pages", "loaders"]) mkdirSync(join(notebook, folder), {recursive: true});
  const skipped = new Set(["src", "observablehq.config.ts", ".git", ".flowbook", "dist", "build", "data"]);
  linkAll(installation, project, skipped);
  linkAll(join(installation, "src"), join(project, "src"), new Set(["data", "pages", ".observablehq"]));
  linkAll(join(installation, "src/data"), join(project, "src/data"), new Set(["own"]));
  link(join(notebook, "pages"), join(project, "src/pages"));
  link(join(notebook, "loaders"), join(project, "src/data/own"));
  // Loaders import from the package by its name.
  mkdirSync(join(notebook, "node_modules"), {recursive: true});
  link(installation, join(notebook, "node_modules/flowbook"));
  // The modules of pages are the same for every notebook.
  mkdirSync(join(installation, "src/.observablehq"), {recursive: true});
  link(join(installation, "src/.observablehq"), join(project, "src/.observablehq"));
  // It finds its project by where it lies itself.
  copyFileSync(join(installation, "observablehq.config.ts"), join(project, "observablehq.config.ts"));
  return project;
}

function linkAll(from: string, to: string, skipped: ReadonlySet<string>): void {
  const names = readdirSync(from).filter((name) => !skipped.has(name));
  for (const name of readdirSync(to))
    if (!names.includes(name) && lstatSync(join(to, name)).isSymbolicLink() && !existsSync(join(to, name)))
      rmSync(join(to, name));
  for (const name of names) link(join(from, name), join(to, name));
}

function link(target: string, at: string): void {
  const known = lstatSync(at, {throwIfNoEntry: false});
  if (known?.isSymbolicLink() && readlinkSync(at) === target) return;
  if (known) rmSync(at, {recursive: true});
  symlinkSync(target, at, "junction");
}
