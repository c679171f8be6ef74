import {noReviews, type Reviews} from "../../lib/reviews.js";
import {afterPress} from "../page/after-press.js";
import {isServed} from "../page/server-link.js";

let reviews: Reviews = noReviews;
let isLoaded = false;
/** Requests that were sent, and the one whose answer is shown: an answer that was overtaken is left aside. */
let sent = 0;
let shown = 0;
let followers: {element: Element; update: () => void; seen: boolean}[] = [];

/** What readers decided about notices, as the server last said; none in a static site. */
export function currentReviews(): Reviews {
  return reviews;
}

/** Calls `update` whenever the reviews change, for as long as the element is on the page; loads them once a page. */
export function followReviews(element: Element, update: () => void): void {
  followers = followers.filter((follower) => {
    follower.seen ||= follower.element.isConnected;
    return follower.element.isConnected || !follower.seen;
  });
  followers.push({element, update, seen: false});
  if (!isServed() || isLoaded) return;
  isLoaded = true;
  void change("GET", "/api/reviews");
}

/** Asks the server for a change and shows what it answers; the error in words, null where there is none. */
export async function change(method: "GET" | "POST" | "DELETE", url: string, body?: object): Promise<string | null> {
  const number = ++sent;
  try {
    const response = await fetch(url, {
      method,
      ...(body && {headers: {"content-type": "application/json"}, body: JSON.stringify(body)})
    });
    const answer = await response.json();
    if (!response.ok) return String(answer?.error ?? `the server answered ${response.status}`);
    if (number < shown) return null;
    shown = number;
    reviews = answer as Reviews;
    afterPress(() => {
      for (const {update} of followers) update();
    });
    return null;
  } catch {
    return "the server does not answer";
  }
}
