import {exit, UserError} from "./verb.ts";

type Given = string | boolean | (string | boolean)[] | undefined;

/** A number given as an option, `otherwise` where it is not; throws a UserError outside of `least … most`. */
export function numberOption<T>(given: Given, name: string, otherwise: T, least: number, most: number): number | T {
  if (given === undefined) return otherwise;
  const value = Number(given);
  if (given === "" || !(value >= least && value <= most))
    throw new UserError(
      exit.usage,
      `--${name}: expected a number from ${least} to ${most}, found ${JSON.stringify(given)}`
    );
  return value;
}

const seconds: Readonly<Record<string, number>> = {"": 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800};

/** An age in seconds: `30d`, `12h`, `90m`, `45s`; null where none is given. */
export function ageOption(given: Given, name: string): number | null {
  if (given === undefined) return null;
  const found = /^(\d+(?:\.\d+)?)([smhdw]?)$/.exec(String(given));
  if (!found)
    throw new UserError(
      exit.usage,
      `--${name}: expected an age such as 30d, 12h or 45s, found ${JSON.stringify(given)}`
    );
  return Number(found[1]) * seconds[found[2]];
}

const bytes: Readonly<Record<string, number>> = {"": 1e6, k: 1e3, m: 1e6, g: 1e9, t: 1e12};

/** A size in bytes: `500M`, `10G`, a number alone is MB; null where none is given. */
export function sizeOption(given: Given, name: string): number | null {
  if (given === undefined) return null;
  const found = /^(\d+(?:\.\d+)?)([kmgt]?)b?$/.exec(String(given).toLowerCase());
  if (!found)
    throw new UserError(exit.usage, `--${name}: expected a size such as 500M or 10G, found ${JSON.stringify(given)}`);
  return Number(found[1]) * bytes[found[2]];
}
