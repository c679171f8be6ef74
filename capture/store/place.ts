/** Where in an object store a lake lies: `s3://bucket/prefix`, at an endpoint. */
export interface StorePlace {
  /** As the user named it. */
  readonly url: string;
  readonly bucket: string;
  /** Without slashes at its ends; empty: the bucket itself. */
  readonly prefix: string;
  /** `https://host[:port]`, without a path. */
  readonly endpoint: string;
  readonly region: string;
}

/** A setting of the store that cannot be used; the message is meant for the user. */
export class StoreSettingError extends Error {}

export interface StoreSettings {
  readonly url: string;
  /** Empty: Amazon's of the region. */
  readonly endpoint?: string;
  readonly region?: string;
}

/** True where a text names a place in a store, rather than a folder. */
export function isStoreUrl(text: string): boolean {
  return /^s3:\/\//i.test(text);
}

/** Reads where the store is. Throws a {@link StoreSettingError} that says what is wrong with it. */
export function storePlace({url, endpoint = "", region = ""}: StoreSettings): StorePlace {
  const found = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(url);
  if (!found)
    throw new StoreSettingError(`store: expected s3://BUCKET/PREFIX, found ${JSON.stringify(withoutPassword(url))}`);
  const prefix = (found[2] ?? "").replace(/^\/+|\/+$/g, "");
  if (!/^[A-Za-z0-9/._=-]*$/.test(prefix) || prefix.split("/").some((part) => part === "." || part === ".."))
    throw new StoreSettingError(
      `store: expected a prefix of letters, digits and / . _ = -, found ${JSON.stringify(prefix)}`
    );
  const inRegion = region || "us-east-1";
  if (!/^[a-z0-9-]{1,40}$/.test(inRegion))
    throw new StoreSettingError(`store_region: expected a region's name, found ${JSON.stringify(region)}`);
  return {url, bucket: found[1], prefix, region: inRegion, endpoint: endpointOf(endpoint, inRegion)};
}

function endpointOf(endpoint: string, region: string): string {
  if (endpoint === "") return `https://s3.${region}.amazonaws.com`;
  const parsed = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password || parsed.search)
    throw new StoreSettingError(
      `store_endpoint: expected http(s)://HOST[:PORT] without a name or password, found ${JSON.stringify(withoutPassword(endpoint))}`
    );
  if (parsed.pathname !== "/")
    throw new StoreSettingError(`store_endpoint: expected no path, found ${JSON.stringify(parsed.pathname)}`);
  return parsed.origin;
}

/** Somebody may have written keys into an address: they are not repeated. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//…@");
}
