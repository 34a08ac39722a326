import type { HistoryEventName } from "../core/history.ts";
import { pages } from "./pages.ts";
import type { ResourceError } from "./state.ts";
import type { Transport } from "./transport.ts";
import type { CallOptions } from "./write.ts";

/** One line of a resource's timeline. */
export interface HistoryLine {
  /** ISO 8601. */
  readonly at: string;
  readonly event: HistoryEventName;
  readonly operation: string;
  readonly kind: string;
  readonly attempt: number;
  readonly status?: string;
  readonly step?: string;
  readonly error?: ResourceError;
}

export function readHistory(
  transport: Transport,
  url: string,
  options: CallOptions,
): AsyncGenerator<HistoryLine, void, undefined> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the server from the very type of the core
  return pages(transport, url, [], options) as AsyncGenerator<HistoryLine, void, undefined>;
}
