import {createHash} from "node:crypto";
import {existsSync} from "node:fs";
import {join} from "node:path";
import {readStoreCredentials, type StoreCredentials} from "../capture/store/credentials.ts";
import {type Mirrored, mirror} from "../capture/store/mirror.ts";
import {type ObjectStore, openStore, StoreError} from "../capture/store/object-store.ts";
import {type StorePlace, StoreSettingError, storePlace} from "../capture/store/place.ts";
import {ShipLoop} from "../capture/store/ship-loop.ts";
import {Shipper} from "../capture/store/shipper.ts";
import {cacheFolder} from "../scripts/working-copy.js";
import {readConfiguration} from "./configuration.ts";
import {printable} from "./progress.ts";
import {exit, UserError} from "./verb.ts";

/** How long a verb waits at its end for a store that is away. */
const patienceMs = 60_000;

/** A store that can be asked, and what tells it from others. */
export interface StoreAtHand {
  readonly store: ObjectStore;
  readonly place: StorePlace;
  /** URL and endpoint in one. */
  readonly name: string;
}

/**
 * The store that a flag or the settings name; null where neither does. Nothing is sent yet. Throws a UserError where
 * settings are wrong or there are no keys.
 */
export async function storeAtHand(url: string | undefined, keys: StoreCredentials | null): Promise<StoreAtHand | null> {
  const {store, storeEndpoint, storeRegion, storeCredentials} = readConfiguration();
  const named = url ?? store;
  if (named === "") return null;
  try {
    const place = storePlace({url: named, endpoint: storeEndpoint, region: storeRegion});
    const credentials = storeCredentials === "" ? keys : readStoreCredentials(storeCredentials);
    if (!credentials)
      throw new UserError(exit.configuration, `there are no keys for the store ${place.url}`, {
        hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with store_credentials (docs/scale.md)"
      });
    return {place, name: `${place.endpoint} ${place.url}`, store: await openStore(place, credentials)};
  } catch (error) {
    if (error instanceof StoreSettingError) throw new UserError(exit.configuration, error.message, {cause: error});
    throw error;
  }
}

/** Sends what the lake seals until `finish`, which says in words what could not be sent; null where there is no store. */
export function sendTo(
  atHand: StoreAtHand | null,
  lake: string,
  sensor: string,
  onChange: (words: string) => void
): {poke(): void; finish(): Promise<string | null>} | null {
  if (!atHand) return null;
  let open: {readonly shipper: Shipper; readonly loop: ShipLoop} | null = null;
  // Not before the first part: until then root may not have been given up, and the lake not be there.
  const begun = () => {
    const shipper = new Shipper({lake, sensor, place: atHand.name, clock: Date.now});
    return {shipper, loop: new ShipLoop({shipper, store: atHand.store, onChange})};
  };
  return {
    poke() {
      open ??= begun();
      open.loop.poke();
    },
    async finish() {
      open ??= begun();
      if (await open.loop.finish(patienceMs)) return null;
      const {pendingParts, problem} = open.shipper.state();
      return `${pendingParts} parts wait on this disk (${problem ?? "the store did not answer in time"}); flowbook sync --push sends them`;
    }
  };
}

/** Fetches what sensors sent; what keeps it from that is a UserError. */
export function fetchFrom({store, name}: StoreAtHand, lake: string, signal?: AbortSignal): Promise<Mirrored> {
  return askStore("sync", () => mirror(store, {lake, place: name, clock: Date.now, signal}));
}

/** Does what a verb wants of a store; what the store answers, or that it does not, is a UserError. */
export async function askStore<T>(verb: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreError) throw new UserError(exit.input, `${verb}: ${error.message}`, {cause: error});
    throw error;
  }
}

/**
 * The folder that mirrors a store, for `--lake s3://…`: brought up to date first. While the store is away what was
 * mirrored before is read, and that is said.
 */
export async function mirroredLake(url: string, keys: StoreCredentials | null): Promise<string> {
  const atHand = (await storeAtHand(url, keys))!;
  const name = createHash("sha256").update(atHand.name).digest("hex").slice(0, 16);
  const lake = join(cacheFolder(), "mirrors", name);
  try {
    await fetchFrom(atHand, lake);
  } catch (error) {
    const {message, cause} = error as Error;
    if (!(cause instanceof StoreError && cause.isPassing) || !existsSync(join(lake, "captures"))) throw error;
    console.error(`flowbook: ${printable(message)}; what was fetched before is shown`);
  }
  return lake;
}
