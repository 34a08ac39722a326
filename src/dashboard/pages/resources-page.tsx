import { type ReactNode, useEffect } from "react";
import { useLiveResources } from "../api/live-resources.ts";
import { useTypes } from "../api/queries.ts";
import { announce } from "../components/announcer.tsx";
import { ErrorNotice, Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { agoText } from "../components/text.ts";
import { CreateMenu } from "../list/create-menu.tsx";
import { useFilter } from "../list/filter.ts";
import { Filters } from "../list/filters.tsx";
import { Paging } from "../list/paging.tsx";
import { ResourceTable } from "../list/resource-table.tsx";

export function ResourcesPage(): ReactNode {
  const [filter, setFilter] = useFilter();
  const types = useTypes();
  const { query, isLive, searchedBackTo } = useLiveResources(filter);
  const { data, error, isFetching, isPlaceholderData } = query;
  const knownTypes = types.data?.types ?? [];
  const isFiltered = filter.type !== "" || filter.status !== "" || filter.text !== "";
  const count = isPlaceholderData ? undefined : data?.items.length;
  useEffect(() => {
    if (count !== undefined && isFiltered) announce(count === 1 ? "1 resource" : `${count} resources`);
  }, [count, isFiltered]);

  return (
    <Page title="Resources" aside={<CreateMenu types={knownTypes} />}>
      <Filters filter={filter} types={knownTypes} onChange={setFilter} />
      <div className="list-state" aria-hidden="true">
        <Live isLive={isLive} />
        {isFetching && filter.text !== "" && searchedBackTo !== undefined
          ? `Searching, ${agoText(searchedBackTo, Date.now())}…`
          : null}
      </div>
      {error !== null && data === undefined ? <ErrorNotice error={error} onRetry={() => void query.refetch()} /> : null}
      {data === undefined && error === null ? <Skeleton /> : null}
      {data === undefined ? null : (
        <div className={isPlaceholderData ? "stale" : undefined} aria-busy={isPlaceholderData}>
          {data.items.length === 0 ? (
            <Empty isFiltered={isFiltered} onClear={() => setFilter({ type: "", status: "", text: "", after: "" })} />
          ) : (
            <ResourceTable items={data.items} types={knownTypes} />
          )}
          <Paging filter={filter} next={data.next} onChange={setFilter} />
        </div>
      )}
    </Page>
  );
}

function Live({ isLive }: { readonly isLive: boolean }): ReactNode {
  return <span className={isLive ? "live live-on" : "live"}>{isLive ? "Live" : "Connecting…"}</span>;
}

/** A placeholder of the same height as the table, to avoid layout shift. */
function Skeleton(): ReactNode {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className="skeleton-row" />
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}

function Empty({ isFiltered, onClear }: EmptyProps): ReactNode {
  if (!isFiltered) {
    return (
      <Notice title="No resources yet.">
        <p>Create a resource here or by POST to the API. It appears immediately and is updated live.</p>
      </Notice>
    );
  }
  return (
    <Notice title="No matches.">
      <button type="button" className="button" onClick={onClear}>
        Clear the filter
      </button>
    </Notice>
  );
}
