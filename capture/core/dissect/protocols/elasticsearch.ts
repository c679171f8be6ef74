import {u32At} from "../../meter/bytes";
import {Event} from "../../meter/layout";
import {isText} from "../text";

/** Elasticsearch between its nodes by `ES` and the message's length (its transport protocol). */
export function recogniseElasticsearch(event: Event, start: usize, end: usize): bool {
  if (start + 6 > end || !isText(start, end, "ES")) return false;
  const length = u32At(start + 2);
  // -1 is a ping.
  return length === 0xffffffff || (length > 0 && length <= 0x7fffffff && (length + 6 === <u32>(end - start) + <u32>event.cut || end - start > 512));
}

/** Whether it may begin with that byte. */
export function beginsElasticsearch(byte: u8): bool {
  return byte === 0x45;
}
