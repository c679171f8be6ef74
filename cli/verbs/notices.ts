import {readReviews} from "../../alerts/reviews.ts";
import {listNotices, type Notice} from "../../loaders/judge/notice-list.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {rules} from "../../models/rules/index.ts";
import {type Severity, severities} from "../../schema/incidents.ts";
import {nftablesText} from "../../src/lib/nftables.ts";
import {type Reviews, suppressionOf} from "../../src/lib/reviews.ts";
import {nearest} from "../nearest.ts";
import {changeReviews, noticeOf, reviewHelp, reviewOptions} from "../notice-reviews.ts";
import {printable} from "../progress.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "notices",
  usage:
    "[--rule NAME] [--severity info|low|medium|high] [--fail-on info|low|medium|high] [--all] | --ack ID | --comment ID | --suppress | --nftables ID",
  options: {
    rule: {type: "string"},
    severity: {type: "string"},
    "fail-on": {type: "string"},
    all: {type: "boolean"},
    nftables: {type: "string"},
    ...reviewOptions
  },
  help: {
    rule: "only notices of this rule",
    severity: "only notices of at least this severity",
    "fail-on": "exit code 7 if a notice of at least this severity is listed",
    all: "also acknowledged and suppressed notices",
    nftables: "print nftables rules that would block the traffic of the notice of this id; nothing is applied",
    ...reviewHelp
  },
  readsLake: true,
  async run(invocation) {
    const {positionals, values, lake, json} = invocation;
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
    if (values.nftables !== undefined) return firewallText(invocation);
    const changed = await changeReviews(invocation, Date.now());
    if (changed) {
      console.log(json ? JSON.stringify(changed) : reviewWords(changed));
      return exit.ok;
    }
    const reviews = readReviews(lake);
    const engine = await openLake(lake);
    try {
      const found = (await listNotices(engine, {rule, severity})).map((notice) => ({
        ...notice,
        ...reviewOf(notice, reviews)
      }));
      const notices = found.filter(
        ({acknowledged, suppressed}) => values.all === true || !(acknowledged || suppressed)
      );
      const hidden = found.length - notices.length;
      if (hidden > 0 && !json) console.error(`${hidden} acknowledged or suppressed, listed with --all`);
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

/** What readers said of a notice: null, or nothing, where they did not. */
function reviewOf({notice_id, rule, src_ip, dst_ip}: Notice, reviews: Reviews) {
  return {
    acknowledged: reviews.acknowledged[notice_id] ?? null,
    suppressed: suppressionOf(reviews, {rules: [rule], src: src_ip, dst: dst_ip}, Date.now()) ?? null,
    comments: reviews.comments[notice_id] ?? []
  };
}

function reviewWords({acknowledged, comments, suppressions}: Reviews): string {
  const lasting = suppressions.map(
    ({id, rule, src, dst, reason, untilMs}) =>
      `  ${id}  ${[rule, src && `from ${src}`, dst && `to ${dst}`].filter(Boolean).join(" ")} until ${new Date(untilMs).toISOString()}: ${reason}`
  );
  const counts = `${Object.keys(acknowledged).length} acknowledged, ${Object.values(comments).flat().length} comments, ${suppressions.length} suppressions`;
  return [counts, ...lasting].map(printable).join("\n");
}

async function firewallText({lake, values}: Invocation): Promise<ExitCode> {
  const {
    notice_id: id,
    rule,
    ts_start: from,
    src_ip: src,
    dst_ip: dst,
    dst_port: port,
    summary
  } = await noticeOf(lake, values.nftables as string);
  const text = nftablesText({id, rule, from, src, dst, port, summary});
  if (text === null)
    throw new UserError(exit.input, `notices: ${id} has no source or target address, so no rule can be written`);
  process.stdout.write(text);
  return exit.ok;
}

function severityOf(option: string, text: string | undefined): Severity | undefined {
  if (text === undefined || (severities as readonly string[]).includes(text)) return text as Severity | undefined;
  throw new UserError(exit.usage, `notices: --${option}: expected ${severities.join(", ")}, found ${text}`);
}

function rank(severity: Severity): number {
  return severities.indexOf(severity);
}

function describe(notice: Notice & ReturnType<typeof reviewOf>): string {
  const {notice_id, ts_start, rule, severity, attack_technique, summary, reasons, capture} = notice;
  const {acknowledged, suppressed, comments} = notice;
  const time = new Date(ts_start / 1000).toISOString();
  const head = `${time}  ${severity.padEnd(6)}  ${rule}${attack_technique ? ` (${attack_technique})` : ""}  ${summary}`;
  const said = [
    acknowledged && `acknowledged${acknowledged.text && `: ${acknowledged.text}`}`,
    suppressed && `suppressed until ${new Date(suppressed.untilMs).toISOString()}: ${suppressed.reason}`,
    ...comments.map(({text}) => `comment: ${text}`)
  ].filter((line) => line !== null);
  const below = [...reasons.map(({text}) => text), `in ${capture}, notice ${notice_id}`, ...said];
  return [head, ...below.map((line) => `    ${line}`)].map(printable).join("\n");
}
