import { useSearchParams } from "wouter";
import type { Filter } from "../api/live-resources.ts";

const PARAMETERS = ["type", "status", "text", "after"] as const;

/** Keeps the filter in the URL, so that it can be linked to and the back button restores the previous one. */
export function useFilter(): readonly [Filter, (change: Partial<Filter>) => void] {
  const [search, setSearch] = useSearchParams();
  const filter: Filter = {
    type: search.get("type") ?? "",
    status: search.get("status") ?? "",
    text: search.get("text") ?? "",
    after: search.get("after") ?? "",
  };
  const change = (changed: Partial<Filter>): void => {
    // A changed filter starts at its first page.
    const next: Filter = { ...filter, after: "", ...changed };
    const isTyping = changed.text !== undefined && filter.text !== "";
    // After a step to an older page, the back button leads to the newer one.
    const state = { isFromNewer: next.after !== "" };
    setSearch(Object.fromEntries(PARAMETERS.flatMap((name) => (next[name] === "" ? [] : [[name, next[name]]]))), {
      replace: isTyping,
      state,
    });
  };
  return [filter, change];
}
