import type {RecordPage, RecordQuestion, RecordSource} from "./record-source.js";
import {bucketSql} from "./record-sql.js";

const programs = [
  "application/x-dosexec",
  "application/x-elf",
  "application/x-mach-binary",
  "application/java-archive",
  "application/java-vm",
  "application/vnd.android.dex",
  "application/x-shockwave-flash",
  "application/x-ms-shortcut",
  "text/x-shellscript"
];
const archives = [
  "application/zip",
  "application/x-rar",
  "application/x-7z-compressed",
  "application/x-xz",
  "application/zstd",
  "application/gzip",
  "application/x-bzip2",
  "application/x-tar",
  "application/vnd.ms-cab-compressed"
];
const documents = ["application/pdf", "application/x-ole-storage", "text/rtf"];
const list = (types: readonly string[]) => types.map((type) => `'${type}'`).join(", ");

/** Files that crossed the network without encryption. */
export const fileRecords: RecordSource = {
  name: "files",
  title: "Files",
  columns: [
    {
      name: "sender",
      label: "Sender",
      kind: "host",
      sql: "CASE r.sent_by WHEN 'responder' THEN f.dst_ip ELSE f.src_ip END"
    },
    {
      name: "receiver",
      label: "Receiver",
      kind: "host",
      sql: "CASE r.sent_by WHEN 'responder' THEN f.src_ip ELSE f.dst_ip END"
    },
    {name: "name", label: "Name", kind: "text"},
    {name: "found_type", label: "Type found", kind: "text"},
    {name: "size", label: "Size", kind: "bytes"},
    {name: "sha256", label: "SHA-256", kind: "digest"},
    {
      name: "complete",
      label: "Complete",
      kind: "text",
      sql: "CASE WHEN r.complete THEN 'yes' WHEN r.complete IS NULL THEN 'unknown' ELSE 'no' END"
    },
    {
      name: "seen",
      label: "Seen",
      kind: "count",
      sql: "CASE WHEN r.sha256 IS NOT NULL THEN (SELECT CAST(count(*) AS BIGINT) FROM files AS s WHERE s.sha256 = r.sha256) END"
    },
    {name: "protocol", label: "Protocol", kind: "text"},
    {name: "declared_type", label: "Type declared", kind: "text"},
    {name: "md5", label: "MD5", kind: "digest", rare: true},
    {name: "encoding", label: "Encoding", kind: "text", rare: true},
    {name: "declared_size", label: "Size declared", kind: "bytes", rare: true}
  ],
  derived: {
    // First bytes of an encoded file are those of its encoding.
    kind: `CASE WHEN r.encoding <> 'identity' THEN 'compressed for transfer' WHEN r.found_type IS NULL THEN 'not recognised' WHEN r.found_type IN (${list(programs)}) THEN 'program'
      WHEN r.found_type IN (${list(archives)}) THEN 'archive' WHEN r.found_type IN (${list(documents)}) THEN 'document'
      WHEN split_part(r.found_type, '/', 1) IN ('image', 'audio', 'video', 'font') THEN 'media or font' WHEN split_part(r.found_type, '/', 1) = 'text'
      OR r.found_type = 'application/xml' THEN 'text' ELSE 'other' END`,
    declared: "lower(trim(split_part(r.declared_type, ';', 1)))"
  },
  nothing: "No file was seen crossing without encryption. Files within TLS, SSH and SMB 3 are not readable."
};

const source = fileRecords;
const files = {name: "files", label: "Files", kind: "count"} as const;
const bytes = {name: "bytes", label: "Bytes", kind: "bytes"} as const;
const counted = "CAST(count(*) AS BIGINT) AS files";
const summed = "CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes";

/** A declared type that the first bytes contradict. Encoded bytes are not those of the type. */
const contradicts = `encoding IS NULL AND found_type IS NOT NULL AND declared <> '' AND (
  (split_part(declared, '/', 1) IN ('image', 'audio', 'video', 'font') AND split_part(found_type, '/', 1) <> split_part(declared, '/', 1)
    AND NOT (declared = 'image/svg+xml' AND found_type IN ('application/xml', 'text/plain')) AND NOT (declared LIKE 'font/%' AND found_type LIKE 'application/%font%'))
  OR ((declared LIKE 'text/%' OR declared LIKE '%javascript' OR declared LIKE '%json') AND kind IN ('program', 'archive', 'document', 'media or font') AND found_type <> 'image/svg+xml'
    AND found_type <> 'text/x-shellscript')
  OR (kind = 'program' AND found_type <> 'text/x-shellscript' AND NOT regexp_matches(declared, 'msdownload|dosexec|octet-stream|executable|download|java|x-elf|mach|flash|android|exe|msdos')))`;

export const fileFigures: RecordQuestion = {
  name: "file-figures",
  title: "Files in figures",
  source,
  columns: [
    files,
    {name: "contents", label: "Different contents", kind: "count"},
    bytes,
    {name: "programs", label: "Programs", kind: "count"},
    {name: "contradicted", label: "Type contradicted", kind: "count"},
    {name: "incomplete", label: "Not complete", kind: "count"}
  ],
  sql: () => `SELECT ${counted}, CAST(count(DISTINCT sha256) AS BIGINT) AS contents, ${summed},
  CAST(count(*) FILTER (kind = 'program') AS BIGINT) AS programs, CAST(count(*) FILTER (${contradicts}) AS BIGINT) AS contradicted,
  CAST(count(*) FILTER (complete <> 'yes') AS BIGINT) AS incomplete
FROM records`
};

