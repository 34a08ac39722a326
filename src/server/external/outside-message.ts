import type { Json } from "../../core/json/json.ts";
import type { StatusMessage } from "../../core/ports/messages.ts";

type Envelope = Omit<StatusMessage, "type" | "data">;

/** A status message that is as the schemas say. */
export type OutsideMessage = Envelope &
  (
    | {
        readonly type: "dev.afoot.progress";
        readonly data: {
          readonly progress?: number;
          readonly status?: string;
          readonly details?: Readonly<Record<string, Json>>;
        };
      }
    | {
        readonly type: "dev.afoot.succeeded";
        readonly data: { readonly label?: string; readonly details: Readonly<Record<string, Json>> };
      }
    | {
        readonly type: "dev.afoot.failed";
        readonly data: {
          readonly error: { readonly code: string; readonly message: string; readonly retryable?: boolean };
        };
      }
    | { readonly type: "dev.afoot.received"; readonly data: { readonly name: string; readonly value: Json } }
  );
