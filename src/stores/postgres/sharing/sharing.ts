import type { StoreSharing } from "../../../core/ports/change-feed.ts";
import type { Notice } from "../../../core/ports/messages.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { number } from "../../values.ts";
import type { Connections, Session } from "../connection/connections.ts";
import type { Settings } from "../connection/options.ts";
import type { Statement } from "../connection/statement.ts";
import { channelOf, PostgresChangeFeed, quotedChannelOf } from "./change-feed.ts";
import { createHeartbeatTable } from "./heartbeats.ts";
import { NotifyConnection } from "./notify-connection.ts";
import { decodePayload } from "./notify-payloads.ts";

const NOW: Statement = {
  name: "select now",
  text: "select (extract(epoch from clock_timestamp()) * 1000)::bigint",
};

/** The change feed and heartbeats that the nodes of one database share. */
export interface Sharing extends StoreSharing {
  close(): Promise<void>;
}

export interface SharingOptions {
  readonly settings: Settings;
  readonly connections: Connections;
  readonly clock: Clock;
  /** Called with the notices of a notification, and the process id of the session that sent it. */
  readonly onNotices: (pid: number, notices: readonly Notice[]) => void;
}

export function openSharing({ settings, connections, clock, onNotices }: SharingOptions): Sharing {
  const { schema, listenUrl } = settings;
  const heartbeats = createHeartbeatTable(schema);
  const notifying = listenUrl === undefined ? undefined : openNotifying({ ...settings, listenUrl }, clock, onNotices);
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

function openNotifying(
  settings: Settings & { readonly listenUrl: string },
  clock: Clock,
  onNotices: SharingOptions["onNotices"],
): Notifying {
  const feed: PostgresChangeFeed = new PostgresChangeFeed(channelOf(settings.schema), clock, () => connection);
  const connection = new NotifyConnection({
    settings,
    channel: quotedChannelOf(settings.schema),
    clock,
    onPayload(payload, pid) {
      const message = decodePayload(payload);
      feed.receive(message);
      if (message !== undefined) onNotices(pid, message.notices);
    },
    onListening: () => feed.resume(),
  });
  return { connection, feed };
}
