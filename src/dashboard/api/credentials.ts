import { useSyncExternalStore } from "react";

/** The token of this tab. `isNeeded` is true after the API has rejected a request with 401. */
export interface Credentials {
  readonly token: string;
  readonly isNeeded: boolean;
}

/** Key in `sessionStorage`, which belongs to this tab and ends with it. */
const STORAGE_KEY = "afoot-token";

const listeners = new Set<() => void>();
let current: Credentials = { token: sessionStorage.getItem(STORAGE_KEY) ?? "", isNeeded: false };

function setCredentials(next: Credentials): void {
  current = next;
  for (const listener of listeners) listener();
}

export function signIn(token: string): void {
  sessionStorage.setItem(STORAGE_KEY, token);
  setCredentials({ token, isNeeded: false });
}

export function signOut(): void {
  sessionStorage.removeItem(STORAGE_KEY);
  setCredentials({ token: "", isNeeded: true });
}

/** Shows the sign-in page because the API rejected a token. Does nothing if the token has changed since. */
export function requireSignIn(token: string): void {
  if (token === current.token) setCredentials({ ...current, isNeeded: true });
}

export function currentToken(): string {
  return current.token;
}

/** Returns the request headers that carry the token. */
export function authorization(token = current.token): Record<string, string> {
  return token === "" ? {} : { authorization: `Bearer ${token}` };
}

export function useCredentials(): Credentials {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
