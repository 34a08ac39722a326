import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { useLiveResource, type LiveResource } from "../api/live-resource.ts";
import { useTypes } from "../api/queries.ts";
import { announce } from "../components/announcer.tsx";
import { Badge } from "../components/badge.tsx";
import { ErrorNotice, Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { toneOf } from "../components/status-tone.ts";
import { Commands } from "../resource/commands.tsx";
import { Facts } from "../resource/facts.tsx";
import { OperationStatus } from "../resource/operation-status.tsx";
import { Relatives } from "../resource/relatives.tsx";
import { RepresentationCard } from "../resource/representation-card.tsx";
import { Timeline } from "../resource/timeline.tsx";

export function ResourcePage({ path, id }: { readonly path: string; readonly id: string }): ReactNode {
  const types = useTypes();
  const type = types.data?.types.find((each) => each.path === path);
  const resource = useLiveResource(path, id);
  const { summary, isGone, failure, representation, refresh } = resource;
  const status = summary?.status;
  useEffect(() => {
    if (status !== undefined) announce(`Status: ${status}`);
  }, [status]);

  return (
    <Page
      title={id}
      breadcrumb={<Breadcrumb title={type?.title ?? path} path={path} />}
      aside={summary === undefined || isGone ? null : <Badge status={summary.status} tone={toneOf(summary)} />}
    >
      {isGone ? <NotFound wasThere={representation !== undefined} /> : null}
      {failure !== undefined && !isGone ? <ErrorNotice error={failure} onRetry={refresh} /> : null}
      {isGone ? null : <Body path={path} id={id} type={type} resource={resource} />}
    </Page>
  );
}

interface BodyProps {
  readonly path: string;
  readonly id: string;
  readonly type: TypeView | undefined;
  readonly resource: LiveResource;
}

function Body({ path, id, type, resource }: BodyProps): ReactNode {
  const { summary, history, representation, refresh } = resource;
  return (
    <>
      <div className="resource-head">
        <OperationStatus summary={summary} queuePosition={representation?.["queuePosition"]} />
        {type === undefined || summary === undefined ? null : (
          <Commands path={path} id={id} type={type} summary={summary} onDone={refresh} />
        )}
      </div>
      <div className="columns">
        <div className="column-wide">
          <Timeline lines={history.data ?? []} summary={summary} isLoading={history.isPending} />
        </div>
        <div className="column">
          <RepresentationCard representation={representation} />
          <Relatives representation={representation} />
          {summary === undefined ? null : <Facts summary={summary} />}
        </div>
      </div>
    </>
  );
}

function Breadcrumb({ title, path }: { readonly title: string; readonly path: string }): ReactNode {
  return (
    <nav aria-label="Breadcrumb" className="breadcrumb">
      <Link href="/">Resources</Link>
      <span aria-hidden="true">/</span>
      <Link href={`/?type=${path}`}>{title}</Link>
    </nav>
  );
}

function NotFound({ wasThere }: { readonly wasThere: boolean }): ReactNode {
  return (
    <Notice title={wasThere ? "This resource was deleted." : "Resource not found."}>
      <Link href="/" className="button">
        Back to the resources
      </Link>
    </Notice>
  );
}
