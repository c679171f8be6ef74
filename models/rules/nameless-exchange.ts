import {isBareHost} from "./http-requests.ts";
import {common, extent, togetherOutward, total} from "./merge.ts";
import {defineRule, type ServiceRow} from "./rule.ts";
import {amount, atLeast, counted, fact} from "./wording.ts";

type Row = ServiceRow & {
  programs: number;
  uploads: number;
  sent: number;
};

const limits = {
  programs: {
    value: 1,
    unit: "files",
    doc: "Programs, libraries and archives, by their first bytes, that a host gets by HTTP from a foreign address without a name"
  },
  uploads: {
    value: 1,
    unit: "posts",
    doc: "Posts with a file (multipart/form-data), from no page, of the same host to the same address"
  },
  length: {value: 500, unit: "bytes", doc: "Least length of such a post; a form without a file is shorter"},
  gap: {value: 3600, unit: "s", doc: "Exchanges so close together are one incident"}
} as const;

const programs = [
  "application/x-dosexec",
  "application/x-elf",
  "application/x-mach-o",
  "application/zip",
  "application/vnd.ms-cab-compressed",
  "application/x-7z-compressed",
  "application/x-rar"
];

/** Stealers of passwords (Vidar, Raccoon, Stealc, Arkei): they get the libraries that open a browser's store, and send back what was in it. */
export const namelessExchange = defineRule<typeof limits, Row>({
  name: "nameless_exchange",
  doc: "A local host gets programs or archives from a foreign address without a name, and posts a file to the same address.",
  blindTo:
    "The same within TLS, or with a name; what is sent. A device that gets its updates from an address without a name and sends its logs there as a form looks the same.",
  attackTechnique: "T1048.003",
  severity: "medium",
  limits,
  tables: ["flows", "http", "files"],
  startsFrom: {http: "method = 'POST' AND lower(request_type) LIKE 'multipart/form-data%'"},
  judgesOpen: true,
  countedFlows: "f.service = 'http'",
  query: (scope, {length}) => `
    WITH posts AS (
      SELECT h.capture_sha256, f.src_ip, f.dst_ip, min(f.dst_port) AS dst_port, min(h.ts) AS ts_start, max(h.ts) AS ts_end, count(DISTINCT h.flow_id) AS flows,
        count(*) AS uploads, sum(h.request_length) AS sent
      FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON f.flow_id = h.flow_id AND f.capture_sha256 = h.capture_sha256
      WHERE h.method = 'POST' AND lower(h.request_type) LIKE 'multipart/form-data%' AND h.referer IS NULL AND h.request_length >= ${length.value} AND ${isBareHost("h.host")}
      GROUP BY h.capture_sha256, f.src_ip, f.dst_ip),
    got AS (
      SELECT x.capture_sha256, f.src_ip, f.dst_ip, count(*) AS programs
      FROM ${scope.rows("files")} x JOIN ${scope.rows("flows")} f ON f.flow_id = x.flow_id AND f.capture_sha256 = x.capture_sha256
      WHERE x.protocol = 'http' AND x.sent_by = 'responder' AND x.found_type IN (${programs.map((type) => `'${type}'`).join(", ")})
      GROUP BY x.capture_sha256, f.src_ip, f.dst_ip)
    SELECT p.*, g.programs FROM posts p JOIN got g ON g.capture_sha256 = p.capture_sha256 AND g.src_ip = p.src_ip AND g.dst_ip = p.dst_ip`,
  incidents: (rows, {programs, uploads, gap}, {localNets}) => {
    return togetherOutward(rows, localNets, gap.value * 1e6).map((group) => {
      const [{capture_sha256, src_ip}] = group;
      const server = common(group.map((row) => row.dst_ip));
      const sent = total(group, (row) => row.sent);
      const got = total(group, (row) => row.programs);
      return {
        capture_sha256,
        ...extent(group),
        src_ip,
        dst_ip: server,
        dst_port: common(group.map((row) => row.dst_port)),
        flows: total(group, (row) => row.flows),
        summary: `${src_ip} got ${counted(got, "program or archive", "programs and archives")} from ${server ?? counted(group.length, "address", "addresses")} and sent ${amount(sent)} bytes back as files.`,
        reasons: [
          atLeast("programs and archives", got, programs),
          atLeast(
            "posts with a file",
            total(group, (row) => row.uploads),
            uploads
          ),
          fact("sent", sent, "bytes")
        ]
      };
    });
  }
});
