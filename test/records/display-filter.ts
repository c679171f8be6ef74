/** A packet as display filters see it: values of a field, and whether it has a protocol. */
export interface FilteredPacket {
  values(field: string): readonly string[];
  has(protocol: string): boolean;
}

type Test = (packet: FilteredPacket) => boolean;

const words = /\s*(&&|\|\||==|>=|[!(){},]|"[^"]*"|[\w.-]+)/y;

/** Names of fields in a display filter, and what says whether a packet passes it: the part of the language that the comparisons use. */
export function displayFilter(text: string): {readonly fields: readonly string[]; readonly passes: Test} {
  const fields = new Set<string>();
  const tokens: string[] = [];
  for (words.lastIndex = 0; words.lastIndex < text.trimEnd().length; ) {
    const [, token] = words.exec(text) ?? [];
    if (token === undefined) throw new Error(`${text}: not understood`);
    tokens.push(token);
  }
  const passes = either();
  if (tokens.length > 0) throw new Error(`${text}: not understood from ${tokens[0]} on`);
  return {fields: [...fields], passes};

  function either(): Test {
    const tests = [both()];
    while (take("||")) tests.push(both());
    return (packet) => tests.some((test) => test(packet));
  }
  function both(): Test {
    const tests = [one()];
    while (take("&&")) tests.push(one());
    return (packet) => tests.every((test) => test(packet));
  }
  function one(): Test {
    if (take("!")) {
      const test = one();
      return (packet) => !test(packet);
    }
    if (take("(")) {
      const test = either();
      expect(")");
      return test;
    }
    const name = tokens.shift()!;
    if (!name.includes(".")) return (packet) => packet.has(name);
    fields.add(name);
    const any =
      (test: (value: string) => boolean): Test =>
      (packet) =>
        packet.values(name).some(test);
    if (take("==")) {
      const value = plain(tokens.shift()!);
      return any((other) => plain(other) === value);
    }
    if (take(">=")) {
      const least = Number(tokens.shift());
      return any((value) => Number(value) >= least);
    }
    if (take("matches")) {
      const pattern = new RegExp(JSON.parse(tokens.shift()!), "i");
      return any((value) => pattern.test(value));
    }
    if (take("in")) {
      const values = new Set<string>();
      for (expect("{"); !take("}"); take(",")) values.add(plain(tokens.shift()!));
      return any((value) => values.has(plain(value)));
    }
    return (packet) => packet.values(name).length > 0;
  }
  function take(token: string): boolean {
    if (tokens[0] !== token) return false;
    tokens.shift();
    return true;
  }
  function expect(token: string): void {
    if (!take(token)) throw new Error(`${text}: ${token} expected before ${tokens[0]}`);
  }
}

/** Numbers and truth values in one form. */
function plain(value: string): string {
  if (value.startsWith('"')) return JSON.parse(value);
  if (value === "True" || value === "False") return value === "True" ? "1" : "0";
  return /^(0x[0-9a-f]+|\d+)$/i.test(value) ? String(Number(value)) : value;
}
