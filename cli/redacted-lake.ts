import {randomBytes} from "node:crypto";
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {homedir, tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";
import {parse} from "smol-toml";
import {type RedactionReport, writeRedactedLake} from "../loaders/export/redacted-lake.ts";
import {Redaction, type RedactionPolicy, strictPolicy} from "../loaders/export/redaction.ts";
import {tableInputs} from "../loaders/results/freshness-inputs.ts";
import {readLedger, writeLedger} from "../loaders/results/freshness-ledger.ts";
import {scoringInputs} from "../loaders/results/freshness-scoring.ts";
import {nearest} from "./nearest.ts";
import {exit, UserError} from "./verb.ts";

export interface RedactedLake {
  readonly lake: string;
  readonly redaction: Redaction;
  readonly report: RedactionReport;
  remove(): void;
}

/** A lake without what the policy keeps back, in a temporary folder of this user's alone. */
export async function redactedLake(
  lake: string,
  project: string,
  policyFile: string | undefined,
  keyFile: string | undefined
): Promise<RedactedLake> {
  const redaction = redactionOf(policyFile, keyFile);
  const folder = mkdtempSync(join(tmpdir(), "flowbook-redacted-"));
  const remove = () => rmSync(folder, {recursive: true, force: true});
  try {
    const redacted = join(folder, "lake");
    const report = await writeRedactedLake(lake, redacted, redaction);
    // Its verdicts and incidents came with it.
    const {inputs, parts} = await tableInputs(redacted, {});
    const scored = scoringInputs(project, inputs["table features"]);
    writeLedger(redacted, {...readLedger(redacted), parts, scored});
    return {lake: redacted, redaction, report, remove};
  } catch (error) {
    remove();
    throw error;
  }
}

/** A redaction by a policy's file (without one nothing stays) and a key's file. */
export function redactionOf(policyFile: string | undefined, keyFile: string | undefined): Redaction {
  return new Redaction(policyFile ? readPolicy(policyFile) : strictPolicy, keyOf(keyFile));
}

const choices: Readonly<Record<Exclude<keyof RedactionPolicy, "suffixes">, readonly string[]>> = {
  addresses: ["prefix", "keep"],
  names: ["hash", "keep"],
  users: ["off", "keep"],
  payload: ["off", "keep"],
  times: ["shift", "keep"]
};

function readPolicy(file: string): RedactionPolicy {
  let content: Record<string, unknown>;
  try {
    content = parse(readFileSync(resolve(file), "utf8"));
  } catch (error) {
    throw new UserError(exit.configuration, `${file}: ${(error as Error).message}`, {cause: error});
  }
  for (const [name, value] of Object.entries(content)) {
    if (name === "suffixes") {
      if (!Array.isArray(value) || value.some((each) => typeof each !== "string"))
        throw new UserError(exit.configuration, `${file}: suffixes: expected an array of domains`);
      continue;
    }
    const known = choices[name as keyof typeof choices];
    if (!known)
      throw new UserError(
        exit.configuration,
        `${file}: no setting ${name}${nearest(name, [...Object.keys(choices), "suffixes"])}`
      );
    if (!known.includes(String(value)))
      throw new UserError(
        exit.configuration,
        `${file}: ${name}: expected ${known.join(" or ")}, found ${JSON.stringify(value)}`
      );
  }
  const suffixes = ((content.suffixes as string[] | undefined) ?? []).map((domain) => domain.toLowerCase());
  return {...strictPolicy, ...content, suffixes};
}

/** The key stays: with it, the same address is redacted alike in the next report. It is made when it is first needed. */
function keyOf(given: string | undefined): Uint8Array {
  const home = process.env.XDG_CONFIG_HOME ?? join(process.env.HOME || homedir(), ".config");
  const file = given ? resolve(given) : join(home, "flowbook/redact.key");
  if (!existsSync(file)) {
    mkdirSync(dirname(file), {recursive: true});
    writeFileSync(file, `${randomBytes(32).toString("hex")}\n`, {mode: 0o600, flag: "wx"});
    console.error(`flowbook: a new key for redaction: ${file}`);
  }
  const text = readFileSync(file, "utf8").trim();
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new UserError(exit.configuration, `${file}: expected a key of 64 hexadecimal digits`);
  return Buffer.from(text, "hex");
}

const mostTold = 10;

/** Looks for originals in what was made, before it goes where it was asked for. */
export async function refuseBreaches(path: string, {originals}: Redaction, lake: string): Promise<void> {
  const {findBreaches} = await import("../loaders/export/breaches.ts");
  const breaches = await findBreaches(path, originals, lake);
  if (breaches.length === 0) return;
  const told = breaches.slice(0, mostTold).map(({file, what, text}) => `  ${file}: the ${what} ${text}`);
  throw new UserError(
    exit.stale,
    `nothing was built, since ${breaches.length} originals are in it:\n${told.join("\n")}`
  );
}

/** What was redacted, in a sentence. */
export function redactionWords({policy}: Redaction, {counts, leftOut, shiftedBy}: RedactionReport): string {
  const count = (kind: keyof typeof counts, many: string) => `${(counts[kind] ?? 0).toLocaleString("en")} ${many}`;
  const parts = [
    policy.addresses === "prefix" && `${count("address", "addresses")} replaced with their prefixes kept`,
    policy.names === "hash" && `${count("name", "names")} hashed`,
    policy.users === "off" && `${count("user", "users")} hashed`,
    policy.payload === "off" && `${count("payload", "texts of payloads")} removed, no packets`,
    shiftedBy !== null && `times moved by ${shiftedBy}`,
    leftOut.length > 0 && `left out: ${leftOut.join(", ")}`
  ];
  return `Redacted: ${parts.filter(Boolean).join("; ")}.`;
}
