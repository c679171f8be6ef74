import {formatIso} from "./filter.js";

/** A whole number with separators of thousands: 12,345. */
export function formatCount(value: number): string {
  if (Number.isNaN(value)) return "–";
  return signed(Math.round(value).toLocaleString("en-US"));
}

/** How many there are of something that takes an s where there are several: 1 flow, 2 flows. */
export function formatCounted(value: number, one: string): string {
  return `${formatCount(value)} ${one}${value === 1 ? "" : "s"}`;
}

/** A formatted number with a minus sign in place of a hyphen. */
export function signed(text: string): string {
  return text.replace(/^-/, "−");
}

/** A number in at most four characters and a letter: 812, 3.4 k, 12.0 M. */
export function formatShort(value: number): string {
  return scaled(value, 1000, ["", "k", "M", "G", "T", "P"]);
}

/** A formatted number of an axis, where most are round: 100 MB in place of 100.0 MB; nothing has no unit, as the others of the axis may have a larger one. */
export function onAxis(text: string): string {
  return text.replace(/\.0(?= )/, "").replace(/^0 (?:µs|B|B\/s)$/, "0");
}

/** Bytes in decimal units, as link speeds are: 812 B, 3.4 kB, 12.0 MB. */
export function formatBytes(value: number): string {
  return scaled(value, 1000, ["B", "kB", "MB", "GB", "TB", "PB"]);
}

/** A rate of bytes a second. */
export function formatByteRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

function scaled(value: number, base: number, units: readonly string[]): string {
  if (!Number.isFinite(value)) return "–";
  let [scaledValue, unit] = [value, 0];
  // 999.95 would be shown as 1000.0.
  while (Math.abs(scaledValue) >= base - (unit === 0 ? 0.5 : 0.05) && unit < units.length - 1) {
    scaledValue /= base;
    unit++;
  }
  const text = signed(unit === 0 ? trimmed(scaledValue) : scaledValue.toFixed(1));
  return units[unit] ? `${text} ${units[unit]}` : text;
}

function trimmed(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100
    ? String(Math.round(value))
    : String(Number(value.toFixed(2)));
}

/** A share of a whole in per cent; what is more than nothing is never shown as 0 %, what is less than all never as 100 %. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = (part / whole) * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  if (percent < 0.1) return "< 0.1 %";
  if (percent > 99.9) return "> 99.9 %";
  return `${percent.toFixed(1)} %`;
}

/** A duration in its largest fitting units: 850 µs, 12.3 ms, 4.0 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function formatDuration(us: number): string {
  if (!Number.isFinite(us)) return "–";
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 999_950) return `${(us / 1000).toFixed(1)} ms`;
  const seconds = us / 1e6;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [d, h, m, s] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60
  ];
  if (d > 0) return h ? `${d} d ${h} h` : `${d} d`;
  if (h > 0) return m ? `${h} h ${m} min` : `${h} h`;
  return s ? `${m} min ${s} s` : `${m} min`;
}

/** A duration behind the time that it begins at, as ` for 3.0 s`; nothing of what was there at one moment. */
export function formatLasting(us: number): string {
  return us > 0 ? ` for ${formatDuration(us)}` : "";
}

/** How times are shown: in UTC, or in the reader's own zone. */
export type Zone = "utc" | "local";

/** µs since 1970 as `2026-11-21 09:30:15.123456`, to the digits asked for (0, 3 or 6), in the zone asked for. */
export function formatTime(us: number, zone: Zone, digits: 0 | 3 | 6 = 0): string {
  const shifted = zone === "utc" ? us : us - new Date(Math.floor(us / 1000)).getTimezoneOffset() * 60e6;
  const iso = formatIso(Math.floor(shifted));
  const [seconds, fraction = ""] = iso.slice(0, -1).replace("T", " ").split(".");
  return digits === 0 ? seconds : `${seconds}.${fraction.padEnd(6, "0").slice(0, digits)}`;
}

/** A span as `2026-11-21 09:30:00 – 09:45:00`; the day stands twice only where it differs. */
export function formatSpan(from: number, to: number, zone: Zone): string {
  const digits = to - from < 10e6 ? 3 : 0;
  const [a, b] = [formatTime(from, zone, digits), formatTime(to, zone, digits)];
  return `${a} – ${a.slice(0, 10) === b.slice(0, 10) ? b.slice(11) : b}`;
}

/** A tick of a time axis that shows `spanUs`: as much of the time as differs between ticks, the day where days differ. */
export function formatTick(us: number, zone: Zone, spanUs: number): string {
  return formatTime(us, zone, 3).slice(...tickPart(spanUs));
}

/** Whether a tick's label says its whole time: 09:01 stands for 09:01:00, not for 09:01:30. */
export function isWholeTick(us: number, zone: Zone, spanUs: number): boolean {
  return !/[1-9]/.test(formatTime(us, zone, 3).slice(tickPart(spanUs)[1]));
}

/** Where in `2026-11-21 09:30:15.123` a tick's label begins and ends. */
function tickPart(spanUs: number): readonly [number, number] {
  if (spanUs > 300 * 86_400e6) return [0, 10];
  if (spanUs > 5 * 86_400e6) return [5, 10];
  if (spanUs > 86_400e6) return [5, 16];
  if (spanUs >= 600e6) return [11, 16];
  return [11, spanUs < 20e6 ? 23 : 19];
}
