import {entropy} from "./entropy.ts";
import {extent, grouped} from "./merge.ts";
import {defineRule, type RuleRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  client_ip: string;
  session: number;
  domain: string;
  flow_id: string;
  /** 1 where the domain itself was asked for, and no host below it. */
  is_bare: number;
  ts_start: number;
  ts_end: number;
};

const limits = {
  domains: {
    value: 12,
    unit: "domains",
    doc: "Different domains that do not exist and that one client asks for within a session"
  },
  length: {value: 9, unit: "characters", doc: "Least mean length of those domains' own labels"},
  many: {
    value: 30,
    unit: "domains",
    doc: "From so many on shorter labels count, too: Conficker's have five letters and more"
  },
  short: {value: 7, unit: "characters", doc: "Least mean length then"},
  random: {value: 4.5, unit: "bits per character", doc: "Least entropy of those shorter labels"},
  entropy: {
    value: 4.3,
    unit: "bits per character",
    doc: "Least entropy of those labels' characters: words of English have 4.1, random letters 4.7"
  },
  mixed: {
    value: 0.8,
    unit: "of the labels",
    doc: "Or: least share of labels in which two digits or more stand among letters, as hexadecimal digits do"
  },
  words: {
    value: 20,
    unit: "domains",
    doc: "Or: so many domains that do not exist, of letters alone as words are joined, below one top-level domain"
  },
  word_length: {value: 10, unit: "characters", doc: "Least mean length of their labels then"},
  bare: {
    value: 0.9,
    unit: "of the domains",
    doc: "Then: least share of domains asked for without a host before them, and of those below the one top-level domain; people and pages ask for hosts, of many"
  },
  gap: {value: 300, unit: "s", doc: "A session ends when no such name is asked for for so long"}
} as const;

/** Digits among letters, not a number at the end of a word. */
const isMixed = (label: string) => /[0-9].*[a-z].*[0-9]|[a-z].*[0-9].*[a-z].*[0-9]/.test(label);

/**
 * Names made by an algorithm (Conficker, Necurs, Zeus Gameover): malware tries one domain after another until its master
 * has registered one. Counted by the two last labels, so that search suffixes and block lists are one domain.
 */
export const generatedNames = defineRule<typeof limits, Row>({
  name: "generated_names",
  doc: "A client asks for many domains that do not exist, by names that look random or joined from words.",
  blindTo:
    "Algorithms that join words of several top-level domains or fewer than twenty, or make names of six letters and less; fewer than twelve names, or thirty of short ones; names that a resolver answers for all. A resolver that asks on behalf of such a client looks the same, and so may a check of many domains.",
  attackTechnique: "T1568.002",
  severity: "medium",
  limits,
  tables: ["dns", "flows"],
  startsFrom: {dns: "rcode = 3"},
  countedFlows: "f.service = 'dns'",
  query: (scope, {gap}) => `
    SELECT capture_sha256, client_ip, session, domain, CAST(flow_id AS VARCHAR) AS flow_id, min(ts_start) AS ts_start, max(ts_start) AS ts_end, min(is_bare) AS is_bare
    FROM ${sessions(
      scope.dialect,
      `(SELECT capture_sha256, flow_id, ts AS ts_start, client_ip, coalesce(regexp_extract(lower(query), '[^.]+[.][^.]+$'), '') AS domain,
          CASE WHEN query LIKE '%.%.%' THEN 0 ELSE 1 END AS is_bare
        FROM ${scope.rows("dns")} d WHERE rcode = 3 AND query LIKE '%.%' AND lower(query) NOT LIKE '%.arpa' AND lower(query) NOT LIKE '%.local')`,
      ["capture_sha256", "client_ip"],
      gap.value * 1000
    )} s WHERE domain <> ''
    GROUP BY capture_sha256, client_ip, session, domain, flow_id`,
  incidents: (rows) =>
    [...grouped(rows, (row) => `${row.capture_sha256} ${row.client_ip} ${row.session}`).values()].flatMap((group) => {
      const labels = [...new Set(group.map(({domain}) => domain))].map((domain) => domain.split(".")[0]);
      const length = labels.reduce((sum, label) => sum + label.length, 0) / labels.length;
      const bits = entropy(labels);
      const mixed = labels.filter(isMixed).length / labels.length;
      const isShort = length < limits.length.value;
      if (labels.length < limits.domains.value) return [];
      const areWords = ofWords(group, length);
      if (
        !areWords &&
        isShort &&
        !(labels.length >= limits.many.value && length >= limits.short.value && bits >= limits.random.value)
      )
        return [];
      if (!areWords && bits < limits.entropy.value && mixed < limits.mixed.value) return [];
      const [{capture_sha256, client_ip, domain}] = group;
      const time = extent(group);
      return [
        {
          capture_sha256,
          ...time,
          src_ip: client_ip,
          dst_ip: null,
          dst_port: 53,
          flows: new Set(group.map(({flow_id}) => flow_id)).size,
          summary: `${client_ip} asked for ${labels.length} domains that do not exist in ${span(time.ts_end - time.ts_start)}, by ${areWords ? "names joined from words" : "random names"} such as ${domain}.`,
          reasons: [
            ...(areWords
              ? [
                  atLeast("domains that do not exist", labels.length, limits.words),
                  atLeast("mean length", length, limits.word_length)
                ]
              : [
                  atLeast("domains that do not exist", labels.length, isShort ? limits.many : limits.domains),
                  atLeast("mean length", length, isShort ? limits.short : limits.length),
                  bits >= limits.entropy.value
                    ? atLeast("entropy of their names", bits, isShort ? limits.random : limits.entropy)
                    : atLeast("share of labels with digits among letters", mixed, limits.mixed)
                ]),
            fact("one of them", domain)
          ]
        }
      ];
    })
});

/** Domains below one top-level domain, asked for by themselves: Suppobox, Matsnu and Gozi join words. */
function ofWords(group: readonly Row[], length: number): boolean {
  const names = [...grouped(group, ({domain}) => domain).entries()];
  const domains = names.filter(([domain]) => !/[0-9]/.test(domain));
  const tops = [...grouped(domains, ([domain]) => domain.split(".")[1]).values()].map((own) => own.length);
  const bare = domains.filter(([, rows]) => rows.every(({is_bare}) => is_bare === 1)).length;
  const least = Math.max(limits.words.value, limits.bare.value * names.length);
  return length >= limits.word_length.value && bare >= least && Math.max(...tops) >= least;
}
