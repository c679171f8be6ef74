import {copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {type LakeEngine, openLake} from "../../loaders/lake/duckdb.ts";
import {evidenceName} from "../../src/lib/carried.ts";
import {type BuildOptions, buildSite, type PageProblem} from "./build.ts";
import {evidencePackets} from "./evidence.ts";
import type {NotebookConfig} from "./notebook.ts";
import {singleFile} from "./single-file.ts";

export interface ReportOptions extends BuildOptions {
  /** The page, as `report` or `pages/guests`. */
  readonly page: string;
  /** Flows that it holds at most; beyond them the flows of incidents, and a sample of the others. */
  readonly mostFlows?: number;
}

export interface ReportSummary {
  readonly output: string;
  readonly page: string;
  readonly bytes: number;
  readonly flows: number;
  /** Flows of the lake. */
  readonly ofFlows: number;
  /** Flows of incidents with packets in it. */
  readonly evidence: number;
  readonly problems: readonly PageProblem[];
}

/** More make a file of more than 3 MB. */
const usualFlows = 8000;

/** Makes one page of the notebook a file that opens from disk, with the packets of incidents in it. */
export async function buildReport(
  config: NotebookConfig,
  output: string,
  say: (line: string) => void,
  {page, mostFlows = usualFlows, inspect, notice, ...options}: ReportOptions
): Promise<ReportSummary> {
  if (existsSync(output) && !statSync(output).isFile())
    throw new Error(`expected a file to write, found the folder ${output}; nothing was written`);
  const folder = mkdtempSync(join(tmpdir(), "flowbook-report-"));
  try {
    const site = join(folder, "site");
    const {problems} = await buildSite(config, site, say, options);
    if (!existsSync(join(site, `${page}.html`))) throw new Error(`expected the name of a page, found no page ${page}`);
    const {lake} = config.loaders;
    const engine = await openLake(lake, {tableFolders: [join(site, "_file")]});
    try {
      const evidence = await evidencePackets(lake, engine);
      const {ofFlows, flows, selectOf} = await sampling(engine, mostFlows);
      const html = await singleFile({
        site,
        page,
        engine,
        files: {[evidenceName]: Buffer.from(JSON.stringify(evidence))},
        selectOf,
        notice: [
          notice,
          flows < ofFlows &&
            `This report holds ${flows.toLocaleString("en")} of ${ofFlows.toLocaleString("en")} flows: all flows of incidents, and a sample of the others. Figures are of the flows that it holds.`
        ]
          .filter(Boolean)
          .join(" ")
      });
      const made = join(folder, "report.html");
      writeFileSync(made, html);
      await inspect?.(made);
      const draft = `${output}.${process.pid}.tmp`;
      copyFileSync(made, draft);
      renameSync(draft, output);
      const own = problems.filter((problem) => problem.page === page);
      const held = Object.values(evidence).filter(({reason}) => reason === null).length;
      return {output, page, bytes: Buffer.byteLength(html), flows, ofFlows, evidence: held, problems: own};
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Which flows are packed: all, or those of incidents and of the others every so many, the same in every file. */
async function sampling(engine: LakeEngine, most: number) {
  const of =
    "EXISTS (SELECT 1 FROM incident_flows AS i WHERE i.flow_id = f.flow_id AND i.capture_sha256 = f.capture_sha256)";
  const count = async (where: string) =>
    Number((await engine.query(`SELECT count(*) FROM flows AS f WHERE ${where}`)).rows[0][0]);
  const ofFlows = await count("true");
  if (ofFlows <= most) return {ofFlows, flows: ofFlows, selectOf: undefined};
  const others = await count(`NOT ${of}`);
  const step = Math.ceil(others / Math.max(1, most - (ofFlows - others)));
  const chosen = `(hash(f.flow_id) % ${step} = 0 OR ${of})`;
  return {
    ofFlows,
    flows: await count(chosen),
    // Flows and their details lie in the same order, and have to go on doing so.
    selectOf: (name: string, file: string) =>
      /^data\/flow(s|-details)\.parquet$/.test(name)
        ? `SELECT * EXCLUDE file_row_number FROM read_parquet(${file}, file_row_number = true) AS f
           WHERE ${chosen} ORDER BY file_row_number`
        : `SELECT * FROM read_parquet(${file})`
  };
}
