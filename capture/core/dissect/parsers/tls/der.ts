import {u16At} from "../../../meter/bytes";

/** Values of DER (X.690), in which certificates are written. */

/** The value last read: its tag, and where its content is. */
export let tag: u8 = 0;
export let contentAt: usize = 0;
export let contentEnd: usize = 0;

export const SEQUENCE: u8 = 0x30;
export const SET: u8 = 0x31;

/** Reads the value at `at`; where the next one is, 0 where it does not lie within `end`. Long tags are in no certificate. */
export function readValue(at: usize, end: usize): usize {
  if (at + 2 > end) return 0;
  tag = load<u8>(at);
  if ((tag & 0x1f) === 0x1f) return 0;
  const first = load<u8>(at, 1);
  let length = <usize>first;
  contentAt = at + 2;
  if (first === 0x81 && at + 3 <= end) {
    length = load<u8>(at, 2);
    contentAt = at + 3;
  } else if (first === 0x82 && at + 4 <= end) {
    length = u16At(at + 2);
    contentAt = at + 4;
  } else if (first === 0x83 && at + 5 <= end) {
    length = (<usize>load<u8>(at, 2) << 16) | u16At(at + 3);
    contentAt = at + 5;
  } else if (first >= 0x80) return 0;
  contentEnd = contentAt + length;
  return contentEnd <= end ? contentEnd : 0;
}

/** As `readValue`, of a value of that tag; 0 where it has another. */
export function readTagged(at: usize, end: usize, wanted: u8): usize {
  const next = readValue(at, end);
  return next !== 0 && tag === wanted ? next : 0;
}

/**
 * µs since 1970 of the time last read (RFC 5280 §4.1.2.5); NaN where it is none. As in older certificates seconds may be
 * missing, have a fraction, and an offset from UTC may stand for its Z (X.680 §46, §47).
 */
export function timeRead(): f64 {
  const isLong = tag === 0x18;
  let at = contentAt;
  const years: usize = isLong ? 4 : 2;
  if (!(isLong || tag === 0x17) || contentEnd - at < years + 8) return NaN;
  let year = digits(at, years);
  if (!isLong) year += year < 50 ? 2000 : 1900;
  at += years;
  const month = digits(at, 2);
  const day = digits(at + 2, 2);
  let seconds = digits(at + 4, 2) * 3600 + digits(at + 6, 2) * 60;
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || seconds < 0) return NaN;
  at += 8;
  if (at + 2 <= contentEnd && isDigit(at)) {
    seconds += digits(at, 2);
    at += 2;
  }
  if (at < contentEnd && (load<u8>(at) === 0x2e || load<u8>(at) === 0x2c)) for (at++; at < contentEnd && isDigit(at); at++);
  if (at + 5 <= contentEnd && (load<u8>(at) === 0x2b || load<u8>(at) === 0x2d)) {
    const offset = digits(at + 1, 2) * 3600 + digits(at + 3, 2) * 60;
    if (offset < 0) return NaN;
    seconds += load<u8>(at) === 0x2b ? -offset : offset;
  }
  return (<f64>daysBefore(year, month, day) * 86400 + <f64>seconds) * 1e6;
}

function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 0x30 < 10;
}

/** Days from 1970 (Howard Hinnant, days_from_civil). */
function daysBefore(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const era = (y >= 0 ? y : y - 399) / 400;
  const ofEra = y - era * 400;
  const ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468;
}

/** A number of so many decimal digits; far below zero where they are none. */
function digits(at: usize, count: usize): i32 {
  let value = 0;
  for (let i: usize = 0; i < count; i++) {
    const digit = <i32>load<u8>(at + i) - 0x30;
    if (digit < 0 || digit > 9) return -100_000;
    value = value * 10 + digit;
  }
  return value;
}
