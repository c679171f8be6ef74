/** A setting that cannot be used; `unknown` is a name that is none, with those that are. */
export class SettingError extends Error {
  readonly unknown: {readonly name: string; readonly known: readonly string[]} | null;
  constructor(message: string, unknown: SettingError["unknown"] = null) {
    super(message);
    this.name = "SettingError";
    this.unknown = unknown;
  }
}

/** A table of a settings file that is read name by name; `done` then finds the names that nobody asked for. */
export class Section {
  readonly #content: Readonly<Record<string, unknown>>;
  readonly #where: string;
  readonly #asked = new Set<string>();

  constructor(content: unknown, where: string) {
    if (typeof content !== "object" || content === null || Array.isArray(content))
      throw new SettingError(`${where}: expected a table, found ${JSON.stringify(content)}`);
    this.#content = content as Readonly<Record<string, unknown>>;
    this.#where = where;
  }

  /** A text that is not empty; without a fallback it must be there. */
  text(name: string): string;
  text<F>(name: string, fallback: F): string | F;
  text(name: string, ...fallback: [unknown?]): unknown {
    const value = this.#value(name);
    if (value === undefined && fallback.length > 0) return fallback[0];
    if (typeof value !== "string" || value === "") return this.fail(name, "expected a text", value);
    return value;
  }

  number<F>(name: string, least: number, most: number, fallback: F): number | F {
    const value = this.#value(name);
    if (value === undefined) return fallback;
    if (typeof value !== "number" || !(value >= least && value <= most))
      return this.fail(name, `expected a number from ${least} to ${most}`, value);
    return value;
  }

  /** A list of texts; without a fallback it must be there. */
  texts(name: string, fallback?: readonly string[]): readonly string[] {
    const value = this.#value(name);
    if (value === undefined && fallback) return fallback;
    if (!Array.isArray(value) || !value.every((text) => typeof text === "string"))
      return this.fail(name, "expected an array of texts", value);
    return value;
  }

  oneOf<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.#value(name);
    if (value === undefined) return fallback;
    if (!choices.includes(value as T)) return this.fail(name, `expected ${choices.join(", ")}`, value);
    return value as T;
  }

  /** A table within the table; null where it is not there. */
  section<T>(name: string, read: (section: Section) => T): T | null {
    const value = this.#value(name);
    if (value === undefined) return null;
    const inner = new Section(value, `${this.#where}.${name}`);
    const result = read(inner);
    inner.done();
    return result;
  }

  /** Throws where a setting is there that must not be. */
  refuse(name: string, why: string): void {
    if (this.#value(name) !== undefined) throw new SettingError(`${this.#where}.${name}: ${why}`);
  }

  fail(name: string, expected: string, found: unknown): never {
    throw new SettingError(`${this.#where}.${name}: ${expected}, found ${JSON.stringify(found) ?? "nothing"}`);
  }

  unknown(name: string, value: string, known: readonly string[]): never {
    throw new SettingError(`${this.#where}.${name}: no ${value}`, {name: value, known});
  }

  /** Throws where the table has a name that was not asked for. */
  done(): void {
    for (const name of Object.keys(this.#content))
      if (!this.#asked.has(name))
        throw new SettingError(`no setting ${this.#where}.${name}`, {name, known: [...this.#asked]});
  }

  #value(name: string): unknown {
    this.#asked.add(name);
    return Object.hasOwn(this.#content, name) ? this.#content[name] : undefined;
  }
}
