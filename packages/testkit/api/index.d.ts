// The public API of @countersign/testkit. Written by: npm run check -- --update

import { Administration } from '@countersign/server'
import { AuthorizationServer } from '@countersign/server'
import { AuthorizationServerOptions } from '@countersign/server'
import { MasterKey } from '@countersign/server'
import { RequestListener } from 'node:http'
import { ServerEvent } from '@countersign/server'
import { ServerStore } from '@countersign/server'
import { memoryStore } from '@countersign/stores/memory'

export {
  HandClock,
  LoopbackHandler,
  LoopbackServer,
  ReceivedRequest,
  RunningAuthorizationServer,
  StartAuthorizationServerOptions,
  StartingClient,
  StartingResource,
  handClock,
  memoryStore,
  startAuthorizationServer,
  startListener,
  startLoopbackServer,
}

interface HandClock {
    readonly now: () => number;
    advance(milliseconds: number): void;
}

type LoopbackHandler = (request: Request, received: ReceivedRequest) => Response | Promise<Response>;

interface LoopbackServer extends AsyncDisposable {
    readonly origin: string;
    readonly requests: readonly ReceivedRequest[];
    close(): Promise<void>;
}

interface ReceivedRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Headers;
    readonly body: string;
}

interface RunningAuthorizationServer extends AsyncDisposable {
    readonly issuer: string;
    readonly origin: string;
    readonly tokenEndpoint: string;
    readonly server: AuthorizationServer;
    readonly administration: Administration;
    readonly secrets: Readonly<Record<string, string>>;
    readonly client: {
        readonly clientId: string;
        readonly clientSecret: string;
    };
    readonly store: ServerStore;
    readonly masterKeys: readonly MasterKey[];
    readonly tokenRequests: number;
    readonly events: readonly ServerEvent[];
    close(): Promise<void>;
}

interface StartAuthorizationServerOptions {
    readonly clients?: readonly StartingClient[];
    readonly resources?: readonly StartingResource[];
    readonly now?: () => number;
    readonly store?: ServerStore;
    readonly masterKeys?: readonly MasterKey[];
    readonly serverOptions?: Partial<AuthorizationServerOptions>;
    readonly followInterval?: number;
    readonly onEvent?: (event: ServerEvent) => void;
    readonly port?: number;
    readonly path?: string;
}

interface StartingClient {
    readonly clientId: string;
    readonly grants: readonly Omit<Parameters<Administration['grant']>[0], 'clientId'>[];
}

type StartingResource = Parameters<Administration['createResource']>[0];

function handClock(start?: number): HandClock;

function startAuthorizationServer(options?: StartAuthorizationServerOptions): Promise<RunningAuthorizationServer>;

function startListener(listener: RequestListener, { port }?: {
    readonly port?: number;
}): Promise<LoopbackServer>;

function startLoopbackServer(handler: LoopbackHandler, { port }?: {
    readonly port?: number;
}): Promise<LoopbackServer>;
