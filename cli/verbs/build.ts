import {resolve} from "node:path";
import {currentNotebook} from "../current-notebook.ts";
import {loaderSettings} from "../loader-settings.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "build",
  usage: "[-o FOLDER] [--tables-mb N] [--redact] | --single-file [--page NAME] [--file-mb N] [-o FILE] [--redact]",
  options: {
    output: {type: "string", short: "o"},
    "tables-mb": {type: "string"},
    "single-file": {type: "boolean"},
    page: {type: "string"},
    "file-mb": {type: "string"},
    redact: {type: "boolean"},
    "redact-policy": {type: "string"},
    "redact-key": {type: "string"}
  },
  help: {
    output: "folder of the site (default dist); an existing site is replaced, any other folder is not",
    "single-file":
      "one page as one HTML file that opens from disk, with the packets of incidents (default report.html)",
    page: "page to put into the single file (default report)",
    "file-mb": "maximum size, in MB, of the single file: flows are sampled where all do not fit (default 3)",
    redact: "remove addresses, names, users, payloads and times (docs/sharing.md); the build fails if one remains",
    "redact-policy": "file that lists what may remain (default: none of these)",
    "redact-key": "file with the key (default ~/.config/flowbook/redact.key, created when first needed)",
    "tables-mb": "maximum compressed size, in MB, of the tables that a page with SQL and inputs includes (default 32)"
  },
  readsLake: true,
  async run({lake: own, json, values}) {
    const [{renew}, {buildSite}, {buildReport}, {openNotebook}, {ownStdout}] = await Promise.all([
      import("../../loaders/results/freshness-renew.ts"),
      import("../../server/notebook/build.ts"),
      import("../../server/notebook/report.ts"),
      import("../../server/notebook/notebook.ts"),
      import("../../server/notebook/quiet.ts")
    ]);
    const {project, folder} = currentNotebook();
    const isSingle = values["single-file"] === true;
    for (const name of ["page", "file-mb"])
      if (!isSingle && values[name] !== undefined)
        throw new UserError(exit.usage, `build: --${name} needs --single-file`);
    const output = resolve((values.output as string | undefined) ?? `${folder}/${isSingle ? "report.html" : "dist"}`);
    if (!values.redact && (values["redact-policy"] !== undefined || values["redact-key"] !== undefined))
      throw new UserError(exit.usage, "build: --redact-policy and --redact-key need --redact");
    const redacted = values.redact ? await redact(own, project, values) : null;
    const lake = redacted?.lake ?? own;
    try {
      return await make();
    } finally {
      redacted?.remove();
    }

    async function make(): Promise<ExitCode> {
      const {run, heldBy, states} = await renew({lake, project, settings: loaderSettings(), now: Date.now});
      if (!run)
        throw new UserError(exit.limit, `build: process ${heldBy} is already renewing the results of ${lake}`, {
          hint: "try again when it has finished"
        });
      const broken = states.filter(({freshness, error}) => freshness !== "fresh" || error);
      if (broken.length > 0) {
        const reasons = broken.map(({name, why, error}) => `  ${name}: ${error?.message ?? why.join(", ")}`);
        throw new UserError(exit.stale, `build: nothing was built, because results are stale:\n${reasons.join("\n")}`);
      }
      const print = ownStdout();
      const config = await openNotebook(project, lake);
      const say = (line: string) => console.error(line);
      const said = redacted ? await saidOf(redacted) : null;
      if (said) console.error(`flowbook: ${said}`);
      const options = {
        tableBytes: bytesOf(values, "tables-mb"),
        notice: said,
        ...(redacted && {inspect: (path: string) => refuseBreaches(path, redacted, own)})
      };
      const page = (values.page as string | undefined) ?? "report";
      const made = isSingle
        ? buildReport(config, output, say, {...options, page, fileBytes: bytesOf(values, "file-mb")})
        : buildSite(config, output, say, options);
      const site = await made.catch((error: Error) => {
        throw error instanceof UserError ? error : new UserError(exit.internal, error.message, {cause: error});
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
  }
};

type Redacted = Awaited<ReturnType<typeof redact>>;

async function redact(lake: string, project: string, values: Invocation["values"]) {
  const {redactedLake} = await import("../redacted-lake.ts");
  return redactedLake(
    lake,
    project,
    values["redact-policy"] as string | undefined,
    values["redact-key"] as string | undefined
  );
}

async function saidOf({redaction, report}: Redacted): Promise<string> {
  const {redactionWords} = await import("../redacted-lake.ts");
  return redactionWords(redaction, report);
}

const mostTold = 10;

/** Looks for originals in what was built, before it goes where it was asked for. */
async function refuseBreaches(path: string, {redaction}: Redacted, lake: string): Promise<void> {
  const {findBreaches} = await import("../../loaders/export/breaches.ts");
  const breaches = await findBreaches(path, redaction.originals, lake);
  if (breaches.length === 0) return;
  const told = breaches.slice(0, mostTold).map(({file, what, text}) => `  ${file}: the ${what} ${text}`);
  throw new UserError(
    exit.stale,
    `nothing was built, since ${breaches.length} originals are in it:\n${told.join("\n")}`
  );
}

function bytesOf(values: Invocation["values"], name: string): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const megabytes = Number(text);
  if (!(megabytes > 0)) throw new UserError(exit.usage, `build: --${name}: expected a number above 0, found ${text}`);
  return megabytes * 1e6;
}
