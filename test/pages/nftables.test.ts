import {execFileSync} from "node:child_process";
import {describe, expect, it} from "vitest";
import {type Blockable, nftablesText} from "../../src/lib/nftables.ts";
import {itUnless} from "../needs.ts";

const notice = (fields: Partial<Blockable> = {}): Blockable => ({
  id: "00112233445566aa",
  rule: "brute_force",
  from: 1_795_253_400_000_000,
  src: "10.0.0.5",
  dst: "192.0.2.10",
  port: 22,
  summary: "10.0.0.5 tried 300 logins at 192.0.2.10.",
  ...fields
});
const rules = (text: string | null) => text?.split("\n").filter((line) => /^ {4}(?!type)/.test(line));

describe("firewall text of a notice", () => {
  it("drops what the source sends to the target's port, in a table that can be removed whole", () => {
    expect(nftablesText(notice())).toBe(`# brute force, 2026-11-21T09:30:00Z, notice 00112233445566aa
# 10.0.0.5 tried 300 logins at 192.0.2.10.
# A source may be forged, and may be a host of your own: see that it is not one you need.
# flowbook applies nothing. To apply: nft -f FILE
# To undo: nft delete table inet flowbook_00112233445566aa
add table inet flowbook_00112233445566aa
delete table inet flowbook_00112233445566aa
table inet flowbook_00112233445566aa {
  chain input {
    type filter hook input priority -10; policy accept;
    ip saddr 10.0.0.5 ip daddr 192.0.2.10 meta l4proto { tcp, udp } th dport 22 counter drop
  }
  chain forward {
    type filter hook forward priority -10; policy accept;
    ip saddr 10.0.0.5 ip daddr 192.0.2.10 meta l4proto { tcp, udp } th dport 22 counter drop
  }
  chain output {
    type filter hook output priority -10; policy accept;
    ip saddr 10.0.0.5 ip daddr 192.0.2.10 meta l4proto { tcp, udp } th dport 22 counter drop
  }
}
`);
  });

  it("drops all of a source with many targets, and limits what reaches a target of many sources", () => {
    expect(rules(nftablesText(notice({dst: null, port: null})))?.[0].trim()).toBe("ip saddr 10.0.0.5 counter drop");
    expect(rules(nftablesText(notice({src: null, dst: "2001:db8::1", port: 80})))?.[0].trim()).toBe(
      "ip6 daddr 2001:db8::1 meta l4proto { tcp, udp } th dport 80 limit rate over 100/second burst 200 packets counter drop"
    );
    expect(nftablesText(notice({src: null, dst: null}))).toBeNull();
  });

  it("holds nothing of a stranger's but addresses and words in a comment", () => {
    const hostile = nftablesText(
      notice({id: "x; }\nflush ruleset", src: "10.0.0.5; flush ruleset", summary: "a\nflush ruleset\r\u2028b"})
    );
    expect(hostile?.split("\n").filter((line) => line.includes("flush ruleset"))).toEqual([
      "# brute force, 2026-11-21T09:30:00Z, notice x; }\\u{a}flush ruleset",
      "# a\\u{a}flush ruleset\\u{d}\\u{2028}b"
    ]);
    expect(hostile).toContain("table inet flowbook_xflushruleset {");
    expect(rules(hostile)?.[0].trim()).toMatch(/^ip daddr 192\.0\.2\.10 /);
  });

  const reason = noNft();
  itUnless(reason)("is what nft takes, in a check that applies nothing", () => {
    for (const fields of [
      {},
      {dst: null, port: null},
      {src: null},
      {src: "2001:db8::5", dst: "fe80::1"},
      {src: "::ffff:10.0.0.5", dst: null},
      {summary: "ends with a backslash \\"}
    ]) {
      const input = nftablesText(notice(fields)) as string;
      expect(() => execFileSync("unshare", ["-n", "nft", "-c", "-f", "-"], {input, stdio: "pipe"})).not.toThrow();
    }
    const input = `${nftablesText(notice())}flush nonsense`;
    expect(() => execFileSync("unshare", ["-n", "nft", "-c", "-f", "-"], {input, stdio: "pipe"})).toThrow();
  });
});

/** Why nft cannot check here; null where it can. It needs a network of its own to look at, as root. */
function noNft(): string | null {
  try {
    execFileSync("unshare", ["-n", "nft", "list", "ruleset"], {stdio: "ignore"});
    return null;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}
