import {resolve} from "node:path";
import {currentNotebook} from "../current-notebook.ts";
import {loaderSettings} from "../loader-settings.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "build",
  usage: "[-o FOLDER] [--tables-mb N] | --single-file [--page NAME] [-o FILE]",
  options: {
    output: {type: "string", short: "o"},
    "tables-mb": {type: "string"},
    "single-file": {type: "boolean"},
    page: {type: "string"}
  },
  help: {
    output: "folder of the site (default dist); a site that is there is replaced, anything else is not",
    "single-file":
      "one page as one HTML file that opens from disk, with the packets of incidents (default report.html)",
    page: "the page of a single file (default report)",
    "tables-mb": "most that the tables of one page with SQL and inputs may take, packed (default 32)"
  },
  readsLake: true,
  async run({lake, json, values}) {
    const [{renew}, {buildSite}, {buildReport}, {openNotebook}, {ownStdout}] = await Promise.all([
      import("../../loaders/results/freshness-renew.ts"),
      import("../../server/notebook/build.ts"),
      import("../../server/notebook/report.ts"),
      import("../../server/notebook/notebook.ts"),
      import("../../server/notebook/quiet.ts")
    ]);
    const {project, folder} = currentNotebook();
    const isSingle = values["single-file"] === true;
    if (!isSingle && values.page !== undefined)
      throw new UserError(exit.usage, "--page: a page is chosen for a single file (--single-file)");
    const output = resolve((values.output as string | undefined) ?? `${folder}/${isSingle ? "report.html" : "dist"}`);
    const {run, heldBy, states} = await renew({lake, project, settings: loaderSettings(), now: Date.now});
    if (!run)
      throw new UserError(exit.limit, `process ${heldBy} is renewing ${lake}`, {hint: "try again when it is done"});
    const broken = states.filter(({freshness, error}) => freshness !== "fresh" || error);
    if (broken.length > 0) {
      const reasons = broken.map(({name, why, error}) => `  ${name}: ${error?.message ?? why.join(", ")}`);
      throw new UserError(exit.stale, `nothing was built, since results are not fresh:\n${reasons.join("\n")}`);
    }
    const print = ownStdout();
    const config = await openNotebook(project, lake);
    const say = (line: string) => console.error(line);
    const options = {tableBytes: tableBytesOf(values["tables-mb"])};
    const page = (values.page as string | undefined) ?? "report";
    const made = isSingle
      ? buildReport(config, output, say, {...options, page})
      : buildSite(config, output, say, options);
    const site = await made.catch((error: Error) => {
      throw new UserError(exit.internal, error.message, {cause: error});
    });
    for (const {page, problem} of site.problems) console.error(`flowbook: ${page}: ${problem}`);
    const megabytes = (site.bytes / 1e6).toFixed(1);
    const words =
      "pages" in site
        ? `${site.pages} pages, ${site.files} files, ${megabytes} MB`
        : `${site.flows} of ${site.ofFlows} flows, packets of ${site.evidence} flows, ${megabytes} MB`;
    print(json ? `${JSON.stringify(site)}\n` : `${site.output}: ${words}\n`);
    return site.problems.length > 0 ? exit.input : exit.ok;
  }
};

function tableBytesOf(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  const megabytes = Number(text);
  if (!(megabytes > 0)) throw new UserError(exit.usage, `--tables-mb: expected a number above 0, found ${text}`);
  return megabytes * 1e6;
}
