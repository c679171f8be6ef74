/** Header fields that every HTTP/2 connection knows (RFC 7541 Appendix A). */

export const STATIC_FIELDS: u32 = 61;

const names: StaticArray<string> = [
  ":authority", ":method", ":method", ":path", ":path", ":scheme", ":scheme", ":status", ":status", ":status", ":status", ":status",
  ":status", ":status", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "accept",
  "access-control-allow-origin", "age", "allow", "authorization", "cache-control", "content-disposition", "content-encoding",
  "content-language", "content-length", "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect",
  "expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
  "link", "location", "max-forwards", "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after",
  "server", "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate"
];

/** Name of the field of an index from 1 to `STATIC_FIELDS`. */
export function staticName(index: u32): string {
  return names[index - 1];
}

/** Its value; most have none. */
export function staticValue(index: u32): string {
  switch (index) {
    case 2: return "GET";
    case 3: return "POST";
    case 4: return "/";
    case 5: return "/index.html";
    case 6: return "http";
    case 7: return "https";
    case 8: return "200";
    case 9: return "204";
    case 10: return "206";
    case 11: return "304";
    case 12: return "400";
    case 13: return "404";
    case 14: return "500";
    case 16: return "gzip, deflate";
  }
  return "";
}
