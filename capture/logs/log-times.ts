const iso = /^(\d{4})-(\d\d?)-(\d\d?)[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?$/;
/** CICFlowMeter's, day first. */
const dayFirst = /^(\d\d?)\/(\d\d?)\/(\d{4}) (\d\d?):(\d\d)(?::(\d\d))?(?:[.](\d{1,9}))?\s*([AP]M)?$/i;

/** A time of a log in µs since 1970, to the µs; without a zone it is UTC. Null where the text is none. */
export function timeUs(text: string): number | null {
  const found = iso.exec(text);
  if (found) {
    const [, year, month, day, hour, minute, second, fraction, zone] = found;
    return at(year, month, day, Number(hour), minute, second, fraction, zoneMinutes(zone));
  }
  const other = dayFirst.exec(text);
  if (!other) return null;
  const [, day, month, year, hour, minute, second, fraction, half] = other;
  const hours = half ? (Number(hour) % 12) + (half.toUpperCase() === "PM" ? 12 : 0) : Number(hour);
  return at(year, month, day, hours, minute, second, fraction, 0);
}

function at(
  year: string,
  month: string,
  day: string,
  hour: number,
  minute: string,
  second = "0",
  fraction = "",
  zone: number
): number | null {
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), hour, Number(minute) - zone, Number(second));
  const isDate = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31 && hour < 24;
  return isDate ? ms * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6)) : null;
}

function zoneMinutes(zone: string | undefined): number {
  if (!zone || zone === "Z") return 0;
  const digits = zone.replace(/\D/g, "");
  return (zone[0] === "-" ? -1 : 1) * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2)));
}
