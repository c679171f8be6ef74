import {openLake} from "../../loaders/duckdb.ts";
import {listNotices, type Notice, severities} from "../../loaders/notice-list.ts";
import {rules} from "../../models/rules/index.ts";
import type {Severity} from "../../models/rules/rule.ts";
import {nearest} from "../nearest.ts";
import {printable} from "../progress.ts";
import {exit, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "notices",
  usage: "[--rule NAME] [--severity low|medium|high] [--fail-on low|medium|high]",
  summary: "list the incidents that rules found in the lake's captures",
  options: {rule: {type: "string"}, severity: {type: "string"}, "fail-on": {type: "string"}},
  help: {
    rule: "only notices of this rule",
    severity: "only notices of at least this severity",
    "fail-on": "exit code 7 where one of at least this severity is listed"
  },
  async run({positionals, values, lake, json}) {
    if (positionals.length > 0)
      throw new UserError(exit.usage, `notices: cannot do ${positionals.join(" ")}`, {
        hint: `flowbook notices ${verb.usage}`
      });
    const rule = values.rule as string | undefined;
    const names = rules.map(({name}) => name);
    if (rule !== undefined && !names.includes(rule))
      throw new UserError(exit.usage, `notices: no rule ${rule}${nearest(rule, names)}`);
    const severity = severityOf("severity", values.severity as string | undefined);
    const failOn = severityOf("fail-on", values["fail-on"] as string | undefined);
    const engine = await openLake(lake);
    try {
      const notices = await listNotices(engine, {rule, severity});
      console.log(
        json ? JSON.stringify({notices}) : notices.length === 0 ? "no notices" : notices.map(describe).join("\n")
      );
      const grave = failOn !== undefined && notices.some((notice) => rank(notice.severity) >= rank(failOn));
      return grave ? exit.findings : exit.ok;
    } finally {
      await engine.close();
    }
  }
};

function severityOf(option: string, text: string | undefined): Severity | undefined {
  if (text === undefined || (severities as readonly string[]).includes(text)) return text as Severity | undefined;
  throw new UserError(exit.usage, `notices: --${option}: expected ${severities.join(", ")}, found ${text}`);
}

function rank(severity: Severity): number {
  return severities.indexOf(severity);
}

function describe({ts_start, rule, severity, attack_technique, summary, reasons, capture}: Notice): string {
  const time = new Date(ts_start / 1000).toISOString();
  const head = `${time}  ${severity.padEnd(6)}  ${rule}${attack_technique ? ` (${attack_technique})` : ""}  ${summary}`;
  return [head, ...reasons.map(({text}) => `    ${text}`), `    in ${capture}`].map(printable).join("\n");
}
