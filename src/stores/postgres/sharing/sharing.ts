import type { StoreSharing } from "../../../core/ports/change-feed.ts";
import type { Clock } from "../../../core/scheduling/clock.ts";
import type { Connections, Session } from "../connection/connections.ts";
import type { Settings } from "../connection/options.ts";
import { createBeatTable } from "./beats.ts";
import { channelOf, NewsExchange, quotedChannelOf } from "./news.ts";
import { SideConnection } from "./notify-connection.ts";

/** What the nodes of one database tell each other. */
export interface Sharing extends StoreSharing {
  close(): Promise<void>;
}

export function openSharing(settings: Settings, connections: Connections, clock: Clock): Sharing {
  const { schema, listenUrl } = settings;
  const beats = createBeatTable(schema);
  const side = listenUrl === undefined ? undefined : openSide({ ...settings, listenUrl }, clock);
  /** By the connection that waits for nobody, where there is one. */
  const free = (): Session => (side?.connection.isListening === true ? side.connection : connections);
  return {
    publish: (news) => side?.news.publish(news),
    subscribe: (listener) => side?.news.subscribe(listener) ?? (() => {}),
    saveBeats: (saved) => beats.save(free(), saved).catch(() => beats.save(connections, saved)),
    readBeats: (workers) => beats.read(connections, workers),
    async close() {
      await side?.news.close();
      await side?.connection.close();
    },
  };
}

interface Side {
  readonly connection: SideConnection;
  readonly news: NewsExchange;
}

function openSide(settings: Settings & { readonly listenUrl: string }, clock: Clock): Side {
  const news: NewsExchange = new NewsExchange(channelOf(settings.schema), clock, () => connection);
  const connection = new SideConnection({
    settings,
    channel: quotedChannelOf(settings.schema),
    clock,
    onText: (text) => news.hear(text),
    onListening: () => news.resume(),
  });
  return { connection, news };
}
