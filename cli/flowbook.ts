import {parseArgs} from "node:util";
import {takeSecrets} from "../alerts/secrets.ts";
import {readConfiguration} from "./configuration.ts";
import {nearest} from "./nearest.ts";
import {type ExitCode, exit, UserError, type Verb} from "./verb.ts";

/** Every verb, in the order of `flowbook --help`; each is loaded only when it is called. */
const verbs: Record<string, () => Promise<{verb: Verb}>> = {
  start: () => import("./verbs/start.ts"),
  import: () => import("./verbs/import.ts"),
  capture: () => import("./verbs/capture.ts"),
  query: () => import("./verbs/query.ts"),
  export: () => import("./verbs/export.ts"),
  rules: () => import("./verbs/rules.ts"),
  notices: () => import("./verbs/notices.ts"),
  alerts: () => import("./verbs/alerts.ts"),
  run: () => import("./verbs/run.ts"),
  build: () => import("./verbs/build.ts"),
  interfaces: () => import("./verbs/interfaces.ts"),
  doctor: () => import("./verbs/doctor.ts"),
  gc: () => import("./verbs/gc.ts"),
  lab: () => import("./verbs/lab.ts"),
  vary: () => import("./verbs/vary.ts"),
  train: () => import("./verbs/train.ts"),
  models: () => import("./verbs/models.ts"),
  score: () => import("./verbs/score.ts")
};

const common = {
  lake: {type: "string"},
  json: {type: "boolean"},
  help: {type: "boolean", short: "h"}
} as const;

/** Runs one command line; resolves with its exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch(args);
  } catch (error) {
    if (error instanceof UserError) {
      console.error(`flowbook: ${error.message}`);
      if (error.hint) console.error(`  ${error.hint}`);
      return error.code;
    }
    console.error(error);
    return exit.internal;
  }
}

async function dispatch([name, ...rest]: readonly string[]): Promise<ExitCode> {
  const secrets = takeSecrets(process.env);
  if (!name || name === "help" || name === "--help" || name === "-h") {
    await printVerbs();
    return name ? exit.ok : exit.usage;
  }
  const load = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!load) throw new UserError(exit.usage, `no verb ${name}${nearest(name, Object.keys(verbs))}`);
  const {verb} = await load();
  const {values, positionals} = parse(verb, rest);
  if (values.help) {
    printUsage(verb);
    return exit.ok;
  }
  const {lake} = readConfiguration({lake: values.lake as string | undefined});
  return verb.run({positionals, values, lake, json: values.json === true, secrets});
}

function parse(verb: Verb, args: string[]) {
  try {
    return parseArgs({args, options: {...common, ...verb.options}, allowPositionals: true, strict: true});
  } catch (error) {
    const message = (error as Error).message.split(". To specify")[0];
    throw new UserError(exit.usage, `${verb.name}: ${message}`, {hint: `flowbook ${verb.name} ${verb.usage}`});
  }
}

async function printVerbs() {
  console.log("flowbook VERB …\n");
  for (const [name, load] of Object.entries(verbs)) console.log(`  ${name.padEnd(12)}${(await load()).verb.summary}`);
  console.log("\nflowbook VERB --help tells its options. Every verb takes --lake DIR and --json.");
}

function printUsage(verb: Verb) {
  console.log(`flowbook ${verb.name} ${verb.usage}\n\n${verb.summary}\n`);
  const lines = {...verb.help, lake: "folder of the lake (default data/lake)", json: "print one JSON object on stdout"};
  for (const [option, text] of Object.entries(lines)) console.log(`  --${option.padEnd(16)}${text}`);
}
