import { type QueryClient, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import type { Summary, SummaryPage } from "../../server/dashboard/shapes.ts";
import { resourceKey, useChangeStream } from "./change-stream.ts";
import { useCredentials } from "./credentials.ts";
import { queryString } from "./queries.ts";
import { requestJson } from "./request.ts";
import { useThrottled } from "./use-throttled.ts";

export interface Filter {
  readonly type: string;
  readonly status: string;
  readonly text: string;
  /** Cursor of the page. Empty for the first page. */
  readonly after: string;
}

/** A summary with the time of its arrival, for counting down the time remaining. */
export interface ResourceUpdate extends Summary {
  readonly receivedAt: number;
}

export interface ResourceUpdatePage extends Omit<SummaryPage, "items"> {
  readonly items: readonly ResourceUpdate[];
}

export interface LiveResources {
  readonly query: UseQueryResult<ResourceUpdatePage>;
  readonly isLive: boolean;
  /** Creation time of the oldest resource searched so far, during a text search. */
  readonly searchedBackTo: number | undefined;
}

const PAGE_SIZE = 50;

/** Minimum interval between two reads of the list because other resources changed. */
const REFETCH_INTERVAL_MS = 3000;

/** Reads a page of resources and keeps it up to date. */
export function useLiveResources(filter: Filter): LiveResources {
  const { token } = useCredentials();
  const client = useQueryClient();
  const [isLive, setLive] = useState(false);
  const [searchedBackTo, setSearchedBackTo] = useState<number>();
  const key = ["resources", token, filter];
  const refetch = useThrottled(() => void client.invalidateQueries({ queryKey: key }), REFETCH_INTERVAL_MS);
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => readPage(filter, signal, setSearchedBackTo),
    placeholderData: (previous) => previous,
  });
  useChangeStream({
    types: filter.type,
    resources: query.isPlaceholderData ? [] : (query.data?.items ?? []).map(resourceKey),
    onResource: (summary) => replaceItem(client, key, toResourceUpdate(summary)),
    onGone: (gone) => removeItem(client, key, gone),
    onOthersChanged: () => {
      // Only the first page shows new resources; a search or an older page stays unchanged.
      if (filter.after === "" && filter.text === "") refetch();
    },
    onConnection: setLive,
  });
  return { query, isLive, searchedBackTo };
}

export function toResourceUpdate(summary: Summary): ResourceUpdate {
  return { ...summary, receivedAt: performance.now() };
}

/** Reads until a page is full, because one response of a search may contain few items or none. */
async function readPage(
  filter: Filter,
  signal: AbortSignal,
  onSearched: (at: number) => void,
): Promise<ResourceUpdatePage> {
  const items: ResourceUpdate[] = [];
  let { after } = filter;
  for (;;) {
    const limit = String(PAGE_SIZE - items.length);
    const page = await requestJson<SummaryPage>(`resources?${queryString({ ...filter, after, limit })}`, signal);
    items.push(...page.items.map(toResourceUpdate));
    const { next, searchedBackTo } = page;
    if (next === undefined || items.length >= PAGE_SIZE || filter.text === "") return { ...page, items };
    if (searchedBackTo !== undefined) onSearched(searchedBackTo);
    after = next;
  }
}

function replaceItem(client: QueryClient, key: readonly unknown[], summary: ResourceUpdate): void {
  client.setQueryData<ResourceUpdatePage>(key, (page) => {
    if (page === undefined) return page;
    const isOlder = (item: ResourceUpdate): boolean =>
      item.creation === summary.creation && item.version > summary.version;
    return {
      ...page,
      items: page.items.map((item) => (resourceKey(item) !== resourceKey(summary) || isOlder(item) ? item : summary)),
    };
  });
}

function removeItem(client: QueryClient, key: readonly unknown[], gone: string): void {
  client.setQueryData<ResourceUpdatePage>(key, (page) =>
    page === undefined ? page : { ...page, items: page.items.filter((item) => resourceKey(item) !== gone) },
  );
}
