import type { StoreSharing } from "../../../core/ports/change-feed.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { number } from "../../values.ts";
import type { Connections, Session } from "../connection/connections.ts";
import type { Settings } from "../connection/options.ts";
import type { Statement } from "../connection/statement.ts";
import { channelOf, PostgresChangeFeed, quotedChannelOf } from "./change-feed.ts";
import { createHeartbeatTable } from "./heartbeats.ts";
import { NotifyConnection } from "./notify-connection.ts";

const NOW: Statement = {
  name: "select now",
  text: "select (extract(epoch from clock_timestamp()) * 1000)::bigint",
};

/** The change feed and heartbeats that the nodes of one database share. */
export interface Sharing extends StoreSharing {
  close(): Promise<void>;
}

export function openSharing(settings: Settings, connections: Connections, clock: Clock): Sharing {
  const { schema, listenUrl } = settings;
  const heartbeats = createHeartbeatTable(schema);
  const notifying = listenUrl === undefined ? undefined : openNotifying({ ...settings, listenUrl }, clock);
  /** Returns the notify connection if there is one, because it never waits for other calls. */
  const unqueuedSession = (): Session =>
    notifying?.connection.isListening === true ? notifying.connection : connections;
  return {
    publish: (message) => notifying?.feed.publish(message),
    subscribe: (listener) => notifying?.feed.subscribe(listener) ?? (() => {}),
    saveHeartbeats: (saved) =>
      heartbeats.save(unqueuedSession(), saved).catch(() => heartbeats.save(connections, saved)),
    readHeartbeats: (workers) => heartbeats.read(connections, workers),
    async now() {
      const [row] = await unqueuedSession().run(NOW);
      return number(row?.[0]);
    },
    async close() {
      await notifying?.feed.close();
      await notifying?.connection.close();
    },
  };
}

interface Notifying {
  readonly connection: NotifyConnection;
  readonly feed: PostgresChangeFeed;
}

function openNotifying(settings: Settings & { readonly listenUrl: string }, clock: Clock): Notifying {
  const feed: PostgresChangeFeed = new PostgresChangeFeed(channelOf(settings.schema), clock, () => connection);
  const connection = new NotifyConnection({
    settings,
    channel: quotedChannelOf(settings.schema),
    clock,
    onPayload: (text) => feed.receive(text),
    onListening: () => feed.resume(),
  });
  return { connection, feed };
}
