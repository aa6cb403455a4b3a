// The public API of @countersign/stores/replay-postgres. Written by: npm run check -- --update

import { ReplayStore } from '@countersign/server'

export {
  PostgresConnection,
  PostgresPool,
  PostgresReplayStoreOptions,
  PostgresResult,
  postgresReplayStore,
}

interface PostgresConnection {
    query(text: string, values?: unknown[]): Promise<PostgresResult>;
    on(event: 'error', listener: (error: Error) => void): unknown;
    off(event: 'error', listener: (error: Error) => void): unknown;
    release(destroy?: boolean): void;
    readonly processID?: number | null;
}

interface PostgresPool {
    connect(): Promise<PostgresConnection>;
    on(event: 'error', listener: (error: Error) => void): unknown;
    readonly options: object;
}

interface PostgresReplayStoreOptions {
    readonly pool: PostgresPool;
    readonly deadline?: number;
    readonly now?: () => number;
}

interface PostgresResult {
    readonly command: string;
    readonly rowCount: number | null;
    readonly rows: unknown[];
}

function postgresReplayStore(options: PostgresReplayStoreOptions): ReplayStore;
