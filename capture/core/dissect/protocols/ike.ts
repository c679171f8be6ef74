import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";

/** IKE, version 1 and 2, by its header (RFC 7296 §3.1), behind four zero bytes where it shares ESP's port (RFC 3948 §2.2). */
export function recogniseIke(_event: Event, start: usize, end: usize): bool {
  const at = u32At(start) === 0 ? start + 4 : start;
  if (at + 28 > end || <usize>u32At(at + 24) !== end - at) return false;
  return isExchange(load<u8>(at, 17), load<u8>(at, 18)) && (u32At(at) !== 0 || u32At(at + 4) !== 0);
}

function isExchange(version: u8, exchange: u8): bool {
  if (version === 0x20) return exchange >= 34 && exchange <= 43;
  return version === 0x10 && ((exchange >= 1 && exchange <= 6) || exchange === 32 || exchange === 33);
}
