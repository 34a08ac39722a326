import type { StoreSharing } from "../../../core/ports/change-feed.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import type { Connections, Session } from "../connection/connections.ts";
import type { Settings } from "../connection/options.ts";
import { channelOf, PostgresChangeFeed, quotedChannelOf } from "./change-feed.ts";
import { createHeartbeatTable } from "./heartbeats.ts";
import { NotifyConnection } from "./notify-connection.ts";

/** What the nodes of one database tell each other. */
export interface Sharing extends StoreSharing {
  close(): Promise<void>;
}

export function openSharing(settings: Settings, connections: Connections, clock: Clock): Sharing {
  const { schema, listenUrl } = settings;
  const beats = createHeartbeatTable(schema);
  const side = listenUrl === undefined ? undefined : openNotifying({ ...settings, listenUrl }, clock);
  /** By the connection that waits for nobody, where there is one. */
  const free = (): Session => (side?.connection.isListening === true ? side.connection : connections);
  return {
    publish: (news) => side?.news.publish(news),
    subscribe: (listener) => side?.news.subscribe(listener) ?? (() => {}),
    saveHeartbeats: (saved) => beats.save(free(), saved).catch(() => beats.save(connections, saved)),
    readHeartbeats: (workers) => beats.read(connections, workers),
    async close() {
      await side?.news.close();
      await side?.connection.close();
    },
  };
}

interface Notifying {
  readonly connection: NotifyConnection;
  readonly news: PostgresChangeFeed;
}

function openNotifying(settings: Settings & { readonly listenUrl: string }, clock: Clock): Notifying {
  const news: PostgresChangeFeed = new PostgresChangeFeed(channelOf(settings.schema), clock, () => connection);
  const connection = new NotifyConnection({
    settings,
    channel: quotedChannelOf(settings.schema),
    clock,
    onPayload: (text) => news.receive(text),
    onListening: () => news.resume(),
  });
  return { connection, news };
}
