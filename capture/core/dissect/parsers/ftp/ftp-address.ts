/** Ports that FTP's control connection announces for its data (RFC 959 §4.1.2, RFC 2428). */

/** The port in `h1,h2,h3,h4,p1,p2` (PORT, and within the reply 227); 0 where there is none. */
export function portOfNumbers(start: usize, end: usize): u16 {
  for (let at = start; at < end; at++) {
    if (<u32>load<u8>(at) - 0x30 > 9) continue;
    let count = 0;
    let value: u32 = 0;
    let last: u32 = 0;
    let before: u32 = 0;
    for (; at <= end; at++) {
      const digit = at < end ? <u32>load<u8>(at) - 0x30 : 10;
      if (digit <= 9) {
        value = value * 10 + digit;
        if (value > 255) break;
        continue;
      }
      before = last;
      last = value;
      value = 0;
      count++;
      if (at >= end || load<u8>(at) !== 0x2c) break;
    }
    if (count === 6) return <u16>(before * 256 + last);
  }
  return 0;
}

/** The port in `|1|192.0.2.1|6275|` (EPRT) or `(|||6446|)` (the reply 229); 0 where there is none. */
export function portOfFields(start: usize, end: usize): u16 {
  let at = start;
  while (at < end && load<u8>(at) !== 0x28) at++;
  at = at < end ? at + 1 : start;
  if (at >= end) return 0;
  const mark = load<u8>(at);
  let marks = 0;
  let value: u32 = 0;
  for (; at < end; at++) {
    const byte = load<u8>(at);
    if (byte === mark) {
      if (++marks === 4) return value < 65_536 ? <u16>value : 0;
      value = 0;
    } else if (marks === 3) {
      if (<u32>byte - 0x30 > 9 || value > 65_535) return 0;
      value = value * 10 + (byte - 0x30);
    }
  }
  return 0;
}
