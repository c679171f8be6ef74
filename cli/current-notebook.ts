import {statSync} from "node:fs";
import {notebookProject} from "../server/notebook/notebook-folder.ts";
import {projectRoot, readConfiguration, workFolder} from "./configuration.ts";
import {exit, UserError} from "./verb.ts";

/** The notebook that a verb works on. */
export interface CurrentNotebook {
  /** Where its pages, loaders and modules are found. */
  readonly project: string;
  /** Where its sites go unless told otherwise. */
  readonly folder: string;
}

/** The notebook folder that `flowbook.toml` names, else the checkout's or the package's own pages. */
export function currentNotebook(): CurrentNotebook {
  const {notebook} = readConfiguration();
  if (!notebook) return {project: projectRoot, folder: workFolder};
  if (!statSync(notebook, {throwIfNoEntry: false})?.isDirectory())
    throw new UserError(exit.configuration, `notebook: ${notebook} is no folder`, {
      hint: "flowbook init DIR creates a notebook folder"
    });
  return {project: notebookProject(projectRoot, notebook), folder: notebook};
}
