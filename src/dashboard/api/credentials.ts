import { useSyncExternalStore } from "react";

/** What is known of the credentials: `needed` once the API has refused a request for want of them. */
export interface Credentials {
  readonly token: string;
  readonly isNeeded: boolean;
}

/** Of this tab alone, and gone with it. */
const KEY = "afoot-token";

const listeners = new Set<() => void>();
let current: Credentials = { token: sessionStorage.getItem(KEY) ?? "", isNeeded: false };

function change(next: Credentials): void {
  current = next;
  for (const listener of listeners) listener();
}

export function signIn(token: string): void {
  sessionStorage.setItem(KEY, token);
  change({ token, isNeeded: false });
}

export function signOut(): void {
  sessionStorage.removeItem(KEY);
  change({ token: "", isNeeded: true });
}

/** The API wants credentials, or others than these. */
export function refused(token: string): void {
  if (token === current.token) change({ ...current, isNeeded: true });
}

export function tokenNow(): string {
  return current.token;
}

/** Sent with every request. */
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
