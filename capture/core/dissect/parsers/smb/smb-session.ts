import {allocate, dropText, release} from "../../heap";

/** Sessions of one connection of which the user is remembered. */
const MAX_SESSIONS: i32 = 32;

@unmanaged
class Session {
  id: u64 = 0;
  next: u32 = 0;
  /** A kept text. */
  user: u32 = 0;
}

/** Who is logged on to a connection: a list of sessions, the newest first. */
@unmanaged
export class Sessions {
  newest: u32 = 0;
  sessions: i32 = 0;
}

/** Remembers the session's user from now on, a kept text that becomes the list's; nothing where it is 0. */
export function rememberUser(sessions: Sessions, id: u64, user: usize): void {
  for (let at = <usize>sessions.newest; at !== 0; at = <usize>changetype<Session>(at).next) {
    const session = changetype<Session>(at);
    if (session.id !== id) continue;
    dropText(session.user);
    session.user = <u32>user;
    return;
  }
  if (user === 0) return;
  const block: usize = sessions.sessions === MAX_SESSIONS ? 0 : allocate(offsetof<Session>());
  if (block === 0) return dropText(user);
  const session = changetype<Session>(block);
  session.id = id;
  session.next = sessions.newest;
  session.user = <u32>user;
  sessions.newest = <u32>block;
  sessions.sessions++;
}

/** The session's user as a kept text, 0 where it is not known. */
export function userOf(sessions: Sessions, id: u64): usize {
  for (let at = <usize>sessions.newest; at !== 0; at = <usize>changetype<Session>(at).next)
    if (changetype<Session>(at).id === id) return <usize>changetype<Session>(at).user;
  return 0;
}

export function forgetUsers(sessions: Sessions): void {
  while (sessions.newest !== 0) {
    const session = changetype<Session>(<usize>sessions.newest);
    sessions.newest = session.next;
    dropText(session.user);
    release(changetype<usize>(session), offsetof<Session>());
  }
}
