import {describe, expect, it} from "vitest";
import {toCsv} from "../../src/lib/csv.ts";
import {
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatLasting,
  formatShare,
  formatShort,
  formatSpan,
  formatTick,
  formatTime,
  isWholeTick,
  onAxis
} from "../../src/lib/format.ts";
import {endpointPort, portText, protocolFact} from "../../src/lib/names.ts";
import {expectedServices, portMismatch} from "../../src/lib/usual-ports.ts";
import {shortened, visibleText} from "../../src/lib/visible-text.ts";

const at = Date.UTC(2025, 10, 21, 10, 0, 0) * 1000;

describe("numbers on pages", () => {
  it("bytes come in decimal units that never read 1000", () => {
    expect([0, 1, 999, 1000, 999_949, 999_950, 12_345_678, 9.99e14, 1e15].map(formatBytes)).toEqual([
      "0 B",
      "1 B",
      "999 B",
      "1.0 kB",
      "999.9 kB",
      "1.0 MB",
      "12.3 MB",
      "999.0 TB",
      "1.0 PB"
    ]);
    expect(["100.0 MB", "1.5 kB", "0 B", "20.0 ms", "0 µs"].map(onAxis)).toEqual([
      "100 MB",
      "1.5 kB",
      "0",
      "20 ms",
      "0"
    ]);
  });

  it("counts are exact or short", () => {
    expect(formatCount(1_234_567.4)).toBe("1,234,567");
    expect(formatCount(Number.NaN)).toBe("–");
    expect([0, 1, 1200].map((flows) => formatCounted(flows, "flow"))).toEqual(["0 flows", "1 flow", "1,200 flows"]);
    expect([0, 0.25, 999, 12_340, 2_570_000].map(formatShort)).toEqual(["0", "0.25", "999", "12.3 k", "2.6 M"]);
  });

  it("a share of something is never shown as none, and less than all never as all", () => {
    expect(formatShare(0, 10)).toBe("0 %");
    expect(formatShare(10, 10)).toBe("100 %");
    expect(formatShare(1, 100_000)).toBe("< 0.1 %");
    expect(formatShare(99_999, 100_000)).toBe("> 99.9 %");
    expect(formatShare(1, 3)).toBe("33.3 %");
    expect(formatShare(0, 0)).toBe("–");
  });

  it("what was there at one moment has no duration beside its time", () => {
    expect([0, 3e6].map(formatLasting)).toEqual(["", " for 3.0 s"]);
  });

  it("durations come in their largest fitting units", () => {
    expect([0, 999, 12_300, 4e6, 60e6, 200e6, 7500e6, 90_000e6, 2 * 86_400e6].map(formatDuration)).toEqual([
      "0 µs",
      "999 µs",
      "12.3 ms",
      "4.0 s",
      "1 min",
      "3 min 20 s",
      "2 h 5 min",
      "1 d 1 h",
      "2 d"
    ]);
    expect(formatDuration(Number.NaN)).toBe("–");
  });
});

describe("times on pages", () => {
  it("have the digits that are asked for", () => {
    expect(formatTime(at + 123_456, "utc")).toBe("2025-11-21 10:00:00");
    expect(formatTime(at + 123_456, "utc", 3)).toBe("2025-11-21 10:00:00.123");
    expect(formatTime(at + 123_456, "utc", 6)).toBe("2025-11-21 10:00:00.123456");
    expect(formatTime(at, "utc", 6)).toBe("2025-11-21 10:00:00.000000");
  });

  it("of a span name the day twice only where it differs", () => {
    expect(formatSpan(at, at + 900e6, "utc")).toBe("2025-11-21 10:00:00 – 10:15:00");
    expect(formatSpan(at, at + 86_400e6, "utc")).toBe("2025-11-21 10:00:00 – 2025-11-22 10:00:00");
    expect(formatSpan(at, at + 1e6, "utc")).toBe("2025-11-21 10:00:00.000 – 10:00:01.000");
  });

  it("on an axis show what differs between ticks", () => {
    expect(formatTick(at, "utc", 1e6)).toBe("10:00:00.000");
    expect(formatTick(at, "utc", 120e6)).toBe("10:00:00");
    expect(formatTick(at, "utc", 3600e6)).toBe("10:00");
    expect(formatTick(at, "utc", 2 * 86_400e6)).toBe("11-21 10:00");
    expect(formatTick(at, "utc", 30 * 86_400e6)).toBe("11-21");
    expect(formatTick(at, "utc", 800 * 86_400e6)).toBe("2025-11-21");
    expect([at, at + 30e6, at + 5000].map((us) => isWholeTick(us, "utc", 695e6))).toEqual([true, false, false]);
    expect([at + 30e6, at + 5000].map((us) => isWholeTick(us, "utc", 120e6))).toEqual([true, false]);
    expect(isWholeTick(at, "utc", 30 * 86_400e6)).toBe(false);
  });
});

