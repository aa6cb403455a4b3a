// The public API of @countersign/server/node. Written by: npm run check -- --update

import { RequestListener } from 'node:http'
import { ServerOptions } from 'node:http'

export {
  SERVER_LIMITS,
  nodeListener,
}

interface Connection {
    readonly remoteAddress: string | undefined;
    readonly peerCertificate: () => Uint8Array | undefined;
    readonly peerCertificateAuthorized: () => boolean;
}

const SERVER_LIMITS: Readonly<ServerOptions>;

function nodeListener(server: {
    fetch(request: Request, connection: Connection): Response | Promise<Response>;
}): RequestListener;
