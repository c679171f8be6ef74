const firstMs = 1500;
/** A server that is away may come back at any moment; one that refuses this browser changes its mind by a login only. */
const longestMs = {away: 12_000, refused: 60_000};

/** How long a page waits before it tries to connect again, after so many tries in vain. */
export function retryAfterMs(tries: number, isRefused: boolean): number {
  return Math.min(isRefused ? longestMs.refused : longestMs.away, firstMs * 2 ** Math.min(tries, 20));
}
