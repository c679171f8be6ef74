import {realpathSync} from "node:fs";
import {PageRefused, pageTemplates, templateText, titleOf, writePage} from "../../server/notebook/new-page.ts";
import {projectRoot} from "../configuration.ts";
import {currentNotebook} from "../current-notebook.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "new",
  usage: "page NAME [--template blank|investigation|host|compare|weekly|performance] [--title TEXT]",
  options: {template: {type: "string", default: "blank"}, title: {type: "string"}},
  help: {template: "template of the page (default blank)", title: "title of the page (default: its name)"},
  async run({positionals, values, json}) {
    const [kind, name, ...rest] = positionals;
    if (kind !== "page" || !name || rest.length > 0)
      throw new UserError(exit.usage, `new: expected page NAME, found ${JSON.stringify(positionals.join(" "))}`, {
        hint: `templates: ${pageTemplates(projectRoot).join(", ")}`
      });
    const {project} = currentNotebook();
    try {
      const title = (values.title as string | undefined) ?? titleOf(name);
      const page = writePage(project, name, templateText(project, String(values.template), title));
      const file = realpathSync(page.file);
      console.log(json ? JSON.stringify({...page, file}) : file);
      console.error(
        `flowbook: a notebook that runs shows it at ${page.path}.html, and follows each save; else: flowbook start`
      );
      return exit.ok;
    } catch (error) {
      if (error instanceof PageRefused) throw new UserError(exit.usage, `new: ${error.message}`, {cause: error});
      throw error;
    }
  }
};
