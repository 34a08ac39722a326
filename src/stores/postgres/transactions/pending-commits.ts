import type { Notice } from "../../../core/ports/messages.ts";
import { type Resource, resourceKeyText } from "../../../core/resource.ts";
import type { JoinedTransaction } from "./check-client.ts";

type Callback = (changed: readonly Resource[]) => void;

/** The rows that one transaction has changed so far, by notice. */
interface PendingCommit {
  readonly xid: string;
  readonly rows: Map<string, Resource>;
}

/** Maximum number of sessions with pending rows: more than a process has connections. */
const MAX_SESSIONS = 1000;

/**
 * The rows that transactions of this process have changed and may commit. PostgreSQL delivers the notifications of a
 * transaction at its commit, with the process id of its session, and discards those of a rolled back one.
 */
export class PendingCommits {
  readonly #sessions = new Map<number, PendingCommit>();
  readonly #callbacks = new Set<Callback>();

  onCommitted(callback: Callback): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  add({ pid, xid }: JoinedTransaction, resource: Resource): void {
    if (this.#callbacks.size === 0) return;
    const known = this.#sessions.get(pid);
    // Another transaction of the session has begun, so the known one was rolled back, or its notification was lost.
    const pending = known?.xid === xid ? known : { xid, rows: new Map<string, Resource>() };
    this.#sessions.delete(pid);
    this.#sessions.set(pid, pending);
    pending.rows.set(noticeKey(resource), resource);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }

  /** Called with the notices of a notification, and the process id of the session that sent it. */
  readonly receive = (pid: number, notices: readonly Notice[]): void => {
    const pending = this.#sessions.get(pid);
    if (pending === undefined) return;
    const changed = notices.flatMap((notice) => {
      const resource = pending.rows.get(noticeKey(notice));
      return resource !== undefined && pending.rows.delete(noticeKey(notice)) ? [resource] : [];
    });
    if (pending.rows.size === 0) this.#sessions.delete(pid);
    if (changed.length > 0) for (const callback of this.#callbacks) callback(changed);
  };
}

function noticeKey({ type, id, version }: Notice): string {
  return `${version} ${resourceKeyText({ type, id })}`;
}
