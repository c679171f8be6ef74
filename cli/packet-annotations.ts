import type {Annotations} from "../capture/packets/packet-files.ts";
import {addressBytes} from "../loaders/export/crypto-pan.ts";
import type {Redaction} from "../loaders/export/redaction.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import {visibleText} from "../src/lib/visible-text.ts";

/** Addresses with names at most. */
const mostNames = 10_000;

/**
 * What a pcapng file says of the flows that a condition selects: with the first packet of each flow the incidents that it
 * belongs to, and the names of the addresses that flows went to. Redacted, sentences are, and no name is there.
 */
export async function annotationsOf(lake: string, where: string, redaction: Redaction | null): Promise<Annotations> {
  const engine = await openLake(lake, {maxRows: 5_000_000});
  try {
    const comments = new Map<bigint, string[]>();
    const found = await engine.query(
      `SELECT m.flow_id, i.severity, i.attack_technique, i.summary FROM incident_flows AS m JOIN incidents AS i USING (incident_id)
       SEMI JOIN (SELECT flow_id, capture_sha256 FROM flows ${where}) AS f
         ON f.flow_id = m.flow_id AND f.capture_sha256 = m.capture_sha256
       WHERE i.merged_into IS NULL ORDER BY m.flow_id, i.ts_start, i.incident_id`
    );
    for (const [flow, severity, technique, summary] of found.rows) {
      const said = redaction ? (redaction.redact("text", String(summary)) ?? "") : String(summary);
      const words = `${severity}: ${visibleText(said)}${technique === null ? "" : ` (ATT&CK ${technique})`}`;
      comments.set(BigInt(flow as bigint), [...(comments.get(BigInt(flow as bigint)) ?? []), words]);
    }
    const names = redaction
      ? []
      : (
          await engine.query(
            `SELECT dst_ip, array_to_string(list(DISTINCT name ORDER BY name)[1:8], chr(10)) FROM (
               SELECT dst_ip, unnest([server_name, dns_name]) AS name FROM (SELECT * FROM flows ${where})
             ) WHERE name IS NOT NULL AND name <> dst_ip AND NOT regexp_matches(name, '[\\x00-\\x1f\\x7f]') GROUP BY 1 ORDER BY 1 LIMIT ${mostNames}`
          )
        ).rows.map(([address, text]) => ({address: addressBytes(String(address)), names: String(text).split("\n")}));
    return {
      names,
      comment({flow}) {
        const said = comments.get(flow);
        comments.delete(flow);
        return said === undefined ? null : said.join("\n");
      }
    };
  } finally {
    await engine.close();
  }
}
