import { useSearchParams } from "wouter";
import type { Filter } from "../api/resources.ts";

const NAMES = ["type", "status", "text", "after"] as const;

/** The filter stands in the address: it can be linked to, and the browser's back leads to the one before. */
export function useFilter(): readonly [Filter, (change: Partial<Filter>) => void] {
  const [search, setSearch] = useSearchParams();
  const filter: Filter = {
    type: search.get("type") ?? "",
    status: search.get("status") ?? "",
    text: search.get("text") ?? "",
    after: search.get("after") ?? "",
  };
  const change = (changed: Partial<Filter>): void => {
    // Another filter begins at its first page.
    const next: Filter = { ...filter, after: "", ...changed };
    const isTyping = changed.text !== undefined && filter.text !== "";
    // Where a page was come to from a newer one, the browser's back leads there.
    const state = { isFromNewer: next.after !== "" };
    setSearch(Object.fromEntries(NAMES.flatMap((name) => (next[name] === "" ? [] : [[name, next[name]]]))), {
      replace: isTyping,
      state,
    });
  };
  return [filter, change];
}
