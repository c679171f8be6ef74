/** What a condition on files may name: the columns of `files`, who sent and received each, and its flow's ends. */
const filesTable = `SELECT r.*, epoch_us(r.ts) AS ts_us, CASE r.sent_by WHEN 'responder' THEN f.dst_ip ELSE f.src_ip END AS sender,
    CASE r.sent_by WHEN 'responder' THEN f.src_ip ELSE f.dst_ip END AS receiver, f.src_ip, f.src_port, f.dst_ip, f.dst_port, f.service
  FROM files AS r LEFT JOIN flows AS f ON f.flow_id = r.flow_id AND f.capture_sha256 = r.capture_sha256`;

/** The files that a condition (`WHERE …`, or nothing) selects, in the order of their end within a flow. */
export function filesSql(where: string): string {
  return `SELECT CAST(flow_id AS BIGINT) AS flow_id, capture_sha256, ts_us, protocol, sent_by, sender, receiver, name, declared_type, found_type,
  encoding, size, declared_size, complete, md5, sha256
FROM (${filesTable}) AS files
${where}
ORDER BY capture_sha256, ts_us, flow_id`;
}

/**
 * The flows whose packets are needed for these files: their own, and of files by FTP and TFTP every flow of the same service
 * between the same hosts, as one flow announces what another carries; of those within IRC (DCC) every flow of IRC of either host.
 */
export function fileCapturesSql(where: string): string {
  const pair = (flow: string) => `least(${flow}.src_ip, ${flow}.dst_ip), greatest(${flow}.src_ip, ${flow}.dst_ip)`;
  return `WITH chosen AS (SELECT * FROM (${filesTable}) AS files\n${where}\n)
SELECT flow_id, capture_sha256 FROM chosen
UNION
SELECT f.flow_id, f.capture_sha256 FROM flows AS f
JOIN chosen AS c ON c.capture_sha256 = f.capture_sha256 AND c.protocol IN ('ftp', 'tftp')
  AND (f.service IN ('ftp', 'ftp-data', 'tftp') OR 69 IN (f.src_port, f.dst_port)) AND (${pair("f")}) = (${pair("c")})
UNION
SELECT f.flow_id, f.capture_sha256 FROM flows AS f
JOIN chosen AS c ON c.capture_sha256 = f.capture_sha256 AND c.protocol = 'dcc' AND f.service = 'irc'
  AND (f.src_ip IN (c.src_ip, c.dst_ip) OR f.dst_ip IN (c.src_ip, c.dst_ip))`;
}
