// The public API of @countersign/stores/postgres. Written by: npm run check -- --update

import { ServerStore } from '@countersign/server'

export {
  PostgresConnection,
  PostgresPool,
  PostgresResult,
  PostgresStoreOptions,
  postgresStore,
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

interface PostgresResult {
    readonly command: string;
    readonly rowCount: number | null;
    readonly rows: unknown[];
}

interface PostgresStoreOptions {
    readonly pool: PostgresPool;
    readonly deadline?: number;
}

function postgresStore(options: PostgresStoreOptions): ServerStore;
