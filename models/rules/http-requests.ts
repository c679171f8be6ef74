import type {Scope} from "./rule.ts";

/**
 * A subquery: HTTP requests of client `src_ip` to server `dst_ip`; texts are never NULL. A referer is empty where no page
 * can have led to the request: it is no address, or one of a server without a name that the client asked for no page.
 */
export function httpRequests(scope: Scope): string {
  const asked =
    "sum(CASE WHEN h.method = 'GET' THEN 1 ELSE 0 END) OVER (PARTITION BY h.capture_sha256, f.src_ip, f.dst_ip)";
  const isOwnPage = "(h.referer || '/') LIKE 'http://' || h.host || '/%'";
  return `(SELECT h.capture_sha256, h.flow_id, h.ts AS ts_start, h.ts AS ts_end, f.src_ip, f.dst_ip, f.dst_port, h.method, h.status,
      coalesce(h.uri, '') AS uri, coalesce(h.host, '') AS host, lower(coalesce(h.user_agent, '')) AS agent,
      CASE WHEN lower(h.referer) NOT LIKE '%://%' OR (${isBareHost("h.host")} AND ${isOwnPage} AND ${asked} = 0) THEN '' ELSE coalesce(h.referer, '') END AS referer, lower(coalesce(h.request_type, '')) AS request_type, coalesce(h.content_length, 0) AS length, coalesce(h.request_length, 0) AS request_length,
      lower(coalesce(h.content_type, '')) AS content_type
    FROM ${scope.rows("http")} h JOIN ${scope.rows("flows")} f ON h.flow_id = f.flow_id AND h.capture_sha256 = f.capture_sha256
    WHERE h.method IS NOT NULL)`;
}

/** A condition: the host is an address, not a name. */
export const isBareHost = (host: string) =>
  `coalesce(regexp_extract(${host}, '^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+(:[0-9]+)?$'), '') <> ''`;

/** A condition: the path is of a page that takes a password. */
export const isLoginPath = (uri: string) =>
  `(${["login", "signin", "logon", "xmlrpc.php"].map((word) => `lower(${uri}) LIKE '%${word}%'`).join(" OR ")})`;

/** A condition: the path is of a script. */
export const isScript = (uri: string) =>
  `coalesce(regexp_extract(lower(${uri}), '[.](php|jspx?|aspx?|ashx)([?]|$)'), '') <> ''`;