describe("ports and signs", () => {
  it("of ICMP are its type and code, of protocols without ports none", () => {
    expect([portText(6, 443, "responder"), portText(1, 8, "originator"), portText(58, 0, "responder")]).toEqual([
      "443",
      "type 8",
      "code 0"
    ]);
    expect(portText(47, 0, "responder")).toBe("–");
    // Of a question Zeek puts the type of its answer there.
    expect(portText(58, 134, "responder")).toBe("type 134");
  });

  it("below zero have a minus sign", () => {
    expect([formatCount(-1234), formatShort(-3400), formatBytes(-12)]).toEqual(["−1,234", "−3.4 k", "−12 B"]);
  });
});

describe("texts of strangers", () => {
  it("show control, invisible and bidirectional characters as escapes", () => {
    expect(visibleText("photo\u202Egnp.exe")).toBe("photo\\u{202e}gnp.exe");
    expect(visibleText("a\u0000b\tc\u200Bd\u2066e\u00ADf\u{E0041}g\uD800h")).toBe(
      "a\\u{0}b\\u{9}c\\u{200b}d\\u{2066}e\\u{ad}f\\u{e0041}g\\u{d800}h"
    );
  });

  it("leave letters of every script, emoji and markup as they are", () => {
    for (const text of ["münchen.example", "例え.テスト", "مثال.example", "👍", "<img src=x onerror=alert(1)>"])
      expect(visibleText(text)).toBe(text);
  });

  it("are cut in the middle", () => {
    expect(shortened("0123456789", 7)).toBe("012…789");
    expect(shortened("short", 7)).toBe("short");
  });

  it("run no formula in a spreadsheet", () => {
    const rows = [
      ["=HYPERLINK(1)", -1],
      ["+1", 2],
      ["@x", null],
      ['say "a, b"', 3],
      ["-", 0],
      ["\tx", 1],
      ["＝1+1", 4]
    ] as const;
    expect(toCsv({columns: ["name", "n"], rows})).toBe(
      `name,n\r\n'=HYPERLINK(1),-1\r\n'+1,2\r\n'@x,\r\n"say ""a, b""",3\r\n'-,0\r\n'\tx,1\r\n'＝1+1,4\r\n`
    );
  });
});

describe("services and their ports", () => {
  it("agree where a service is usual", () => {
    expect(portMismatch("tls", 443)).toBeNull();
    expect(portMismatch("ssh", 22)).toBeNull();
  });

  it("differ where another service is usual, or none", () => {
    expect(portMismatch("ssh", 443)).toBe("other");
    expect(portMismatch("http", 31_337)).toBe("uncommon");
    expect(expectedServices(443)).toEqual(["tls", "quic"]);
  });

  it("are not judged where no port is usual", () => {
    expect(portMismatch("bittorrent", 443)).toBeNull();
  });
});

describe("a flow's protocol and ports", () => {
  it("are told as what they are: ICMP has a type, others no port at all", () => {
    const told = (proto: number, src: number, dst: number) =>
      [protocolFact(proto, src), endpointPort(proto, src), endpointPort(proto, dst)].join("; ");
    expect([told(6, 50_000, 443), told(17, 5353, 5353), told(58, 143, 0), told(1, 8, 0), told(47, 0, 0)]).toEqual([
      "TCP (6); port 50000; port 443",
      "UDP (17); port 5353; port 5353",
      "ICMPv6 (58, type 143); ; ",
      "ICMP (1, type 8); ; ",
      "GRE (47); ; "
    ]);
  });
});
