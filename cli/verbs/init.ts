import {existsSync, mkdirSync, readdirSync, writeFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {templateText} from "../../server/notebook/new-page.ts";
import {projectRoot} from "../configuration.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "init",
  usage: "DIR",
  options: {},
  async run({positionals, json}) {
    const [named, ...rest] = positionals;
    if (!named || rest.length > 0) throw new UserError(exit.usage, "init: expected one folder");
    const folder = resolve(named);
    if (existsSync(join(folder, "flowbook.toml")))
      throw new UserError(exit.usage, `init: ${folder} already contains a flowbook.toml; nothing was written`);
    if (existsSync(folder) && readdirSync(folder).some((name) => !name.startsWith(".")))
      throw new UserError(exit.usage, `init: expected an empty folder, found files in ${folder}; nothing was written`);
    for (const name of ["pages", "loaders"]) mkdirSync(join(folder, name), {recursive: true});
    writeFileSync(join(folder, "flowbook.toml"), settings);
    writeFileSync(join(folder, ".gitignore"), "/lake/\n/dist/\n/.flowbook/\n/node_modules/\n");
    // Loaders are modules.
    writeFileSync(join(folder, "package.json"), '{"private": true, "type": "module"}\n');
    writeFileSync(join(folder, "pages/first.md"), templateText(projectRoot, "blank", "First page"));
    if (json) console.log(JSON.stringify({folder}));
    else {
      console.log(folder);
      console.error(
        `flowbook: next: cd ${named} and flowbook start --edit; docs/write-a-page.md tells how to write pages`
      );
    }
    return exit.ok;
  }
};

const settings = `# Settings of this notebook, for every verb that is called in this folder.
notebook = "."
lake = "lake"
`;
