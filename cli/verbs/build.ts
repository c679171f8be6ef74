import {existsSync, readFileSync} from "node:fs";
import {join, resolve} from "node:path";
import type {CaseEntry} from "../../src/lib/case.js";
import {currentNotebook} from "../current-notebook.ts";
import {loaderSettings} from "../loader-settings.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "build",
  usage:
    "[-o FOLDER] [--tables-mb N] [--case FILE] [--redact] | --single-file [--page NAME] [--file-mb N] [--case FILE] [-o FILE] [--redact]",
  options: {
    output: {type: "string", short: "o"},
    "tables-mb": {type: "string"},
    "single-file": {type: "boolean"},
    page: {type: "string"},
    "file-mb": {type: "string"},
    case: {type: "string"},
    redact: {type: "boolean"},
    "redact-policy": {type: "string"},
    "redact-key": {type: "string"}
  },
  help: {
    output: "folder of the site (default dist); an existing site is replaced, any other folder is not",
    "single-file":
      "one page as one HTML file that opens from disk, with the packets of incidents (default report.html)",
    page: "page to put into the single file (default report)",
    case: "file that the page Case saved (JSON): it begins the report, with its order, notes and charts",
    "file-mb": "maximum size, in MB, of the single file: flows are sampled where all do not fit (default 3)",
    redact: "remove addresses, names, users, payloads and times (docs/sharing.md); the build fails if one remains",
    "redact-policy": "file that lists what may remain (default: none of these)",
    "redact-key": "file with the key (default ~/.config/flowbook/redact.key, created when first needed)",
    "tables-mb": "maximum compressed size, in MB, of the tables that a page with SQL and inputs includes (default 32)"
  },
  readsLake: true,
  async run({lake: own, json, values}) {
    const [{renew}, {buildSite}, {buildReport}, {openNotebook, resultsOf}, {ownStdout}] = await Promise.all([
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
    const entries = values.case === undefined ? [] : await caseOf(values.case as string);
    const page = (values.page as string | undefined) ?? "report";
    if (entries.length > 0 && isSingle && page !== "report" && page !== "case")
      throw new UserError(exit.usage, `build: a case is shown on the pages report and case; ${page} shows none`);
    const redacted = values.redact ? await redact(own, project, values) : null;
    const lake = redacted?.lake ?? own;
    try {
      return await make();
    } finally {
      redacted?.remove();
    }

    async function make(): Promise<ExitCode> {
      const print = ownStdout();
      const config = await openNotebook(project, lake);
      // What a page says itself is in what it becomes: it is refused before anything is made.
      const source = join(config.root, `${page}.md`);
      if (redacted && isSingle && existsSync(source)) await inspect(source, redacted, own);
      const only = isSingle ? await resultsOf(config, page) : null;
      const {run, heldBy, states} = await renew({lake, project, settings: loaderSettings(), only, now: Date.now});
      if (!run)
        throw new UserError(exit.limit, `build: process ${heldBy} is already renewing the results of ${lake}`, {
          hint: "try again when it has finished"
        });
      const broken = states.filter(({freshness, error}) => freshness !== "fresh" || error);
      if (broken.length > 0) {
        const reasons = broken.map(({name, why, error}) => `  ${name}: ${error?.message ?? why.join(", ")}`);
        throw new UserError(exit.stale, `build: nothing was built, because results are stale:\n${reasons.join("\n")}`);
      }
      const say = (line: string) => console.error(line);
      const said = redacted ? await saidOf(redacted) : null;
      if (said) console.error(`flowbook: ${said}`);
      const options = {
        entries: redacted ? await redactCase(entries, redacted) : entries,
        tableBytes: bytesOf(values, "tables-mb"),
        notice: said,
        ...(redacted && {inspect: (path: string) => inspect(path, redacted, own)})
      };
      const made = isSingle
        ? buildReport(config, output, say, {...options, page, fileBytes: bytesOf(values, "file-mb")})
        : buildSite(config, output, say, options);
      const site = await made.catch((error: Error) => {
        if (error instanceof UserError) throw error;
        const isAsked = error.name === "BuildRefused";
        throw new UserError(isAsked ? exit.usage : exit.internal, `build: ${error.message}`, {cause: error});
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

/** The entries of a file that the page Case saved. */
async function caseOf(file: string): Promise<readonly CaseEntry[]> {
  const {parseCase} = await import("../../src/lib/case.js");
  try {
    return parseCase(readFileSync(resolve(file), "utf8"));
  } catch (error) {
    throw new UserError(exit.input, `build: ${file}: ${(error as Error).message}`, {cause: error});
  }
}

async function redactCase(entries: readonly CaseEntry[], {redaction}: Redacted): Promise<readonly CaseEntry[]> {
  const {redactedCase} = await import("../../loaders/export/redacted-case.ts");
  return redactedCase(entries, redaction);
}

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

async function inspect(path: string, {redaction}: Redacted, lake: string): Promise<void> {
  const {refuseBreaches} = await import("../redacted-lake.ts");
  await refuseBreaches(path, redaction, lake);
}

async function saidOf({redaction, report}: Redacted): Promise<string> {
  const {redactionWords} = await import("../redacted-lake.ts");
  return redactionWords(redaction, report);
}

function bytesOf(values: Invocation["values"], name: string): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const megabytes = Number(text);
  if (!(megabytes > 0)) throw new UserError(exit.usage, `build: --${name}: expected a number above 0, found ${text}`);
  return megabytes * 1e6;
}
