import {spawnSync} from "node:child_process";
import {createHash} from "node:crypto";
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {bundledStatements, manifestName, sealBundle} from "../../loaders/export/evidence-bundle.ts";
import type {Redaction} from "../../loaders/export/redaction.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {programVersion} from "../../loaders/lake/program-version.ts";
import {modelHash} from "../../models/model.ts";
import {projectRoot} from "../configuration.ts";
import {counted} from "../counted.ts";
import {currentNotebook} from "../current-notebook.ts";
import {loaderSettings} from "../loader-settings.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "bundle",
  usage: "-o FOLDER [--query SQL]… [--page NAME] [--redact] [--sign KEY]",
  options: {
    output: {type: "string", short: "o"},
    query: {type: "string", multiple: true},
    page: {type: "string"},
    redact: {type: "boolean"},
    "redact-policy": {type: "string"},
    "redact-key": {type: "string"},
    sign: {type: "string"}
  },
  help: {
    output: "folder of the bundle, which must not exist yet",
    query: "an additional SQL query whose result is bundled; may be given several times",
    page: "page shown in the report of the bundle (default report)",
    redact: "remove addresses, names, users, payloads and times (docs/sharing.md); fails if one remains",
    "redact-policy": "file that lists what may remain (default: none of these)",
    "redact-key": "file with the key (default ~/.config/flowbook/redact.key, created when first needed)",
    sign: "private SSH key to sign the manifest with (ssh-keygen -Y sign)"
  },
  readsLake: true,
  async run({lake: own, json, values}) {
    if (!values.output) throw new UserError(exit.usage, "bundle: expected -o FOLDER, found no folder for the bundle");
    const output = resolve(values.output as string);
    if (existsSync(output)) throw new UserError(exit.usage, `bundle: ${output} already exists; nothing was written`);
    const [{renew}, {buildReport}, {openNotebook, resultsOf}, {ownStdout}] = await Promise.all([
      import("../../loaders/results/freshness-renew.ts"),
      import("../../server/notebook/report.ts"),
      import("../../server/notebook/notebook.ts"),
      import("../../server/notebook/quiet.ts")
    ]);
    const {project} = currentNotebook();
    const {refuseBreaches, redactedLake, redactionWords} = await import("../redacted-lake.ts");
    const [policy, key] = [values["redact-policy"], values["redact-key"]] as (string | undefined)[];
    const redacted = values.redact ? await redactedLake(own, project, policy, key) : null;
    const lake = redacted?.lake ?? own;
    const notice = redacted ? redactionWords(redacted.redaction, redacted.report) : null;
    if (notice) console.error(`flowbook: ${notice}`);
    const print = ownStdout();
    const draft = `${output}.${process.pid}.tmp`;
    mkdirSync(draft, {recursive: true, mode: 0o700});
    try {
      const asked = ((values.query as string[] | undefined) ?? []).map((sql, k) => [`query-${k + 1}`, sql] as const);
      if (redacted) await refuseStatements(draft, asked, redacted.redaction, own);
      const page = (values.page as string | undefined) ?? "report";
      const config = await openNotebook(project, lake);
      const only = await resultsOf(config, page);
      await renew({lake, project, settings: loaderSettings(), only, now: Date.now});
      await buildReport(config, join(draft, "report.html"), (line) => console.error(line), {page, notice});
      const engine = await openLake(lake);
      try {
        const manifest = await sealBundle(
          draft,
          engine,
          {...bundledStatements, ...Object.fromEntries(asked)},
          {...versions(), ...(notice && {redacted: notice})}
        );
        if (redacted) await refuseBreaches(draft, redacted.redaction, own);
        if (values.sign) sign(draft, resolve(values.sign as string));
        renameSync(draft, output);
        const {captures, queries} = manifest;
        print(
          json
            ? `${JSON.stringify({output, manifest})}\n`
            : `${output}: ${counted(captures.length, "capture")}, ${counted(queries.length, "statement")}\n`
        );
      } finally {
        await engine.close();
      }
    } finally {
      rmSync(draft, {recursive: true, force: true});
      redacted?.remove();
    }
    return exit.ok;
  }
};

/** Statements are in the bundle as they are: one that names an original is refused before anything is made. */
async function refuseStatements(
  draft: string,
  asked: readonly (readonly [string, string])[],
  redaction: Redaction,
  lake: string
): Promise<void> {
  const {refuseBreaches} = await import("../redacted-lake.ts");
  const file = join(draft, "statements.json");
  writeFileSync(file, JSON.stringify(asked));
  await refuseBreaches(file, redaction, lake);
  rmSync(file);
}

/** What made the answers: another version, model or rules may answer otherwise. */
export function versions() {
  const folder = join(projectRoot, "models/rules");
  const hash = createHash("sha256");
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .sort())
    hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return {
    flowbook: programVersion(),
    madeAt: new Date().toISOString(),
    model: modelHash(join(projectRoot, "models")) ?? "none",
    rules: hash.digest("hex")
  };
}

function sign(folder: string, key: string): void {
  const {status, stderr, error} = spawnSync(
    "ssh-keygen",
    ["-Y", "sign", "-f", key, "-n", "flowbook", join(folder, manifestName)],
    {
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"]
    }
  );
  if (status !== 0)
    throw new UserError(exit.input, `bundle: the manifest could not be signed: ${error?.message ?? stderr.trim()}`);
}
