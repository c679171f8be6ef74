import {Event} from "../../meter/layout";

/** Telegram's calls by the requests to its reflectors: a tag, twelve bytes of ones, and a kind. */
export function recogniseTelegram(_event: Event, start: usize, end: usize): bool {
  return end - start === 40 && load<u64>(start, 16) === 0xffffffffffffffff && load<u64>(start, 24) === 0xfffffffeffffffff;
}
