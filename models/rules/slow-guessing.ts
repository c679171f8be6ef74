import {defineRule, placeOf, type ServiceRow} from "./rule.ts";
import {sessions} from "./sessions.ts";
import {atLeast, counted, fact, span} from "./wording.ts";

type Row = ServiceRow & {
  refused: number;
  connections: number;
  known: number;
  is_library: number;
};

const limits = {
  refused: {
    value: 10,
    unit: "logins",
    doc: "Refused logins of one client at one server by SSH within a session, told by the sizes of its packets"
  },
  connections: {value: 3, unit: "connections", doc: "Connections in which no login succeeded"},
  each: {
    value: 2,
    unit: "logins",
    doc: "Least mean number of refused logins in each of them: a job with a key that is no longer valid is refused once"
  },
  library: {
    value: 6,
    unit: "logins",
    doc: "So many are enough, from a single connection on, of a client that is a library (libssh, Paramiko, Go): nobody types into it"
  },
  library_each: {value: 3, unit: "logins", doc: "Then: least mean number of refused logins in each connection"},
  share: {
    value: 0.6,
    unit: "of the connections",
    doc: "Least share of such connections among those whose outcome is known: people mistype, and get in more often than not; who guesses gets in at last"
  },
  gap: {value: 3600, unit: "s", doc: "A session ends when no connection begins for so long"}
} as const;

/** Passwords guessed by SSH at a person's pace: hardly a connection gets in. `brute_force` tells of faster ones. */
export const slowGuessing = defineRule<typeof limits, Row>({
  name: "slow_guessing",
  doc: "A client is refused again and again by SSH, however slowly it tries.",
  blindTo:
    "Other services than SSH; less than ten refused logins (six of a library) with pauses under an hour; many sources that try a little each; ciphers and servers whose sizes do not tell. Somebody who forgot a password and goes on trying, and a job with several keys that are all refused, look the same.",
  attackTechnique: "T1110.001",
  severity: "medium",
  limits,
  tables: ["flows", "ssh"],
  startsFrom: {ssh: "auth_failures > 0"},
  countedFlows: "f.service = 'ssh'",
  query: (scope, {refused, connections, each, library, library_each, share, gap}) => `
    SELECT capture_sha256, src_ip, dst_ip, dst_port, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
      sum(refused) AS refused, sum(is_failed) AS connections, count(auth_guess) AS known, min(is_library) AS is_library
    FROM ${sessions(
      scope.dialect,
      `(SELECT s.capture_sha256, s.flow_id, f.ts_start, f.ts_end, f.src_ip, f.dst_ip, f.dst_port, s.auth_guess,
          CASE WHEN s.auth_guess = 'failure' THEN s.auth_failures ELSE 0 END AS refused, CASE WHEN s.auth_guess = 'failure' THEN 1 ELSE 0 END AS is_failed,
          CASE WHEN coalesce(regexp_extract(lower(s.client_banner), '^ssh-2[.]0-(libssh[-_]|paramiko|go)'), '') <> '' THEN 1 ELSE 0 END AS is_library
        FROM ${scope.rows("ssh")} s JOIN ${scope.rows("flows")} f ON f.flow_id = s.flow_id AND f.capture_sha256 = s.capture_sha256)`,
      ["capture_sha256", "src_ip", "dst_ip", "dst_port"],
      gap.value * 1000
    )} s
    GROUP BY capture_sha256, src_ip, dst_ip, dst_port, session
    HAVING ((sum(refused) >= ${refused.value} AND sum(is_failed) >= ${connections.value} AND sum(refused) >= ${each.value} * sum(is_failed))
        OR (min(is_library) = 1 AND sum(refused) >= ${library.value} AND sum(refused) >= ${library_each.value} * sum(is_failed)))
      AND sum(is_failed) >= ${share.value} * count(auth_guess)`,
  incidents: (rows, {refused, connections, library, share}) =>
    rows.map((row) => ({
      ...placeOf(row),
      summary: `${row.src_ip} was refused ${counted(row.refused, "login")} by SSH at ${row.dst_ip} in ${span(row.ts_end - row.ts_start)}.`,
      reasons: [
        ...(row.refused >= refused.value && row.connections >= connections.value
          ? [
              atLeast("logins refused", row.refused, refused),
              atLeast("connections without a login", row.connections, connections)
            ]
          : [
              atLeast("logins of a library refused", row.refused, library),
              fact("connections without a login", row.connections)
            ]),
        atLeast("share of such connections", row.connections / row.known, share)
      ]
    })),
  yieldsTo: (incident, other) =>
    other.rule === "brute_force" &&
    other.src_ip === incident.src_ip &&
    (other.dst_ip === null || other.dst_ip === incident.dst_ip)
});
