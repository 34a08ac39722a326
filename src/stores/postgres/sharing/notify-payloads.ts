import type { ChangeFeedMessage } from "../../../core/ports/change-feed.ts";
import type { Notice } from "../../../core/ports/messages.ts";

/** What one NOTIFY carries at most is 7,999 bytes. */
const MAX_PAYLOAD_BYTES = 7900;

/** What is said to have been missed: sent instead of what could not be. */
export const GAP = "gap";

type Tuple = readonly (string | number)[];

/** News as texts that NOTIFY carries. A notice that is too long for any becomes a gap. */
export function encodePayloads({ notices, wakes }: ChangeFeedMessage): readonly string[] {
  const texts: string[] = [];
  let group: string[] = [];
  let bytes = 0;
  const cut = (): void => {
    if (group.length > 0) texts.push(`[${group.join(",")}]`);
    group = [];
    bytes = 0;
  };
  for (const item of [
    ...wakes.map((type) => JSON.stringify(type)),
    ...notices.map((notice) => JSON.stringify(tupleOf(notice))),
  ]) {
    const size = Buffer.byteLength(item) + 1;
    if (size > MAX_PAYLOAD_BYTES) {
      texts.push(GAP);
      continue;
    }
    if (bytes + size > MAX_PAYLOAD_BYTES) cut();
    group.push(item);
    bytes += size;
  }
  cut();
  return texts;
}

/** The news of a text; undefined for a gap, and for what another version may have said. */
export function decodePayload(text: string): ChangeFeedMessage | undefined {
  const items = itemsOf(text);
  if (items === undefined) return undefined;
  const wakes = items.filter((item) => typeof item === "string");
  const notices = items.map(noticeOf).filter((notice) => notice !== undefined);
  return wakes.length + notices.length === items.length ? { wakes, notices } : undefined;
}

function itemsOf(text: string): readonly unknown[] | undefined {
  try {
    const items: unknown = JSON.parse(text);
    return Array.isArray(items) ? items : undefined;
  } catch {
    return undefined;
  }
}

function tupleOf({ type, id, version, abort }: Notice): Tuple {
  return abort === undefined ? [type, id, version] : [type, id, version, abort.worker, abort.operation, abort.attempt];
}

function noticeOf(item: unknown): Notice | undefined {
  if (!Array.isArray(item)) return undefined;
  const parts: readonly unknown[] = item;
  const [type, id, version, worker, operation, attempt] = parts;
  if (typeof type !== "string" || typeof id !== "string" || typeof version !== "number") return undefined;
  if (worker === undefined) return { type, id, version };
  if (typeof worker !== "string" || typeof operation !== "string" || typeof attempt !== "number") return undefined;
  return { type, id, version, abort: { worker, operation, attempt } };
}
