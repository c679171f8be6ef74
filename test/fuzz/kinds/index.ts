import {changedBytes} from "./changed-bytes.ts";
import {conversations} from "./conversations.ts";
import {fragments} from "./fragments.ts";
import type {Kind} from "./kind.ts";
import {lengths} from "./lengths.ts";
import {nesting} from "./nesting.ts";
import {randomBytes} from "./random-bytes.ts";
import {truncation} from "./truncation.ts";

/** Every kind of packets that the meter is tried with. */
export const kinds: readonly Kind[] = [
  randomBytes,
  truncation,
  changedBytes,
  lengths,
  fragments,
  nesting,
  conversations
];
