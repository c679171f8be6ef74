import {copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {type BuildOptions, buildSite, type PageProblem} from "./build.ts";
import {BuildRefused} from "./build-refused.ts";
import {type Evidence, evidencePackets, ofFewerFlows, packedEvidence} from "./evidence.ts";
import type {NotebookConfig} from "./notebook.ts";
import {type PackedFlows, packFlows} from "./packed-flows.ts";
import {singleFile} from "./single-file.ts";

export interface ReportOptions extends BuildOptions {
  /** The page, as `report` or `pages/guests`. */
  readonly page: string;
  /** Bytes that it should not exceed: where all flows do not fit, it holds those that matter to incidents, and a sample. */
  readonly fileBytes?: number;
}

export interface ReportSummary {
  readonly output: string;
  readonly page: string;
  readonly bytes: number;
  readonly flows: number;
  /** Flows of the lake; both are 0 for a page that shows none. */
  readonly ofFlows: number;
  /** Flows of incidents with packets in it. */
  readonly evidence: number;
  readonly problems: readonly PageProblem[];
}

/** What a mail takes, and a browser opens at once. */
const usualFileBytes = 3_000_000;

/** Flows of an incident that have their packets in it, where that makes room for all flows of the lake. */
const fewerFlows = 6;

/** Makes one page of the notebook a file that opens from disk, with the packets of incidents in it. */
export async function buildReport(
  config: NotebookConfig,
  output: string,
  say: (line: string) => void,
  {page, fileBytes = usualFileBytes, inspect, notice, ...options}: ReportOptions
): Promise<ReportSummary> {
  if (existsSync(output) && !statSync(output).isFile())
    throw new BuildRefused(`expected a file to write, found the folder ${output}; nothing was written`);
  if (!config.loaders.findPage(`/${page}`))
    throw new BuildRefused(`expected the name of a page, found no page ${page}`);
  const folder = mkdtempSync(join(tmpdir(), "flowbook-report-"));
  try {
    const site = join(folder, "site");
    const {problems} = await buildSite(config, site, say, {...options, only: page});
    const {lake} = config.loaders;
    const engine = await openLake(lake, {tableFolders: [join(site, "_file")]});
    try {
      const fileWith = (evidence: Evidence) =>
        singleFile({
          site,
          page,
          engine,
          files: packedEvidence(evidence),
          most: fileBytes,
          packFlows,
          notice: (packed) => [notice, packed && sampleWords(packed)].filter(Boolean).join(" ")
        });
      let evidence = await evidencePackets(lake, engine);
      let file = await fileWith(evidence);
      // A few flows short of all are worth more than packets of an incident's lesser flows.
      if (file.packed && file.packed.flows < file.packed.ofFlows && file.packed.flows > 0.8 * file.packed.ofFlows) {
        const less = await ofFewerFlows(engine, evidence, fewerFlows);
        const complete = await fileWith(less);
        if (complete.packed?.flows === file.packed.ofFlows) [evidence, file] = [less, complete];
      }
      const {html, packed} = file;
      const made = join(folder, "report.html");
      writeFileSync(made, html);
      await inspect?.(made);
      const draft = `${output}.${process.pid}.tmp`;
      copyFileSync(made, draft);
      renameSync(draft, output);
      const own = problems.filter((problem) => problem.page === page);
      const held = Object.values(evidence).filter(({reason}) => reason === null).length;
      const {flows = 0, ofFlows = 0} = packed ?? {};
      return {output, page, bytes: Buffer.byteLength(html), flows, ofFlows, evidence: held, problems: own};
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** That a file does not hold all flows, in words; empty where it does. */
function sampleWords({flows, ofFlows}: PackedFlows): string {
  if (flows === ofFlows) return "";
  return `This report holds ${flows.toLocaleString("en")} of ${ofFlows.toLocaleString("en")} flows: those that matter most to each incident, and a sample of the others. Figures are of the flows that it holds.`;
}
