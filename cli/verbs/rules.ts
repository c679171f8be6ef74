import {existsSync} from "node:fs";
import {join, resolve} from "node:path";
import {judgeLake} from "../../loaders/judge/incidents.ts";
import {type CaseResult, FixtureProblem, readRuleCases, runRuleCases} from "../../loaders/judge/rule-cases.ts";
import {rules} from "../../models/rules/index.ts";
import type {Rule} from "../../models/rules/rule.ts";
import {projectRoot, readConfiguration} from "../configuration.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "rules",
  usage: "[list | test [DIR | FILE.ts] | apply [--force]]",
  options: {force: {type: "boolean"}},
  help: {force: "apply: also captures to which the current rules were already applied"},
  async run(invocation) {
    const [action = "list", ...rest] = invocation.positionals;
    if (action === "list" && rest.length === 0) return list(invocation);
    if (action === "test" && rest.length <= 1) return test(invocation, rest[0]);
    if (action === "apply" && rest.length === 0) return apply(invocation);
    throw new UserError(exit.usage, `rules: cannot do ${[action, ...rest].join(" ")}`, {
      hint: `flowbook rules ${verb.usage}`
    });
  }
};

function list({json}: Invocation): ExitCode {
  if (json) {
    const plain = rules.map(({name, doc, blindTo, attackTechnique, severity, limits}) => ({
      name,
      doc,
      blind_to: blindTo,
      attack_technique: attackTechnique,
      severity,
      limits
    }));
    console.log(JSON.stringify({rules: plain}));
  } else console.log(rules.map(describe).join("\n\n"));
  return exit.ok;
}

function describe({name, doc, blindTo, attackTechnique, severity, limits}: Rule): string {
  const lines = Object.entries(limits).map(
    ([limit, {value, unit, doc: meaning}]) => `  ${limit} = ${value.toLocaleString("en")} ${unit}: ${meaning}`
  );
  const head = `${name}  ${[attackTechnique, severity].filter((part) => part !== null).join(", ")}`;
  return [head, `  ${doc}`, ...lines, `  not seen: ${blindTo}`].join("\n");
}

async function test({json}: Invocation, own?: string): Promise<ExitCode> {
  const path = own === undefined ? join(projectRoot, "models/rules/fixtures") : resolve(own);
  if (!existsSync(path))
    throw new UserError(exit.usage, `rules test: expected a folder or a file, found none at ${path}`);
  const {localNets} = readConfiguration();
  const results = await runRuleCases(await fixturesIn(path), {localNets});
  const failed = results.filter((result) => !holds(result));
  if (json) console.log(JSON.stringify({cases: results.map(({findings: _, ...rest}) => rest), failed: failed.length}));
  else {
    for (const result of results)
      console.log(
        `${holds(result) ? "ok    " : "FAILED"}  ${result.fixture}: ${result.name}${holds(result) ? "" : ` — expected ${named(result.expected)}, raised ${named(result.raised)}`}`
      );
    console.log(`${results.length - failed.length} passed, ${failed.length} failed`);
  }
  return failed.length === 0 ? exit.ok : exit.internal;
}

async function fixturesIn(path: string) {
  try {
    return await readRuleCases(path);
  } catch (error) {
    if (error instanceof FixtureProblem) throw new UserError(exit.input, error.message, {cause: error});
    throw error;
  }
}

function holds({expected, raised}: CaseResult): boolean {
  return expected.join() === raised.join();
}

function named(rules: readonly string[]): string {
  return rules.length > 0 ? rules.join(", ") : "nothing";
}

async function apply({lake, json, values}: Invocation): Promise<ExitCode> {
  const {localNets} = readConfiguration();
  const done = await judgeLake({lake, clock: Date.now, localNets, force: values.force === true});
  console.log(
    json
      ? JSON.stringify(done)
      : `${done.captures} captures judged, ${done.notices} notices, ${done.incidents} incidents`
  );
  return exit.ok;
}
