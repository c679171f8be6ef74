import {createHash} from "node:crypto";
import {isIPv4} from "node:net";
import type {QueryEngine, Value} from "../../schema/engine.ts";

/** Incidents at most, and indicators of each kind of one incident. */
const mostIncidents = 5000;
const mostOfOne = 50;

interface StixObject {
  readonly type: string;
  readonly id: string;
  readonly [property: string]: unknown;
}

/** Kinds of indicators, with the pattern of one (STIX 2.1, chapter 9) and what it indicates. */
const patterns = {
  address: (value: string) => `[${isIPv4(value) ? "ipv4" : "ipv6"}-addr:value = ${quoted(value)}]`,
  domain: (value: string) => `[domain-name:value = ${quoted(value)}]`,
  url: (value: string) => `[url:value = ${quoted(value)}]`,
  file: (value: string) => `[file:hashes.'SHA-256' = ${quoted(value)}]`
} as const;

const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** Addresses that mean something elsewhere (RFC 6890): others are hosts of whoever captured. */
const isPublic = (address: string) =>
  !/^(0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|22[4-9]\.|2[3-5]\d\.|::|f[cdef])/i.test(
    address
  );

/**
 * Incidents as a STIX 2.1 bundle: a report for each, with indicators of what it met outside (addresses, domains, URLs, files)
 * and the ATT&CK technique. `where` is a condition on `incidents`. Ids are made of the content, so the same incident is the
 * same object in the next bundle.
 */
export async function stixBundle(
  engine: QueryEngine,
  where: string,
  nowMs: number
): Promise<{bundle: object; indicators: number; incidents: number}> {
  const created = new Date(nowMs).toISOString();
  const incidents = await engine.query(
    `SELECT incident_id, summary, severity, class, attack_technique, epoch_us(ts_start), epoch_us(ts_end), CAST(probability AS DOUBLE)
     FROM (SELECT * FROM incidents ${where}) WHERE merged_into IS NULL ORDER BY ts_start, incident_id LIMIT ${mostIncidents}`
  );
  const values = await engine.query(
    `WITH chosen AS (SELECT incident_id, src_ip FROM (SELECT * FROM incidents ${where}) WHERE merged_into IS NULL),
     own AS (SELECT m.incident_id, m.flow_id, m.capture_sha256 FROM incident_flows AS m SEMI JOIN chosen USING (incident_id)),
     found AS (
       SELECT incident_id, 'address' AS kind, src_ip AS value FROM chosen
       UNION SELECT incident_id, 'address', unnest([f.src_ip, f.dst_ip]) FROM own JOIN flows AS f USING (flow_id, capture_sha256)
       UNION SELECT incident_id, 'domain', lower(unnest([f.server_name, f.dns_name])) FROM own JOIN flows AS f USING (flow_id, capture_sha256)
       UNION SELECT incident_id, 'url', 'http://' || h.host || h.uri FROM own JOIN http AS h USING (flow_id, capture_sha256)
         WHERE h.uri LIKE '/%' AND h.host IS NOT NULL
       UNION SELECT incident_id, 'file', d.sha256 FROM own JOIN files AS d USING (flow_id, capture_sha256))
     SELECT incident_id, kind, value FROM found WHERE value IS NOT NULL
     QUALIFY row_number() OVER (PARTITION BY incident_id, kind ORDER BY value) <= ${mostOfOne} ORDER BY ALL`
  );
  const author = object("identity", "flowbook", {created, name: "flowbook", identity_class: "system"});
  const objects = new Map<string, StixObject>([[author.id, author]]);
  const add = (made: StixObject) => {
    objects.set(made.id, made);
    return made.id;
  };
  const byIncident = new Map<Value, (readonly Value[])[]>();
  for (const row of values.rows) byIncident.set(row[0], [...(byIncident.get(row[0]) ?? []), row]);
  let indicators = 0;
  for (const [id, summary, severity, label, technique, begun, ended, probability] of incidents.rows) {
    const refs: string[] = [];
    const pattern = technique === null ? null : add(attackPattern(String(technique), created, author.id));
    if (pattern) refs.push(pattern);
    for (const [, kind, value] of byIncident.get(id) ?? []) {
      if (!isMeant(kind as keyof typeof patterns, String(value))) continue;
      const made = object("indicator", `${kind} ${value} ${label}`, {
        created,
        created_by_ref: author.id,
        name: `${label}: ${value}`,
        indicator_types: ["anomalous-activity"],
        pattern: patterns[kind as keyof typeof patterns](String(value)),
        pattern_type: "stix",
        valid_from: timeOf(begun)
      });
      if (!objects.has(made.id)) indicators++;
      refs.push(add(made));
      if (pattern)
        refs.push(
          add(
            object("relationship", `${made.id} ${pattern}`, {
              created,
              created_by_ref: author.id,
              relationship_type: "indicates",
              source_ref: made.id,
              target_ref: pattern
            })
          )
        );
    }
    if (refs.length === 0) refs.push(author.id);
    add(
      object("report", String(id), {
        created,
        created_by_ref: author.id,
        name: String(summary),
        description: `${label}, severity ${severity}, from ${timeOf(begun)} to ${timeOf(ended)}.`,
        report_types: ["indicator"],
        published: created,
        ...(probability !== null && {confidence: Math.round(100 * Number(probability))}),
        object_refs: [...new Set(refs)]
      })
    );
  }
  const all = [...objects.values()];
  const seed = all.map(({id}) => id).join(" ");
  return {
    bundle: {type: "bundle", id: `bundle--${uuid(seed)}`, objects: all},
    indicators,
    incidents: incidents.rows.length
  };
}

function isMeant(kind: keyof typeof patterns, value: string): boolean {
  if (kind === "address") return isPublic(value);
  if (kind === "domain")
    return (
      /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(value) && !/^[\d.]+$/.test(value) && !/\.(local|arpa|lan|home)$/.test(value)
    );
  return kind !== "url" || /^[\x21-\x7e]+$/.test(value);
}

function attackPattern(technique: string, created: string, author: string): StixObject {
  return object("attack-pattern", technique, {
    created,
    created_by_ref: author,
    name: technique,
    external_references: [{source_name: "mitre-attack", external_id: technique}]
  });
}

function object(type: string, seed: string, properties: Readonly<Record<string, unknown>>): StixObject {
  const {created} = properties;
  return {type, spec_version: "2.1", id: `${type}--${uuid(`${type} ${seed}`)}`, modified: created, ...properties};
}

const timeOf = (us: Value) => new Date(Number(us) / 1000).toISOString();

/** A UUID of version 5 (RFC 9562), of a namespace of flowbook's own. */
function uuid(seed: string): string {
  const bytes = createHash("sha1").update(`flowbook stix\0${seed}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 15) | 0x50;
  bytes[8] = (bytes[8] & 63) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
