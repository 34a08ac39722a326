import { type ReactNode, useEffect } from "react";
import { useTypes } from "../api/queries.ts";
import { useResources } from "../api/resources.ts";
import { announce } from "../components/announcer.tsx";
import { Fault, Notice } from "../components/notice.tsx";
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
  const { query, isLive, lookedBackTo } = useResources(filter);
  const { data, error, isFetching, isPlaceholderData } = query;
  const known = types.data?.types ?? [];
  const isFiltered = filter.type !== "" || filter.status !== "" || filter.text !== "";
  const shown = isPlaceholderData ? undefined : data?.items.length;
  useEffect(() => {
    if (shown !== undefined && isFiltered) announce(shown === 1 ? "1 resource" : `${shown} resources`);
  }, [shown, isFiltered]);

  return (
    <Page title="Resources" aside={<CreateMenu types={known} />}>
      <Filters filter={filter} types={known} onChange={setFilter} />
      <div className="list-state" aria-hidden="true">
        <Live isLive={isLive} />
        {isFetching && filter.text !== "" && lookedBackTo !== undefined
          ? `Searching, ${agoText(lookedBackTo, Date.now())}…`
          : null}
      </div>
      {error !== null && data === undefined ? <Fault error={error} onRetry={() => void query.refetch()} /> : null}
      {data === undefined && error === null ? <Skeleton /> : null}
      {data === undefined ? null : (
        <div className={isPlaceholderData ? "stale" : undefined} aria-busy={isPlaceholderData}>
          {data.items.length === 0 ? (
            <Empty isFiltered={isFiltered} onClear={() => setFilter({ type: "", status: "", text: "", after: "" })} />
          ) : (
            <ResourceTable items={data.items} types={known} />
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

/** As tall as what comes, so that nothing jumps. */
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
      <Notice title="There is nothing yet.">
        <p>Create a resource here, or by POST to the API. It appears at once, and moves as its work does.</p>
      </Notice>
    );
  }
  return (
    <Notice title="Nothing matches.">
      <button type="button" className="button" onClick={onClear}>
        Clear the filter
      </button>
    </Notice>
  );
}
