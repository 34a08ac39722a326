import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";
import type { TypeView } from "../../server/dashboard/shapes.ts";
import { useTypes } from "../api/queries.ts";
import { useWatchedResource, type WatchedResource } from "../api/resource.ts";
import { announce } from "../components/announcer.tsx";
import { Badge } from "../components/badge.tsx";
import { Fault, Notice } from "../components/notice.tsx";
import { Page } from "../components/page.tsx";
import { moodOf } from "../components/status-tone.ts";
import { Commands } from "../resource/commands.tsx";
import { Facts } from "../resource/facts.tsx";
import { Course } from "../resource/operation-timeline.tsx";
import { RepresentationCard } from "../resource/representation-card.tsx";
import { Timeline } from "../resource/timeline.tsx";

export function ResourcePage({ path, id }: { readonly path: string; readonly id: string }): ReactNode {
  const types = useTypes();
  const type = types.data?.types.find((each) => each.path === path);
  const watched = useWatchedResource(path, id);
  const { summary, isGone, failure, representation } = watched;
  const status = summary?.status;
  useEffect(() => {
    if (status !== undefined) announce(`Status: ${status}`);
  }, [status]);

  return (
    <Page
      title={id}
      above={<Where title={type?.title ?? path} path={path} />}
      aside={summary === undefined || isGone ? null : <Badge status={summary.status} mood={moodOf(summary)} />}
    >
      {isGone ? <Gone wasThere={representation !== undefined} /> : null}
      {failure !== undefined && !isGone ? <Fault error={failure} onRetry={watched.refresh} /> : null}
      {isGone ? null : <Body path={path} id={id} type={type} watched={watched} />}
    </Page>
  );
}

interface BodyProps {
  readonly path: string;
  readonly id: string;
  readonly type: TypeView | undefined;
  readonly watched: WatchedResource;
}

function Body({ path, id, type, watched }: BodyProps): ReactNode {
  const { summary, history, representation, refresh } = watched;
  return (
    <>
      <div className="resource-head">
        <Course summary={summary} />
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
          {summary === undefined ? null : <Facts summary={summary} />}
        </div>
      </div>
    </>
  );
}

function Where({ title, path }: { readonly title: string; readonly path: string }): ReactNode {
  return (
    <nav aria-label="Where this is" className="where">
      <Link href="/">Resources</Link>
      <span aria-hidden="true">/</span>
      <Link href={`/?type=${path}`}>{title}</Link>
    </nav>
  );
}

function Gone({ wasThere }: { readonly wasThere: boolean }): ReactNode {
  return (
    <Notice title={wasThere ? "It was deleted." : "There is no such resource."}>
      <Link href="/" className="button">
        Back to the resources
      </Link>
    </Notice>
  );
}
