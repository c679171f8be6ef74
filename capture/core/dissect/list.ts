/**
 * Requests that await their answers, oldest first: a list through the requests themselves. A link is where the address of a
 * request stands, in the list or in the request before it: by it a request is found and taken out.
 */
@unmanaged
export class List {
  first: u32 = 0;
  last: u32 = 0;
  count: i32 = 0;
  reserved: u32 = 0;
}

/** What a request in a list begins with; `isFor` says whether it is the one that an answer with this key is for. */
@unmanaged
export class Linked {
  next: u32 = 0;
}

/** Puts a request behind the others; returns the link to it. */
export function append(list: List, request: usize): usize {
  changetype<Linked>(request).next = 0;
  const link = list.last !== 0 ? nextLink(<usize>list.last) : firstLink(list);
  store<u32>(link, <u32>request);
  list.last = <u32>request;
  list.count++;
  return link;
}

/** Takes the request behind the link out of the list; returns its address. */
export function takeOut(list: List, link: usize): usize {
  const request = <usize>load<u32>(link);
  const next = changetype<Linked>(request).next;
  store<u32>(link, next);
  if (next === 0) list.last = link === firstLink(list) ? 0 : <u32>(link - offsetof<Linked>("next"));
  list.count--;
  return request;
}

/** The link to the oldest request that an answer with this key is for; 0 without one. */
export function linkTo<T extends Linked>(list: List, key: i64): usize {
  for (let link = firstLink(list); load<u32>(link) !== 0; link = nextLink(<usize>load<u32>(link)))
    if (changetype<T>(<usize>load<u32>(link)).isFor(key)) return link;
  return 0;
}

/** The link to the oldest request, or to where the first will stand. */
// @ts-ignore: decorator
@inline
export function firstLink(list: List): usize {
  return changetype<usize>(list) + offsetof<List>("first");
}

// @ts-ignore: decorator
@inline
function nextLink(request: usize): usize {
  return request + offsetof<Linked>("next");
}
