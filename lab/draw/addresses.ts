import type {Endpoint, Link} from "../configuration.ts";
import type {Random} from "../random.ts";

/** Addresses of a drawn network; none is given out twice. */
export class Addresses {
  /** The first two or three numbers of the site's own network. */
  readonly site: string;
  /** The first three numbers of a network of which few addresses live. */
  readonly quarter: string;
  readonly #random: Random;
  readonly #given = new Set<string>();

  constructor(random: Random) {
    this.#random = random;
    this.site = random.weighted([
      [`192.168.${random.integer(0, 250)}`, 4],
      [`10.${random.integer(0, 250)}.${random.integer(0, 250)}`, 4],
      [`172.${random.integer(16, 31)}.${random.integer(0, 250)}`, 2],
      [`${random.integer(128, 191)}.${random.integer(1, 250)}.${random.integer(0, 250)}`, 1]
    ]);
    const [a, b, c] = this.site.split(".").map(Number);
    this.quarter = `${a}.${b}.${(c + random.integer(1, 4)) % 256}`;
  }

  /** A host of the site's own network. */
  own(): string {
    return this.#fresh(() => `${this.site}.${this.#random.integer(2, 250)}`);
  }

  /** An address somewhere in the world. */
  public(): string {
    return this.#fresh(() => {
      const first = this.#random.integer(23, 209);
      const reserved = [100, 127, 169, 172, 192, 198, 203].includes(first) || this.site.startsWith(`${first}.`);
      const [b, c, d] = [0, 0, 1].map((least) => this.#random.integer(least, 250));
      return `${reserved ? 45 : first}.${b}.${c}.${d}`;
    });
  }

  #fresh(make: () => string): string {
    for (;;) {
      const address = make();
      if (this.#given.has(address)) continue;
      this.#given.add(address);
      return address;
    }
  }
}

/** A number between two whose logarithm is even: as many from 1 to 10 as from 10 to 100. */
export function logUniform(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.float();
}

/** A link inside a building: cable, radio, or a poor one. */
export function nearLink(random: Random): Link {
  const [delay, jitter, loss] = random.weighted([
    [[60, 400, 0], 5] as const,
    [[300, 1500, 400], 2] as const,
    [[1000, 6000, 2500], 2] as const,
    [[4000, 25_000, 5000], 1] as const
  ]);
  return {
    delayUs: Math.round(logUniform(random, delay / 2, jitter)),
    jitterUs: Math.round(logUniform(random, delay / 4, jitter / 2)),
    lossPpm: loss === 0 ? 0 : random.integer(0, loss),
    kbit: random.pick([10_000, 20_000, 50_000, 100_000, 100_000, 200_000])
  };
}

export function endpoint(host: string, address: string, port: number, ...names: string[]): Endpoint {
  return {host, address, port, names};
}
