import {statSync} from "node:fs";
import {parseArgs} from "node:util";
import {takeSecrets} from "../alerts/secrets.ts";
import {foreignEntry} from "../capture/partitions/foreign-entries.ts";
import {takeStoreCredentials} from "../capture/store/credentials.ts";
import {isStoreUrl} from "../capture/store/place.ts";
import {readConfiguration} from "./configuration.ts";
import {diskProblem} from "./disk-problem.ts";
import {nearest} from "./nearest.ts";
import {printable} from "./progress.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "./verb.ts";

export {guardTerminal} from "./terminal-text.ts";

/**
 * Every verb, in the order of `flowbook --help`, with what it does in a line. Its code is loaded only when it is called,
 * so that help costs nothing.
 */
const verbs: Record<string, {summary: string; load: () => Promise<{verb: Verb}>}> = {
  start: {
    summary: "serve the notebook on this machine; a new lake begins with the demo capture",
    load: () => import("./verbs/start.ts")
  },
  import: {
    summary:
      "import captures (files, folders, pipes, - for standard input) into the lake and score their flows; also logs of flows (Zeek, Suricata, NetFlow, IPFIX, NFStream, CICFlowMeter)",
    load: () => import("./verbs/import.ts")
  },
  capture: {
    summary: "capture packets from an interface into the lake until interrupted; flows are scored as they end",
    load: () => import("./verbs/capture.ts")
  },
  query: {
    summary:
      "run SQL over the lake's tables (flows, verdicts, incidents, incident_flows, notices, activities, captures, dns, http, tls, ssh, ftp, smb, features; in the names of others: cicflowmeter, cicids2017, zeek_conn, zeek_dns, zeek_http, zeek_ssl, ecs, ocsf, ipfix)",
    load: () => import("./verbs/query.ts")
  },
  export: {
    summary: "write all or selected rows of a table to a file, or the packets of flows as pcap",
    load: () => import("./verbs/export.ts")
  },
  rules: {
    summary:
      "list the detection rules with their limits, test them on their fixtures, or apply them to the lake's captures",
    load: () => import("./verbs/rules.ts")
  },
  incidents: {
    summary: "list the incidents of the lake's captures, show one with its flows, or label one",
    load: () => import("./verbs/incidents.ts")
  },
  notices: {
    summary: "list the notices (findings of rules) of the lake's captures, and review them",
    load: () => import("./verbs/notices.ts")
  },
  alerts: {
    summary: "show the receivers of alerts, send a test message, or send pending alerts",
    load: () => import("./verbs/alerts.ts")
  },
  watch: {
    summary: "import each capture of a folder once it is complete, and renew what pages show, until interrupted",
    load: () => import("./verbs/watch.ts")
  },
  init: {
    summary: "make a notebook folder with its own pages, loaders, settings and lake, apart from the installation",
    load: () => import("./verbs/init.ts")
  },
  new: {
    summary: "write a new page from a template",
    load: () => import("./verbs/new.ts")
  },
  run: {
    summary: "renew the results that pages show, where their inputs have changed",
    load: () => import("./verbs/run.ts")
  },
  build: {
    summary: "make a static site of the notebook and its data, for any file server",
    load: () => import("./verbs/build.ts")
  },
  bundle: {
    summary: "make a bundle of evidence: a report, queries with their results, and hashes of all inputs",
    load: () => import("./verbs/bundle.ts")
  },
  verify: {
    summary: "check a bundle of evidence, and with its captures run all queries again; lists each difference",
    load: () => import("./verbs/verify.ts")
  },
  sync: {
    summary: "fetch what sensors sent to an object store into the lake, or send this lake's parts",
    load: () => import("./verbs/sync.ts")
  },
  forget: {
    summary: "remove a capture and everything derived from it; CAPTURE is its path or the first digits of its hash",
    load: () => import("./verbs/forget.ts")
  },
  interfaces: {
    summary: "list the interfaces that packets can be captured from",
    load: () => import("./verbs/interfaces.ts")
  },
  doctor: {
    summary: "check this machine and the lake; print what is missing, and the remedy",
    load: () => import("./verbs/doctor.ts")
  },
  gc: {
    summary: "merge small parts of the lake, and remove data beyond the limits of age and size",
    load: () => import("./verbs/gc.ts")
  },
  lab: {
    summary: "make labelled captures with real tools in network namespaces (needs root)",
    load: () => import("./verbs/lab.ts")
  },
  vary: {
    summary: "derive a labelled capture from one that the lab made: cut, thinned, stretched, with other addresses",
    load: () => import("./verbs/vary.ts")
  },
  label: {
    summary: "say what a host's or a stretch's traffic is, to train on it",
    load: () => import("./verbs/label.ts")
  },
  train: {
    summary: "train the models on labelled captures and ordinary traffic (needs Python)",
    load: () => import("./verbs/train.ts")
  },
  models: {
    summary: "show the models of a folder, and whether they can be used",
    load: () => import("./verbs/models.ts")
  },
  score: {
    summary: "score the lake's flows that this model has not scored yet",
    load: () => import("./verbs/score.ts")
  }
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

/** Runs a verb; where a disk was full or closed to it, that is what its failure says. */
async function perform(verb: Verb, invocation: Invocation): Promise<ExitCode> {
  try {
    const code = await verb.run(invocation);
    if (!verb.readsLake || verb.needsNoLake?.(invocation.values)) return code;
    const {tellDamage} = await import("./told-damage.ts");
    return tellDamage(invocation.lake) && code === exit.ok ? exit.input : code;
  } catch (error) {
    // What a verb says in words of its own stands, unless it only hands on what failed.
    if (error instanceof UserError && error.code !== exit.internal && error.code !== exit.stale) throw error;
    throw diskProblem(error, invocation.lake) ?? error;
  } finally {
    if (process.getuid?.() === 0) (await import("./leave-root.ts")).giveBack(invocation.lake);
  }
}

/**
 * The folder that a lake is named by; throws where it is an address, where a verb that reads finds nothing there, and
 * where it holds what is neither a file nor a folder.
 */
function checkLake(verb: Verb, lake: string, given: string | undefined, isNeeded: boolean): void {
  if (given !== undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(given))
    throw new UserError(exit.usage, `--lake: expected a folder, found the address ${given}`, {
      hint: "a lake in an object store is named s3://BUCKET/PREFIX: see docs/scale.md"
    });
  if (isNeeded && !statSync(lake, {throwIfNoEntry: false})?.isDirectory())
    throw new UserError(exit.input, `${verb.name}: there is no lake at ${lake}`, {
      hint: "flowbook import PATH… makes one; --lake DIR chooses another"
    });
  const foreign = foreignEntry(lake);
  if (foreign)
    throw new UserError(
      exit.input,
      `${printable(foreign.path)} is ${foreign.kind}: expected files and folders alone in a lake`,
      {
        hint: "remove it; a lake on another disk is named as a whole with --lake DIR"
      }
    );
}

async function dispatch([name, ...rest]: readonly string[]): Promise<ExitCode> {
  const secrets = takeSecrets(process.env);
  const storeKeys = takeStoreCredentials(process.env);
  if (!name || name === "help" || name === "--help" || name === "-h") {
    printVerbs();
    return name ? exit.ok : exit.usage;
  }
  if (name === "version" || name === "--version" || name === "-V") {
    const {programVersion} = await import("../loaders/lake/program-version.ts");
    console.log(`flowbook ${programVersion()} (Node ${process.versions.node}, ${process.platform} ${process.arch})`);
    return exit.ok;
  }
  const known = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!known) throw new UserError(exit.usage, `no verb ${name}${nearest(name, Object.keys(verbs))}`);
  const {verb} = await known.load();
  const {values, positionals} = parse(verb, rest);
  if (values.help) {
    printUsage(verb, known.summary);
    return exit.ok;
  }
  const given = (values.lake as string | undefined) ?? process.env.FLOWBOOK_LAKE;
  const {lake: named} = readConfiguration({lake: given});
  const isMirrored = isStoreUrl(named);
  if (isMirrored && verb.writesParts)
    throw new UserError(exit.usage, `${name}: expected a folder as the lake, found ${named}`, {
      hint: "--lake DIR names the folder, --store s3://… the store that its parts are sent to"
    });
  const lake = isMirrored ? await (await import("./store.ts")).mirroredLake(named, storeKeys) : named;
  const isNeeded = verb.readsLake === true && verb.needsNoLake?.(values) !== true;
  checkLake(verb, lake, isMirrored ? lake : given, isNeeded);
  return perform(verb, {positionals, values, lake, json: values.json === true, secrets, storeKeys});
}

function parse(verb: Verb, args: string[]) {
  try {
    return parseArgs({args, options: {...common, ...verb.options}, allowPositionals: true, strict: true});
  } catch (error) {
    const message = (error as Error).message.split(". To specify")[0];
    throw new UserError(exit.usage, `${verb.name}: ${message}`, {hint: `flowbook ${verb.name} ${verb.usage}`});
  }
}

function printVerbs() {
  console.log("flowbook VERB …\n");
  for (const [name, {summary}] of Object.entries(verbs)) console.log(`  ${name.padEnd(12)}${summary}`);
  console.log(
    "\nflowbook VERB --help lists its options. Every verb takes --lake DIR and --json. flowbook --version names the version."
  );
}

function printUsage(verb: Verb, summary: string) {
  console.log(`flowbook ${verb.name} ${verb.usage}\n\n${summary}\n`);
  const lines = {...verb.help, lake: "folder of the lake (default data/lake)", json: "print one JSON object on stdout"};
  for (const [option, text] of Object.entries(lines)) console.log(`  --${option.padEnd(16)}${text}`);
}