export const filesOverTime: RecordQuestion = {
  name: "files-over-time",
  title: "Files over time by kind",
  source,
  columns: [{name: "ts_us", label: "From", kind: "time"}, {name: "kind", label: "Kind", kind: "text"}, files],
  sql: (grid) => `SELECT ${bucketSql(grid)}, kind, ${counted}\nFROM records\nGROUP BY 1, 2\nORDER BY 1, 2`
};

export const fileTypes: RecordQuestion = {
  name: "file-types",
  title: "Types found",
  source,
  columns: [
    {name: "type", label: "Type", kind: "text"},
    files,
    bytes,
    {name: "largest", label: "Largest", kind: "bytes"}
  ],
  sql: () => `SELECT coalesce(found_type, 'not recognised') AS type, ${counted}, ${summed}, CAST(max(size) AS BIGINT) AS largest
FROM records\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 100`
};

export const fileSenders: RecordQuestion = {
  name: "file-senders",
  title: "Who sent files",
  source,
  columns: [
    {name: "sender", label: "Host", kind: "host"},
    bytes,
    files,
    {name: "receivers", label: "Receivers", kind: "count"},
    {name: "programs", label: "Programs", kind: "count"}
  ],
  sql: () => `SELECT sender, ${summed}, ${counted}, CAST(count(DISTINCT receiver) AS BIGINT) AS receivers, CAST(count(*) FILTER (kind = 'program') AS BIGINT) AS programs
FROM records\nWHERE sender IS NOT NULL\nGROUP BY 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

/** What can be run, opened or unpacked, by content and not by what it is called. */
export const fileFinds: RecordQuestion = {
  name: "file-finds",
  title: "Programs, archives and documents",
  source,
  columns: [
    {name: "name", label: "Name", kind: "text"},
    {name: "type", label: "Type found", kind: "text"},
    {name: "declared", label: "Type declared", kind: "text"},
    {name: "size", label: "Size", kind: "bytes"},
    {name: "sender", label: "Sender", kind: "host"},
    {name: "receiver", label: "Receiver", kind: "host"},
    {name: "sha256", label: "SHA-256", kind: "digest"},
    {name: "ts_us", label: "First", kind: "time"}
  ],
  sql: () => `SELECT coalesce(name, 'no name') AS name, found_type AS type, any_value(declared) AS declared, size, sender, receiver, sha256, min(ts_us) AS ts_us
FROM records
WHERE kind IN ('program', 'archive', 'document')
GROUP BY 1, 2, size, sender, receiver, sha256
ORDER BY min(CASE kind WHEN 'program' THEN 0 WHEN 'document' THEN 1 ELSE 2 END), ts_us, 1, sha256
LIMIT 200`
};

export const fileContradictions: RecordQuestion = {
  name: "file-contradictions",
  title: "Declared as something else",
  source,
  columns: [
    {name: "name", label: "Name", kind: "text"},
    {name: "declared", label: "Type declared", kind: "text"},
    {name: "type", label: "Type found", kind: "text"},
    {name: "sender", label: "Sender", kind: "host"},
    files
  ],
  sql: () => `SELECT coalesce(name, 'no name') AS name, declared, found_type AS type, sender, ${counted}
FROM records\nWHERE ${contradicts}\nGROUP BY 1, 2, 3, 4\nORDER BY 5 DESC, 1, 2, 3, 4\nLIMIT 200`
};

/** The same content, by whatever name and from wherever. */
export const fileRepeats: RecordQuestion = {
  name: "file-repeats",
  title: "Seen more than once",
  source,
  columns: [
    {name: "sha256", label: "SHA-256", kind: "digest"},
    {name: "times", label: "Times", kind: "count"},
    {name: "names", label: "Names", kind: "text"},
    {name: "size", label: "Size", kind: "bytes"},
    {name: "senders", label: "Senders", kind: "count"},
    {name: "receivers", label: "Receivers", kind: "count"},
    {name: "first_us", label: "First", kind: "time"},
    {name: "last_us", label: "Last", kind: "time"}
  ],
  sql: () => `SELECT sha256, CAST(count(*) AS BIGINT) AS times, string_agg(DISTINCT name, ', ' ORDER BY name) AS names, max(size) AS size,
  CAST(count(DISTINCT sender) AS BIGINT) AS senders, CAST(count(DISTINCT receiver) AS BIGINT) AS receivers, min(ts_us) AS first_us, max(ts_us) AS last_us
FROM records\nWHERE sha256 IS NOT NULL\nGROUP BY 1\nHAVING count(*) > 1\nORDER BY 2 DESC, 1\nLIMIT 200`
};

export const filesPage: RecordPage = {
  path: "/files",
  sources: [fileRecords],
  questions: [fileFigures, filesOverTime, fileTypes, fileSenders, fileFinds, fileContradictions, fileRepeats]
};
