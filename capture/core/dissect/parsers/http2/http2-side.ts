import {allocate, moved, release} from "../../heap";
import {countGivenUp, releaseHeld, reserveHeld} from "../../streams/held";
import {closeTable, DynamicTable, evict, openTable} from "./dynamic-table";
import {MAX_BLOCK} from "./header-block";

/** What is known of a direction of a connection: its field table, the header block and the DATA frame under way. */
@unmanaged
export class Http2Side extends DynamicTable {
  /** A header block that goes on in CONTINUATION frames: its bytes, its stream, the frame's flags and when it began. */
  block: u32 = 0;
  blockLength: u32 = 0;
  blockStream: u32 = 0;
  blockFlags: u8 = 0;
  /** Whether the field table was lost by missing bytes. */
  hasLostTable: u8 = 0;
  dataFlags: u8 = 0;
  reserved: u8 = 0;
  blockTime: f64 = 0;
  /** The DATA frame under way: its stream (0 without), and bytes of content and, behind it, of padding that are to come. */
  dataStream: u32 = 0;
  content: u32 = 0;
}

export function openHttp2Side(side: Http2Side): void {
  memory.fill(changetype<usize>(side), 0, offsetof<Http2Side>());
  openTable(side);
}

/** Puts a fragment behind those of the block that came before; false where it gets too long. */
export function addFragment(side: Http2Side, start: usize, end: usize): bool {
  const length = <u32>(end - start);
  const before = side.blockLength;
  const total = before + length;
  let block: usize = 0;
  if (total <= MAX_BLOCK && reserveHeld(<i32>length)) {
    block = before === 0 ? allocate(total) : moved(side.block, before, before, total);
    if (block === 0) releaseHeld(<i32>length);
  }
  if (block === 0) {
    countGivenUp();
    return false;
  }
  memory.copy(block + before, start, length);
  side.block = <u32>block;
  side.blockLength = total;
  return true;
}

/** Lets go of the block. */
export function dropBlock(side: Http2Side): void {
  if (side.blockLength > 0) {
    release(side.block, side.blockLength);
    releaseHeld(<i32>side.blockLength);
  }
  side.block = side.blockLength = side.blockStream = 0;
}

/** Fields were added that were not seen: what was known before is not to be found any more. */
export function loseTable(side: Http2Side): void {
  evict(side, 0);
  dropBlock(side);
  side.hasLostTable = 1;
}

export function closeHttp2Side(side: Http2Side): void {
  dropBlock(side);
  closeTable(side);
}
