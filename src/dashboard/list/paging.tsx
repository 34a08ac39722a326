import type { ReactNode } from "react";
import type { Filter } from "../api/live-resources.ts";

export interface PagingProps {
  readonly filter: Filter;
  readonly next: string | undefined;
  readonly onChange: (change: Partial<Filter>) => void;
}

/** Navigation to older pages. "Newer" uses the browser's history, because cursors only lead to older pages. */
export function Paging({ filter, next, onChange }: PagingProps): ReactNode {
  if (filter.after === "" && next === undefined) return null;
  const state: unknown = history.state;
  const isFromNewer = filter.after !== "" && typeof state === "object" && state !== null && "isFromNewer" in state;
  return (
    <nav className="paging" aria-label="Pages">
      <button type="button" className="button" disabled={filter.after === ""} onClick={() => onChange({ after: "" })}>
        Newest
      </button>
      <button type="button" className="button" disabled={!isFromNewer} onClick={() => history.back()}>
        Newer
      </button>
      <button
        type="button"
        className="button"
        disabled={next === undefined}
        onClick={() => onChange({ after: next ?? "" })}
      >
        Older
      </button>
    </nav>
  );
}
