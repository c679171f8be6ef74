import {describe, expect, it} from "vitest";
import {describeFilter} from "../../src/lib/describe-filter.ts";
import {
  type Filter,
  formatFilter,
  formatIso,
  parseFilter,
  parseIso,
  toggled,
  withFields
} from "../../src/lib/filter.ts";

const hash = "ab".repeat(32);

describe("a filter in a page's address", () => {
  const whole: Filter = {
    from: 1_763_719_200_000_000,
    to: 1_763_719_260_500_001,
    protos: [6, 17],
    services: ["tls", null, "a,b&c=d"],
    labels: ["PortScan", "Web Attack #1"],
    verdicts: ["suspicious", "not_judged"],
    host: "2001:db8::1",
    captures: [hash]
  };

  it("reads as it was written", () => {
    expect(parseFilter(`#${formatFilter(whole)}`)).toEqual(whole);
  });

  it("says its times in UTC to the microsecond, and its hosts readably", () => {
    const text = formatFilter(whole);
    expect(text).toContain("from=2025-11-21T10:00:00Z&to=2025-11-21T10:01:00.500001Z&proto=6,17&service=tls,-,");
    expect(text).toContain("host=2001:db8::1");
  });

  it("is empty where everything passes", () => {
    expect(formatFilter({})).toBe("");
    expect(parseFilter("")).toEqual({});
    expect(parseFilter("#")).toEqual({});
  });

  it("leaves out what it does not understand", () => {
    expect(parseFilter("#from=yesterday&proto=tcp,6,999&verdict=evil,normal&capture=../../etc&colour=red&%")).toEqual({
      protos: [6],
      verdicts: ["normal"]
    });
  });

  it("leaves out an end that lies before its start", () => {
    expect(parseFilter("#from=2025-11-21T10:00:00Z&to=2025-11-21T09:00:00Z")).toEqual({from: 1_763_719_200_000_000});
  });

  it("keeps what cannot be decoded as it is", () => {
    expect(parseFilter("#host=%E0%A4%A")).toEqual({host: "%E0%A4%A"});
  });

  it("takes no more than it can show", () => {
    const many = Array.from({length: 2000}, (_, i) => `s${i}`).join(",");
    expect(parseFilter(`#service=${many}`).services?.length).toBe(500);
  });
});

describe("fields of a filter", () => {
  it("are removed by undefined, an empty list and an empty text", () => {
    expect(withFields({protos: [6], host: "a", services: ["x"]}, {protos: [], host: "", services: undefined})).toEqual(
      {}
    );
  });

  it("gain a value, and lose it when it is chosen again", () => {
    expect(toggled(undefined, 6)).toEqual([6]);
    expect(toggled([6, 17], 6)).toEqual([17]);
  });
});

describe("times in an address", () => {
  it("have as many digits as they need", () => {
    expect(formatIso(0)).toBe("1970-01-01T00:00:00Z");
    expect(formatIso(1_500)).toBe("1970-01-01T00:00:00.001500Z");
    expect(formatIso(1_500_000)).toBe("1970-01-01T00:00:01.500Z");
  });

  it("are read to the microsecond, and not at all where they are none", () => {
    expect(parseIso("1970-01-01T00:00:01.5Z")).toBe(1_500_000);
    expect(parseIso("1970-01-01T00:00:01.000001Z")).toBe(1_000_001);
    for (const text of [undefined, "", "1970-01-01", "1970-13-01T00:00:00Z", "1970-01-01T00:00:00+01:00"])
      expect(parseIso(text)).toBeUndefined();
  });
});

describe("a filter in words", () => {
  it("names each field and shows what hides in a name", () => {
    const filter: Filter = {
      protos: [6],
      services: [null, "tls"],
      verdicts: ["not_judged"],
      host: "a\u202Eb",
      labels: ["DoS"]
    };
    expect(describeFilter(filter, "utc")).toBe(
      "TCP · not recognised or TLS · not judged · class DoS · host a\\u{202e}b"
    );
    expect(describeFilter({from: 0}, "utc")).toBe("from 1970-01-01 00:00:00");
    expect(describeFilter({}, "utc")).toBe("all flows");
  });
});
