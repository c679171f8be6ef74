/** Subqueries within each other, each over what is outside of it: short to write, endless to plan, and deaf to interrupts. */
export function nestedQueries(depth: number): string {
  let inner = "SELECT max(dst_pkts) FROM flows z WHERE z.src_ip=f1.src_ip";
  for (let k = depth; k > 0; k--) inner = `SELECT count(*) FROM flows f${k} WHERE f${k}.src_pkts>(${inner})`;
  return inner;
}

/** The flows joined with themselves again and again; 895 bytes for 25 times. */
export function selfJoins(times: number, kind = "FULL JOIN"): string {
  const joins = Array.from(
    {length: times},
    (_, k) => ` ${kind} flows f${k + 1}${kind.startsWith("NATURAL") ? "" : " USING (src_ip)"}`
  );
  return `SELECT count(*) FROM flows f0${joins.join("")}`;
}
