import {allocate, release} from "../../heap";
import {countGivenUp} from "../../streams/held";

/** Shares whose path is remembered, of one connection. */
const MAX_SHARES: i32 = 64;

/** What a connection is connected to: its shares, and how many. */
@unmanaged
export class Shares {
  first: u32 = 0;
  count: i32 = 0;
}

/** A share; its path follows. */
@unmanaged
class Share {
  next: u32 = 0;
  tree: u32 = 0;
  /** A path as `keepText` keeps one: its length, and behind it its bytes. */
  length: u32 = 0;
}

const SHARE_BYTES: usize = offsetof<Share>();

/** Remembers the path of the share that has this identifier from now on. */
export function rememberShare(shares: Shares, tree: u32, path: usize, length: u32): void {
  if (shares.count >= MAX_SHARES) return;
  const block = allocate(SHARE_BYTES + length);
  if (block === 0) {
    countGivenUp();
    return;
  }
  const share = changetype<Share>(block);
  share.tree = tree;
  share.length = length;
  memory.copy(block + SHARE_BYTES, path, length);
  const link = linkTo(shares, tree);
  if (link !== 0) drop(shares, link);
  share.next = shares.first;
  shares.first = <u32>block;
  shares.count++;
}

/** Path of the share of that identifier, as a kept text; 0 where its connection was not seen. */
export function shareOf(shares: Shares, tree: u32): usize {
  const link = linkTo(shares, tree);
  return link === 0 ? 0 : <usize>load<u32>(link) + offsetof<Share>("length");
}

export function forgetShares(shares: Shares): void {
  while (shares.first !== 0) drop(shares, changetype<usize>(shares) + offsetof<Shares>("first"));
}

/** The link to the share of that identifier; 0 without one. */
function linkTo(shares: Shares, tree: u32): usize {
  let link = changetype<usize>(shares) + offsetof<Shares>("first");
  for (; load<u32>(link) !== 0; link = <usize>load<u32>(link) + offsetof<Share>("next"))
    if (changetype<Share>(<usize>load<u32>(link)).tree === tree) return link;
  return 0;
}

function drop(shares: Shares, link: usize): void {
  const share = changetype<Share>(<usize>load<u32>(link));
  store<u32>(link, share.next);
  shares.count--;
  release(changetype<usize>(share), SHARE_BYTES + share.length);
}
