/**
 * A text that orders addresses as the numbers they are, IPv4 before IPv6: `4` and 8 hexadecimal digits, or `6` and 32.
 * What is no address is ordered after both, as it stands.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (mapped) return `6${"0".repeat(20)}ffff${octets(mapped[1])}`;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) return `4${octets(address)}`;
  if (!address.includes(":")) return `9${address}`;
  const [before, after] = address.split("::", 2).map((part) => part.split(":").filter((group) => group !== ""));
  const between = after === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(between).fill("0"), ...(after ?? [])];
  return `6${groups.map((group) => group.padStart(4, "0")).join("")}`;
}

function octets(address: string): string {
  return address
    .split(".")
    .map((octet) => Number(octet).toString(16).padStart(2, "0"))
    .join("");
}

/** The address of a key as flows have it: IPv6 after RFC 5952, with the first of its longest runs of zeros as `::`. */
export function addressOf(key: string): string {
  const digits = key.slice(1);
  if (key[0] === "4") return dotted(digits);
  if (digits.startsWith(`${"0".repeat(20)}ffff`)) return `::ffff:${dotted(digits.slice(24))}`;
  const groups = Array.from({length: 8}, (_, i) => Number.parseInt(digits.slice(i * 4, i * 4 + 4), 16));
  let [from, length] = [-1, 1];
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (groups[i + run] === 0) run++;
    if (run > length) [from, length] = [i, run];
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  return from < 0 ? text(groups) : `${text(groups.slice(0, from))}::${text(groups.slice(from + length))}`;
}

function dotted(digits: string): string {
  return [0, 2, 4, 6].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)).join(".");
}

/** {@link addressKey} in DuckDB's SQL. */
export function addressKeySql(column: string): string {
  const octetsSql = (address: string) =>
    `format('{:02x}{:02x}{:02x}{:02x}', ${[1, 2, 3, 4]
      .map((n) => `CAST(split_part(${address}, '.', ${n}) AS INTEGER)`)
      .join(", ")})`;
  const groups = (n: number) => `list_filter(string_split(split_part(${column}, '::', ${n}), ':'), g -> g <> '')`;
  const padded = (list: string) => `array_to_string(list_transform(${list}, g -> lpad(g, 4, '0')), '')`;
  return `CASE WHEN regexp_full_match(${column}, '\\d+\\.\\d+\\.\\d+\\.\\d+') THEN '4' || ${octetsSql(column)}
    WHEN starts_with(${column}, '::ffff:') AND contains(${column}, '.') THEN '6' || repeat('0', 20) || 'ffff' || ${octetsSql(`substr(${column}, 8)`)}
    WHEN NOT contains(${column}, ':') THEN '9' || ${column}
    ELSE '6' || ${padded(groups(1))} || CASE WHEN contains(${column}, '::')
      THEN repeat('0', GREATEST(0, 32 - length(${padded(groups(1))}) - length(${padded(groups(2))}))) || ${padded(groups(2))} ELSE '' END END`;
}
