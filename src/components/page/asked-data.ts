import {isServed} from "./server-link.js";

/** What the server makes when a page asks for it, or what a static site carries of that name. Fails in words. */
export async function askedData<T>(name: string, carried: () => Promise<unknown>, anew = false): Promise<T> {
  if (!isServed()) return (await carried()) as T;
  const response = await fetch(`/api/results/${name}${anew ? "?anew=true" : ""}`);
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer?.error ?? `the server answers ${response.status}`));
  return answer as T;
}
