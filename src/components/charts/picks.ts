import type {Filter} from "../../lib/filter.js";
import type {Cell} from "../../lib/question.js";

/** A click on a row whose first group is a host shows the flows of that host. */
export function hostPick([host]: readonly Cell[]): Filter {
  return {host: host as string};
}
