import { type QueryClient, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { Summary, SummaryPage } from "../../server/dashboard/shapes.ts";
import { useSeldom } from "../components/use-debounced.ts";
import { askJson } from "./ask.ts";
import { useCredentials } from "./credentials.ts";
import { queryOf } from "./queries.ts";
import { nameOf, useWatch } from "./watch.ts";

export interface Filter {
  readonly type: string;
  readonly status: string;
  readonly text: string;
  /** The cursor of the page; empty for the first. */
  readonly after: string;
}

/** A resource, and when it was heard of, from which what remains is counted down. */
export interface Heard extends Summary {
  readonly heardAt: number;
}

export interface HeardPage extends Omit<SummaryPage, "items"> {
  readonly items: readonly Heard[];
}

export interface ResourcesView {
  readonly query: UseQueryResult<HeardPage>;
  readonly isLive: boolean;
  /** How far back was looked so far, while a text is looked for. */
  readonly lookedBackTo: number | undefined;
}

const PAGE_SIZE = 50;

/** How often at most a list is read again because others changed. */
const AGAIN_MS = 3000;

/** A page of resources that changes as they do. */
export function useResources(filter: Filter): ResourcesView {
  const { token } = useCredentials();
  const client = useQueryClient();
  const [isLive, setLive] = useState(false);
  const [lookedBackTo, setLookedBackTo] = useState<number>();
  const key = ["resources", token, filter];
  const again = useSeldom(() => void client.invalidateQueries({ queryKey: key }), AGAIN_MS);
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => pageOf(filter, signal, setLookedBackTo),
    placeholderData: (before) => before,
  });
  useWatch({
    types: filter.type,
    names: query.isPlaceholderData ? [] : (query.data?.items ?? []).map(nameOf),
    onResource: (summary) => patch(client, key, heard(summary)),
    onGone: (name) => drop(client, key, name),
    onNews: () => {
      // The first page shows what is new; a search, or an older page, stays as it was read.
      if (filter.after === "" && filter.text === "") again();
    },
    onConnection: setLive,
  });
  return { query, isLive, lookedBackTo };
}

export function heard(summary: Summary): Heard {
  return { ...summary, heardAt: performance.now() };
}

/** Reads until a page is full: one answer of a search may hold few, or none. */
async function pageOf(filter: Filter, signal: AbortSignal, onLook: (at: number) => void): Promise<HeardPage> {
  const items: Heard[] = [];
  let { after } = filter;
  for (;;) {
    const limit = String(PAGE_SIZE - items.length);
    const page = await askJson<SummaryPage>(`resources?${queryOf({ ...filter, after, limit })}`, signal);
    items.push(...page.items.map(heard));
    const { next, lookedBackTo } = page;
    if (next === undefined || items.length >= PAGE_SIZE || filter.text === "") return { ...page, items };
    if (lookedBackTo !== undefined) onLook(lookedBackTo);
    after = next;
  }
}

function patch(client: QueryClient, key: readonly unknown[], summary: Heard): void {
  client.setQueryData<HeardPage>(key, (page) => {
    if (page === undefined) return page;
    const isOlder = (item: Heard): boolean => item.creation === summary.creation && item.version > summary.version;
    return {
      ...page,
      items: page.items.map((item) => (nameOf(item) !== nameOf(summary) || isOlder(item) ? item : summary)),
    };
  });
}

function drop(client: QueryClient, key: readonly unknown[], name: string): void {
  client.setQueryData<HeardPage>(key, (page) =>
    page === undefined ? page : { ...page, items: page.items.filter((item) => nameOf(item) !== name) },
  );
}
