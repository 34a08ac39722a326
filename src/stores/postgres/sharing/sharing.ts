import type { StoreSharing } from "../../../core/ports/change-feed.ts";
import type { Notice } from "../../../core/ports/messages.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import { number } from "../../values.ts";
import type { Connections, Session } from "../connection/connections.ts";
import type { Settings } from "../connection/options.ts";
import { SELECT_NOW } from "../connection/statement.ts";
import { channelOf, PostgresChangeFeed, quotedChannelOf } from "./change-feed.ts";
import { createHeartbeatTable } from "./heartbeats.ts";
import { NotifyConnection } from "./notify-connection.ts";
import { decodePayload } from "./notify-payloads.ts";

/** The change feed and heartbeats that the nodes of one database share. */
export interface Sharing extends StoreSharing {
  close(): Promise<void>;
}

export interface SharingOptions {
  readonly settings: Settings;
  readonly connections: Connections;
  readonly clock: Clock;
  /** Called if notices cannot be received, with the reason. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Called with the notices of a notification, and the process id of the session that sent it. */
  readonly onNotices: (pid: number, notices: readonly Notice[]) => void;
}

export function openSharing(options: SharingOptions): Sharing {
  const { settings, connections } = options;
  const { schema, source, listenUrl } = settings;
  const heartbeats = createHeartbeatTable(schema);
  const canListen = listenUrl !== undefined || "pool" in source;
  const notifying = canListen ? openNotifying(options) : undefined;
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
      const [row] = await unqueuedSession().run(SELECT_NOW);
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

function openNotifying({ settings, clock, onNotices, onWarning }: SharingOptions): Notifying {
  const { schema, listenUrl } = settings;
  const feed: PostgresChangeFeed = new PostgresChangeFeed(channelOf(schema), clock, () => connection);
  const connection = new NotifyConnection({
    settings,
    channel: quotedChannelOf(schema),
    clock,
    onPayload(payload, pid) {
      const message = decodePayload(payload);
      feed.receive(message);
      if (message !== undefined) onNotices(pid, message.notices);
    },
    onPooler: () => onWarning?.(listenUrl === undefined ? POOLED : POOLED_LISTEN_URL),
    onListening: () => feed.resume(),
  });
  return { connection, feed };
}

const CONSEQUENCE =
  "so nodes find changes and due operations by polling, within seconds. Set listenUrl of postgresStore to the URL of the database itself";

const POOLED = `the pool of the PostgreSQL store leads to a pooler, which cannot carry notifications, ${CONSEQUENCE}`;

const POOLED_LISTEN_URL = `listenUrl of the PostgreSQL store leads to a pooler in transaction mode, which cannot carry notifications, ${CONSEQUENCE}`;
